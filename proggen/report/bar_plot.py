"""Signed bars from zero with intervals: the parts of an error, in distribution and out of it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..numbers import number, tick
from .plots import NAME, RIGHT, ROW, TOP, WIDTH, Point, Row, px, svg, ticks

THICK = 5.0  # pixels, a bar


def bar_chart(rows: Sequence[Row], *, title: str, x_label: str) -> str:
    """A bar for each point of a row, on a linear axis that holds zero; empty if there is no other value."""
    values = [v for row in rows for p in row.points for v in (p.mean, p.low, p.high) if v is not None]
    if not any(values):
        return ""
    low, high = min(0.0, *values), max(0.0, *values)
    bottom, scale = TOP + ROW * len(rows), (WIDTH - NAME - RIGHT - 6) / (high - low)

    def x(value: float) -> float:
        return NAME + (value - low) * scale

    marks = ticks(low, high)
    step = marks[1] - marks[0] if len(marks) > 1 else 1.0
    body = [
        f'<path class="pg-grid" d="M{px(x(m))} {TOP}V{px(bottom)}"/>'
        f'<text x="{px(x(m))}" y="{px(bottom + 15)}" text-anchor="middle">{tick(m, step)}</text>'
        for m in marks
    ]
    for i, row in enumerate(rows):
        y = TOP + ROW * (i + 0.5)
        body.append(
            f'<text class="pg-row {escape(row.style)}" x="{NAME - 10}" y="{px(y + 4)}" text-anchor="end">'
            f"{escape(row.label)}</text>"
        )
        body += [_bar(p, x(0.0), x(p.mean), y + THICK * 0.7 * p.lane) for p in row.points]
        body += [_whisker(x(p.low), x(p.high), y + THICK * 0.7 * p.lane)
                 for p in row.points if p.low is not None and p.high is not None]  # fmt: skip
    body.append(f'<path class="pg-axis" d="M{px(x(0.0))} {TOP}V{px(bottom)}"/>')
    body.append(
        f'<text class="pg-label" x="{WIDTH - RIGHT}" y="{bottom + 30}" text-anchor="end">{escape(x_label)}</text>'
    )
    return svg(title, _describe(rows), body, bottom + 36)


def _bar(point: Point, zero: float, end: float, y: float) -> str:
    left, width = min(zero, end), abs(end - zero)
    return (
        f'<rect class="pg-bar pg-{escape(point.style)}" x="{px(left)}" y="{px(y - THICK / 2)}" '
        f'width="{px(width)}" height="{px(THICK)}"/>'
    )


def _whisker(low: float, high: float, y: float) -> str:
    return f'<path class="pg-axis" d="M{px(low)} {px(y)}H{px(high)}"/>'


def _describe(rows: Sequence[Row]) -> str:
    parts = [
        f"{row.label}: " + (", ".join(f"{p.style} {number(p.mean)}" for p in row.points) or "no value")
        for row in rows
    ]
    return "; ".join(parts) + "."
