"""Small SVG plots: lines over frames, and points with intervals on a logarithmic axis.

Colours are CSS classes (docs/assets/proggen.css), so that light and dark schemes both fit. Every plot carries its
text equivalent as <title> and <desc>. All text is escaped here; the result goes through the vault as markup.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from .words import number

WIDTH, HEIGHT = 420, 210
LEFT, RIGHT, TOP, BOTTOM = 54, 10, 12, 34
CLIP_SPANS = 2.0  # a prediction may stretch the axis to this many spans of the truth on either side


@dataclass(frozen=True)
class Line:
    """values[i] belongs to frame start + i; None is a gap. `style` is a CSS class: truth, prediction, ..."""

    label: str
    style: str
    start: int
    values: Sequence[float | None]
    leads: bool = False  # this line decides the axis; others are cut off where they run away

    def points(self) -> Iterator[tuple[int, float]]:
        for i, value in enumerate(self.values):
            if value is not None and math.isfinite(value):
                yield self.start + i, value


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


def _tick_text(value: float, step: float) -> str:
    if value and not 1e-3 <= abs(value) < 1e5:
        return number(value, 2)
    places = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 2
    return f"{value:.{places}f}".replace("-", "−") if abs(value) > step * 1e-6 else "0"


def limits(lines: Sequence[Line]) -> tuple[float, float]:
    """Axis limits with a margin; lines that run away from the leading ones do not flatten these."""
    values = [v for line in lines for _, v in line.points()]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    leading = [v for line in lines if line.leads for _, v in line.points()]
    if leading:
        span = max(max(leading) - min(leading), 0.02 * max(map(abs, leading)), 1e-6)
        low = max(low, min(leading) - CLIP_SPANS * span)
        high = min(high, max(leading) + CLIP_SPANS * span)
    # A constant's last digits must not look like a motion: the axis spans at least a hundredth of its values.
    spare = 0.01 * max(abs(low), abs(high)) - (high - low)
    if leading and spare > 0:
        low, high = low - spare / 2, high + spare / 2
    margin = 0.06 * (high - low) or max(0.05 * abs(high), 1e-3)
    return low - margin, high + margin


@dataclass(frozen=True)
class _Axes:
    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, value: float) -> float:
        return LEFT + (value - self.x_low) / (self.x_high - self.x_low) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.y_low) / (self.y_high - self.y_low)
        return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)


def line_plot(
    lines: Sequence[Line], *, title: str, y_label: str, context: int = 0, zero: bool = False
) -> str:
    """Lines over frames, with the first `context` frames shaded; empty if no line has a point."""
    drawn = [line for line in lines if any(True for _ in line.points())]
    if not drawn:
        return ""
    low, high = limits(drawn)
    last = max(f for line in drawn for f, _ in line.points())
    axes = _Axes(-0.5, max(last + 0.5, 1), 0.0 if zero and low <= 0.06 * high else low, high)
    body = [_shade(axes, context), _y_axis(axes), _x_axis(axes, last), _labels(y_label, "frame")]
    # the nested <svg> cuts off what runs out of the axes, without an id that could clash
    body.append(
        f'<svg x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - TOP - BOTTOM}" '
        f'viewBox="{LEFT} {TOP} {WIDTH - LEFT - RIGHT} {HEIGHT - TOP - BOTTOM}">'
        + "".join(_line(axes, line) for line in drawn)
        + "</svg>"
    )
    return _svg(title, _describe_lines(drawn, axes), body, HEIGHT)


def _svg(title: str, description: str, body: Sequence[str], height: float, width: int = WIDTH) -> str:
    return (
        f'<svg class="pg-plot" viewBox="0 0 {width} {height:g}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(body)}</svg>"
    )


def _shade(axes: _Axes, context: int) -> str:
    if not context:
        return ""
    width, height = axes.x(context - 0.5) - LEFT, HEIGHT - TOP - BOTTOM
    return f'<rect class="pg-context" x="{LEFT}" y="{TOP}" width="{width:.1f}" height="{height}"/>'


def _y_axis(axes: _Axes) -> str:
    marks = ticks(axes.y_low, axes.y_high)
    step = marks[1] - marks[0] if len(marks) > 1 else 1.0
    parts = []
    for mark in marks:
        y = axes.y(mark)
        parts.append(f'<path class="pg-grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_tick_text(mark, step)}</text>'
        )
    return "".join(parts)


def _x_axis(axes: _Axes, last: int) -> str:
    base = HEIGHT - BOTTOM
    parts = [f'<path class="pg-axis" d="M{LEFT} {base}H{WIDTH - RIGHT}"/>']
    for mark in ticks(0, last, 7):
        if mark == int(mark):
            parts.append(
                f'<text x="{axes.x(mark):.1f}" y="{base + 15}" text-anchor="middle">{int(mark)}</text>'
            )
    return "".join(parts)


def _labels(y_label: str, x_label: str) -> str:
    middle = TOP + (HEIGHT - TOP - BOTTOM) / 2
    return (
        f'<text class="pg-label" x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">{escape(x_label)}</text>'
        f'<text class="pg-label" transform="translate(11 {middle:g}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_label)}</text>"
    )


def _line(axes: _Axes, line: Line) -> str:
    style = escape(line.style)
    path, previous = [], None
    for frame, value in line.points():
        path.append(
            f"{'L' if previous == frame - 1 else 'M'}{axes.x(frame):.1f} {_bounded(axes.y(value)):.1f}"
        )
        previous = frame
    drawn = f'<path class="pg-line pg-{style}" d="{"".join(path)}"/>'
    if line.style in ("prediction", "estimate", "counterfactual"):
        dots = "".join(f"M{axes.x(f):.1f} {_bounded(axes.y(v)):.1f}h0" for f, v in line.points())
        drawn += f'<path class="pg-dots pg-{style}" d="{dots}"/>'
    return drawn


def _bounded(pixel: float) -> float:
    return min(max(pixel, -1e4), 1e4)


def _describe_lines(lines: Sequence[Line], axes: _Axes) -> str:
    parts = []
    for line in lines:
        points = list(line.points())
        parts.append(
            f"{line.label}: from {number(points[0][1])} at frame {points[0][0]} "
            f"to {number(points[-1][1])} at frame {points[-1][0]}"
        )
        if any(not axes.y_low <= v <= axes.y_high for _, v in points):
            parts[-1] += f" (leaves the plot; largest {number(max(v for _, v in points))})"
    return "; ".join(parts) + "."


ROW = 20
NAME = 168


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
            f'<text class="pg-row {escape(row.style)}" x="{NAME - 10}" y="{y + 4:g}" text-anchor="end">'
        )
        body.append(f"{escape(row.label)}</text>")
        body += [_point(p, x, y + 5 * p.lane) for p in row.points]
    body.append(
        f'<text class="pg-label" x="{WIDTH - RIGHT}" y="{bottom + 30}" text-anchor="end">{escape(x_label)}</text>'
    )
    return _svg(title, _describe_rows(rows), body, bottom + 36)


def _log_axis(low: float, high: float, x: Callable[[float], float], bottom: float) -> str:
    marks = [m * 10.0**e for e in range(math.floor(low), math.ceil(high) + 1) for m in (1, 2, 5)]
    inside = [m for m in marks if low <= math.log10(m) <= high]
    if len(inside) > 6:
        inside = [m for m in inside if abs(math.log10(m) - round(math.log10(m))) < 1e-9] or inside[::2]
    parts = []
    for mark in inside:
        parts.append(f'<path class="pg-grid" d="M{x(mark):.1f} {TOP}V{bottom:g}"/>')
        parts.append(f'<text x="{x(mark):.1f}" y="{bottom + 15:g}" text-anchor="middle">{mark:g}</text>')
    return "".join(parts)


def _point(point: Point, x: Callable[[float], float], y: float) -> str:
    style, centre = escape(point.style), x(point.mean)
    drawn = ""
    if point.low is not None and point.high is not None:
        drawn = f'<path class="pg-whisker pg-{style}" d="M{x(point.low):.1f} {y:g}H{x(point.high):.1f}"/>'
    return drawn + f'<circle class="pg-point pg-{style}" cx="{centre:.1f}" cy="{y:g}" r="3.6"/>'


def _describe_rows(rows: Sequence[Row]) -> str:
    parts = []
    for row in rows:
        means = ", ".join(f"{p.style.split()[0]} {number(p.mean)}" for p in row.points)
        parts.append(f"{row.label}: {means or 'no value'}")
    return "; ".join(parts) + "."
