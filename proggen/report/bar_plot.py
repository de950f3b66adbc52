"""Signed bars from zero with intervals: the parts of an error, in distribution and out of it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .plots import NAME, RIGHT, ROW, TOP, WIDTH, Point, Row, svg, tick_text, ticks
from .words import number

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
        f'<path class="pg-grid" d="M{x(m):.1f} {TOP}V{bottom:g}"/>'
        f'<text x="{x(m):.1f}" y="{bottom + 15:g}" text-anchor="middle">{tick_text(m, step)}</text>'
        for m in marks
    ]
    for i, row in enumerate(rows):
        y = TOP + ROW * (i + 0.5)
        body.append(
            f'<text class="pg-row {escape(row.style)}" x="{NAME - 10}" y="{y + 4:g}" text-anchor="end">'
            f"{escape(row.label)}</text>"
        )
        body += [_bar(p, x(0.0), x(p.mean), y + THICK * 0.7 * p.lane) for p in row.points]
        body += [_whisker(x(p.low), x(p.high), y + THICK * 0.7 * p.lane)
                 for p in row.points if p.low is not None and p.high is not None]  # fmt: skip
    body.append(f'<path class="pg-axis" d="M{x(0.0):.1f} {TOP}V{bottom:g}"/>')
    body.append(
        f'<text class="pg-label" x="{WIDTH - RIGHT}" y="{bottom + 30}" text-anchor="end">{escape(x_label)}</text>'
    )
    return svg(title, _describe(rows), body, bottom + 36)


def _bar(point: Point, zero: float, end: float, y: float) -> str:
    left, width = min(zero, end), abs(end - zero)
    return (
        f'<rect class="pg-bar pg-{escape(point.style)}" x="{left:.1f}" y="{y - THICK / 2:g}" '
        f'width="{width:.1f}" height="{THICK:g}"/>'
    )


def _whisker(low: float, high: float, y: float) -> str:
    return f'<path class="pg-axis" d="M{low:.1f} {y:g}H{high:.1f}"/>'


def _describe(rows: Sequence[Row]) -> str:
    parts = [
        f"{row.label}: " + (", ".join(f"{p.style} {number(p.mean)}" for p in row.points) or "no value")
        for row in rows
    ]
    return "; ".join(parts) + "."
