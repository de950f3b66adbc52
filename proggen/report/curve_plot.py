"""Means with intervals along an axis: errors over the horizon, or over the number of training clips."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from ..numbers import number, tick
from .plots import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, px, svg, ticks

Point = tuple[float, float]
_SPAN = 5.0  # decades below the largest value that a logarithmic axis shows


@dataclass(frozen=True)
class Curve:
    """mean[i], low[i], high[i] at x[i]; None is a gap. `style` is a CSS class.

    interval: "band" shades it, "bars" draws one at each point, "" leaves it out.
    """

    label: str
    style: str
    x: Sequence[float]
    mean: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]
    interval: str = ""


@dataclass(frozen=True)
class _Scale:
    """Values to pixels: linear, or logarithmic with what is too small at the lower edge."""

    x_low: float
    x_high: float
    low: float
    high: float
    log: bool

    def x(self, value: float) -> float:
        return LEFT + (value - self.x_low) / (self.x_high - self.x_low) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        if self.log:
            value = math.log10(max(value, 10**self.low))
        share = min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
        return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)

    def marks(self) -> list[tuple[float, str]]:
        if not self.log:
            found = ticks(self.low, self.high)
            step = found[1] - found[0] if len(found) > 1 else 1.0
            return [(v, tick(v, step)) for v in found]
        decades = range(math.floor(self.low), math.ceil(self.high) + 1)
        wide = self.high - self.low > 2
        values = [m * 10.0**e for e in decades for m in ((1,) if wide else (1, 2, 5))]
        return [(v, tick(v)) for v in values if self.low <= math.log10(v) <= self.high]


def curve_plot(
    curves: Sequence[Curve],
    *,
    title: str,
    x_label: str,
    y_label: str,
    log: bool,
    x_marks: Sequence[float] | None = None,
) -> str:
    """An SVG; empty if there is nothing to draw. On a logarithmic axis only positive values are drawn."""
    drawn = [c for c in curves if any(True for _ in _points(c, c.mean, log))]
    if not drawn:
        return ""
    scale = _scale(drawn, log)
    marks = x_marks or [m for m in ticks(0, scale.x_high, 7) if m == int(m) and m >= scale.x_low]
    body = [_grid(scale), _x_axis(scale, marks), _labels(x_label, y_label)]
    body += [_interval(scale, c) for c in drawn if c.interval]
    body += [_line(scale, c) for c in reversed(drawn)]
    return svg(title, _describe(drawn), body, HEIGHT)


def _scale(curves: Sequence[Curve], log: bool) -> _Scale:
    xs = [x for c in curves for x in c.x]
    shown = [c.mean for c in curves] + [s for c in curves if c.interval for s in (c.low, c.high)]
    values = [v for series in shown for v in series if v is not None and math.isfinite(v)]
    pad = 0.02 * (max(xs) - min(xs)) or 0.5
    if log:
        top = math.log10(max(values))
        floor = max(math.log10(min(v for v in values if v > 0)), top - _SPAN)
        return _Scale(min(xs) - pad, max(xs) + pad, floor - 0.1, top + 0.1, log)
    margin = 0.06 * (max(values) - min(values)) or max(0.05 * abs(max(values)), 1e-3)
    return _Scale(min(xs) - pad, max(xs) + pad, min(values) - margin, max(values) + margin, log)


def _points(curve: Curve, values: Sequence[float | None], log: bool) -> Iterator[Point]:
    for x, value in zip(curve.x, values, strict=True):
        if value is not None and math.isfinite(value) and (value > 0 or not log):
            yield x, value


def _grid(scale: _Scale) -> str:
    parts = []
    for value, text in scale.marks():
        y = scale.y(value)
        parts.append(f'<path class="pg-grid" d="M{LEFT} {px(y)}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{px(y + 4)}" text-anchor="end">{text}</text>')
    return "".join(parts)


def _x_axis(scale: _Scale, marks: Sequence[float]) -> str:
    base = HEIGHT - BOTTOM
    parts = [f'<path class="pg-axis" d="M{LEFT} {base}H{WIDTH - RIGHT}"/>']
    for mark in marks:
        parts.append(
            f'<text x="{px(scale.x(mark))}" y="{base + 15}" text-anchor="middle">{tick(mark)}</text>'
        )
    return "".join(parts)


def _labels(x_label: str, y_label: str) -> str:
    middle = TOP + (HEIGHT - TOP - BOTTOM) / 2
    return (
        f'<text class="pg-label" x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">{escape(x_label)}</text>'
        f'<text class="pg-label" transform="translate(11 {px(middle)}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_label)}</text>"
    )


def _interval(scale: _Scale, curve: Curve) -> str:
    style = escape(curve.style)
    ends = [
        (scale.x(x), scale.y(low), scale.y(high))
        for x, low, high in zip(curve.x, curve.low, curve.high, strict=True)
        if low is not None and high is not None and (high > 0 or not scale.log)
    ]
    if curve.interval == "bars":
        path = "".join(f"M{px(x)} {px(low)}V{px(high)}" for x, low, high in ends)
        return f'<path class="pg-whisker pg-curve-{style}" d="{path}"/>'
    there = [f"{px(x)} {px(high)}" for x, _, high in ends]
    back = [f"{px(x)} {px(low)}" for x, low, _ in reversed(ends)]
    return f'<path class="pg-band pg-curve-{style}" d="M{"L".join(there + back)}Z"/>'


def _line(scale: _Scale, curve: Curve) -> str:
    style, points = escape(curve.style), list(_points(curve, curve.mean, scale.log))
    place = {x: i for i, x in enumerate(curve.x)}
    path, previous = "", -2
    for x, value in points:
        path += f"{'L' if previous == place[x] - 1 else 'M'}{px(scale.x(x))} {px(scale.y(value))}"
        previous = place[x]
    drawn = f'<path class="pg-curve pg-curve-{style}" d="{path}"/>'
    if curve.interval == "bars":
        dots = "".join(f"M{px(scale.x(x))} {px(scale.y(v))}h0" for x, v in points)
        drawn += f'<path class="pg-dots pg-curve-{style}" d="{dots}"/>'
    return drawn


def _describe(curves: Sequence[Curve]) -> str:
    parts = []
    for curve in curves:
        known = [(x, v) for x, v in zip(curve.x, curve.mean, strict=True) if v is not None]
        (first, start), (last, end) = known[0], known[-1]
        parts.append(f"{curve.label}: {number(start)} at {tick(first)}, {number(end)} at {tick(last)}")
    return "; ".join(parts) + "."
