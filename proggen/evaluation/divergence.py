"""Where a prediction leaves the truth: in a variable of the state, or in the picture.

A variable has left where it is off by more than three times perception's noise (see `effects`) and by more than a
hundredth of the way that it goes in the episode. A picture has left where it is twice as far from the true frame as
the true motion, drawn by the same program, and farther than `FAR`: drawing and video codec are no fault of the
prediction, and a row of whole pixels beside its place, as drawings without soft edges have it, is none yet. A value
that the prediction does not have where the truth has one is off by infinitely much.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..archive.records import BenchmarkRecord, OverTimeRecord, StatesRecord, TrajectoryRecord, VariableRecord
from .effects import TINY, perception_noise
from .methods import OURS, TRUE_STATES
from .severity import PSNR, SSIM, distance

NOISES = 3.0
SHARE = 0.01
TWICE = 2.0  # 6 dB
FAR = {PSNR: distance(PSNR, 30.0), SSIM: distance(SSIM, 0.99)}

Series = Sequence[float | None]


@dataclass(frozen=True)
class Divergence:
    """The first predicted frame in which a quantity has left the truth.

    quantity: a true variable's name, "psnr" or "ssim". value: distance from the truth in `unit`, or the
    picture's PSNR (dB) or SSIM; None where the prediction has no value. limit: the greatest distance, or the
    least PSNR or SSIM, that would be none.
    """

    frame: int
    quantity: str
    unit: str
    value: float | None
    limit: float

    @property
    def of_picture(self) -> bool:
        return self.quantity in FAR


@dataclass(frozen=True)
class Departures:
    """first: of all quantities, None if each stays with the truth. unjudged: variables without a prediction."""

    first: Divergence | None
    unjudged: list[str]


def departures(record: BenchmarkRecord, states: StatesRecord, over_time: OverTimeRecord) -> Departures:
    """Of all true variables, PSNR and SSIM; in one frame a variable comes before a picture."""
    matched = {m.truth for m in record.matches if m.variable is not None}
    judged = [v for v in record.truth_variables if v.name in matched]
    of_states = (_variable(record, states, v) for v in judged)
    of_pictures = (_picture(states.compared.start, over_time, name) for name in FAR)
    found = [d for d in (*of_states, *of_pictures) if d is not None]
    first = min(found, key=lambda d: (d.frame, d.of_picture, -_excess(d)), default=None)
    return Departures(first, [v.name for v in record.truth_variables if v.name not in matched])


def column(trajectory: TrajectoryRecord, name: str) -> list[float | None]:
    """One variable over the trajectory's frames; all None if it has no such variable."""
    if name not in trajectory.names:
        return [None] * len(trajectory.values)
    index = trajectory.names.index(name)
    return [row[index] for row in trajectory.values]


def _variable(record: BenchmarkRecord, states: StatesRecord, variable: VariableRecord) -> Divergence | None:
    true, predicted = column(states.truth, variable.name), column(states.compared, variable.name)
    limit = _limit(record, variable.name, [v for v in true if v is not None])
    first = states.compared.start
    for frame, (p, t) in enumerate(zip(predicted, true[first - states.truth.start :], strict=False), first):
        if t is None:
            continue
        gap = None if p is None else abs(_turn(p - t) if variable.unit == "rad" else p - t)
        if gap is None or gap > limit:
            return Divergence(frame, variable.name, variable.unit, gap, limit)
    return None


def _limit(record: BenchmarkRecord, name: str, true: Sequence[float]) -> float:
    match = next(m for m in record.matches if m.truth == name)
    noise = perception_noise(match, record.estimation) or 0.0
    way = max(true, default=0.0) - min(true, default=0.0)
    return max(NOISES * noise, SHARE * way, TINY)


def _turn(angle: float) -> float:
    return math.remainder(angle, 2 * math.pi)


def _excess(found: Divergence) -> float:
    if found.value is None or not found.limit:
        return math.inf
    return found.value / found.limit


def _picture(start: int, over_time: OverTimeRecord, metric: str) -> Divergence | None:
    series = over_time.values.get(metric, {})
    ours = series.get(OURS, [])
    limits = _limits(metric, series.get(TRUE_STATES, []), len(ours))
    for frame, (value, limit) in enumerate(zip(ours, limits, strict=True), start):
        if value is None or value < limit:
            return Divergence(frame, metric, "dB" if metric == PSNR else "", value, limit)
    return None


def _limits(metric: str, drawn: Series, frames: int) -> Iterator[float]:
    """The least value in each frame that is no divergence; of unknown drawings `FAR` alone."""
    known = [*drawn, *[None] * (frames - len(drawn))]
    for value in known[:frames]:
        far = FAR[metric] if value is None else max(FAR[metric], TWICE * distance(metric, value))
        yield _value(metric, far)


def _value(metric: str, far: float) -> float:
    """The inverse of `distance`."""
    return -20 * math.log10(far) if metric == PSNR else 1.0 - far
