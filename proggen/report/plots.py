"""Small SVG plots: points with intervals on a logarithmic axis, and what other plots share.

Colours are CSS classes (docs/assets/proggen.css), so that light and dark schemes both fit. Every plot carries its
text equivalent as <title> and <desc>. All text is escaped here; the result goes through the vault as markup.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from ..numbers import number, tick

WIDTH, HEIGHT = 420, 210
LEFT, RIGHT, TOP, BOTTOM = 54, 10, 12, 34
ROW, NAME = 20, 168  # height of a row with a name in front, and the room for names


@dataclass(frozen=True)
class Point:
    """A mean with its interval on a row of `interval_chart`; `style` is CSS classes, `lane` shifts it in the row."""

    style: str
    mean: float
    low: float | None = None
    high: float | None = None
    lane: float = 0.0


@dataclass(frozen=True)
class Row:
    label: str
    points: Sequence[Point]
    style: str = ""


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) between two limits."""
    if not high > low:
        return [low]
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def px(value: float) -> str:
    """A coordinate in the drawing: tenths of a pixel are enough."""
    return f"{value:.1f}".removesuffix(".0")


def svg(title: str, description: str, body: Sequence[str], height: float, width: int = WIDTH) -> str:
    """A plot around its parts; title and description are its text equivalent."""
    return (
        f'<svg class="pg-plot" viewBox="0 0 {width} {px(height)}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(body)}</svg>"
    )


def interval_chart(rows: Sequence[Row], *, title: str, x_label: str) -> str:
    """Means with 95 % intervals, one method a row, on a logarithmic axis; empty if nothing is positive."""
    values = [v for row in rows for p in row.points for v in (p.mean, p.low, p.high) if v and v > 0]
    if not values:
        return ""
    low, high = math.log10(min(values)) - 0.1, math.log10(max(values)) + 0.1
    bottom = TOP + ROW * len(rows)

    def x(value: float) -> float:
        share = (math.log10(max(value, 10**low)) - low) / (high - low)
        return NAME + share * (WIDTH - NAME - RIGHT - 6)

    body = [_log_axis(low, high, x, bottom)]
    for i, row in enumerate(rows):
        y = TOP + ROW * (i + 0.5)
        body.append(
            f'<text class="pg-row {escape(row.style)}" x="{NAME - 10}" y="{px(y + 4)}" text-anchor="end">'
        )
        body.append(f"{escape(row.label)}</text>")
        body += [_point(p, x, y + 5 * p.lane) for p in row.points]
    body.append(
        f'<text class="pg-label" x="{WIDTH - RIGHT}" y="{bottom + 30}" text-anchor="end">{escape(x_label)}</text>'
    )
    return svg(title, _describe_rows(rows), body, bottom + 36)


def _log_axis(low: float, high: float, x: Callable[[float], float], bottom: float) -> str:
    marks = [m * 10.0**e for e in range(math.floor(low), math.ceil(high) + 1) for m in (1, 2, 5)]
    inside = [m for m in marks if low <= math.log10(m) <= high]
    if len(inside) > 6:
        inside = [m for m in inside if abs(math.log10(m) - round(math.log10(m))) < 1e-9] or inside[::2]
    parts = []
    for mark in inside:
        parts.append(f'<path class="pg-grid" d="M{px(x(mark))} {TOP}V{px(bottom)}"/>')
        parts.append(
            f'<text x="{px(x(mark))}" y="{px(bottom + 15)}" text-anchor="middle">{tick(mark)}</text>'
        )
    return "".join(parts)


def _point(point: Point, x: Callable[[float], float], y: float) -> str:
    style, centre = escape(point.style), x(point.mean)
    drawn = ""
    if point.low is not None and point.high is not None:
        drawn = f'<path class="pg-whisker pg-{style}" d="M{px(x(point.low))} {px(y)}H{px(x(point.high))}"/>'
    return drawn + f'<circle class="pg-point pg-{style}" cx="{px(centre)}" cy="{px(y)}" r="3.6"/>'


def _describe_rows(rows: Sequence[Row]) -> str:
    parts = []
    for row in rows:
        means = ", ".join(f"{p.style.split()[0]} {number(p.mean)}" for p in row.points)
        parts.append(f"{row.label}: {means or 'no value'}")
    return "; ".join(parts) + "."
