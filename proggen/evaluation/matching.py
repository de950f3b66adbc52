"""Which of a program's variables stands for which true one, and in which convention.

A program names and scales its variables as it likes: `red_ball.row` in pixels downwards may be the truth's
`ball.y` in world units upwards. The match is found on the training clips, as truth = sign * factor *
variable + offset, where factor and offset come from a short list of conventions: the camera's units per
pixel, centimetres, degrees, a rate per frame; the picture's origin and edges, quarter and half turns. There
is no free regression: a fitted factor would quietly repair what the program gets wrong, such as a pixel
scale that is 0.4 % too small, and that is an error to be measured.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ..archive.records import MatchRecord
from ..clips import Camera
from ..numbers import percent
from ..states import Trajectory, Variable

Array = NDArray[np.float64]

THRESHOLD = 0.5  # of the truth's spread; a greater residual leaves a quarter of the variance unexplained
DEPARTURE = 0.02  # of the spread; what another sign, factor, offset or object must gain to be preferred
KEPT = 0.9  # part of the frames, the best fitting, that a residual is taken over: perception has outliers
SHARED = 0.05  # of the spread; a variable used already serves a second truth if it follows it this closely
BLOCK = 8  # frames; rates are compared as means over so many, for single differences of pixels are noise
FLOOR_PIXELS = 4.0  # least spread of a length, in pixels (of a velocity: pixels per second)
FLOOR_ANGLE = 0.05  # rad, and rad/s: least spread of an angle and its rate
OBSERVED = 0.1  # part of the frames in which a variable must be observed to be matched


@dataclass(frozen=True)
class _Transformation:
    sign: int = 1
    factor: float = 1.0
    offset: float = 0.0

    @property
    def departures(self) -> int:
        return (self.sign != 1) + (self.factor != 1.0) + (self.offset != 0.0)

    def __call__(self, values: Array) -> Array:
        return self.sign * self.factor * values + self.offset


@dataclass(frozen=True)
class _Pair:
    """A true and a program variable, best transformed; `error` and `cost` are in parts of the spread."""

    truth: Variable
    name: str
    transformation: _Transformation
    error: float
    residual: float

    @property
    def cost(self) -> float:
        return self.error + DEPARTURE * self.transformation.departures


def match(
    truth: Sequence[Trajectory],
    perceived: Sequence[Trajectory],
    truth_variables: Sequence[Variable],
    camera: Camera,
    *,
    frame_size: tuple[int, int] | None = None,
    fps: float | None = None,
) -> list[MatchRecord]:
    """One record a true variable, in their order; `variable` is None, and the note says why, if none fits.

    truth[i], perceived[i]: states of one training clip from its first frame on; the shorter one decides how
    many are compared. frame_size: (height, width) in pixels; with it the picture's edges and middle count
    as possible origins. fps: with it rates may be per frame.

    The residual is the RMS, in the truth's unit, over the 90 % of the frames that fit best and where both
    are observed; rates are first averaged over eight frames. It is compared in parts of the truth's
    standard deviation over the training clips (at least four pixels, or 0.05 rad). Each program variable is
    used once, so that the sum of the residuals is least (Hungarian method), a truth left out counting as
    `THRESHOLD`. On near-ties the identity wins, and then the object that the truth's other variables were
    found in. A truth left out so may share a variable that follows it closely (`SHARED`): programs give two
    things at one height a single height.
    """
    if not truth or len(truth) != len(perceived):
        raise ValueError(f"{len(truth)} true and {len(perceived)} perceived trajectories cannot be matched")
    names = perceived[0].names
    pairs = []
    for v in truth_variables:
        floor, conventions = _floor(v, camera), _transformations(v, camera, frame_size, fps)
        columns = [_columns(truth, perceived, v, name) for name in names]
        pairs.append([_best(c, v, n, floor, conventions) for n, c in zip(names, columns, strict=True)])
    chosen = _assign(pairs, dict.fromkeys((v.name for v in truth_variables), ""))
    chosen = _share(pairs, _assign(pairs, _objects(chosen)))
    return [_record(v, c, row) for v, c, row in zip(truth_variables, chosen, pairs, strict=True)]


def apply(matches: Sequence[MatchRecord], trajectory: Trajectory) -> Trajectory:
    """A program's trajectory in the truth's variables and units; a truth without a match is NaN."""
    columns = [
        np.full(len(trajectory), np.nan)
        if m.variable is None or m.variable not in trajectory.names
        else _Transformation(m.sign, m.factor, m.offset)(trajectory[m.variable])
        for m in matches
    ]
    values = np.stack(columns, axis=1) if columns else np.empty((len(trajectory), 0))
    return Trajectory(tuple(m.truth for m in matches), values)


def unapply(matches: Sequence[MatchRecord], trajectory: Trajectory, names: Sequence[str]) -> Trajectory:
    """The inverse of `apply`: the program's variables `names`, NaN where no match leads to one."""
    found: dict[str, Array] = {}
    for m in matches:
        if m.variable is not None and m.variable not in found:
            found[m.variable] = (trajectory[m.truth] - m.offset) / (m.sign * m.factor)
    columns = [found.get(n, np.full(len(trajectory), np.nan)) for n in names]
    values = np.stack(columns, axis=1) if columns else np.empty((len(trajectory), 0))
    return Trajectory(tuple(names), values)


def invert(matches: Sequence[MatchRecord], truth: Trajectory, base: Trajectory) -> Trajectory:
    """True states in the program's variables, (T, N), columns as in `base`, a program's states (T, N).

    What no truth was matched to stays as in `base`. A variable that stands for two truths gets their mean;
    an angle is given in the turn that is nearest to the one in `base`.
    """
    if len(truth) != len(base):
        raise ValueError(f"{len(truth)} true states cannot replace {len(base)} states of a program")
    values = base.values.copy()
    for i, name in enumerate(base.names):
        found = [_inverse(m, truth[m.truth], base[name]) for m in matches if m.variable == name]
        if found:
            values[:, i] = np.mean(found, axis=0)
    return Trajectory(base.names, values)


def _inverse(match: MatchRecord, true: Array, base: Array) -> Array:
    scale = match.sign * match.factor
    values: Array = (true - match.offset) / scale
    if match.truth_unit == "rad":
        turn = 2 * math.pi / scale
        values = values + np.nan_to_num(np.round((base - values) / turn)) * turn
    return values


def state_errors_over_time(
    matches: Sequence[MatchRecord], truth: Trajectory, compared: Trajectory
) -> dict[str, Array]:
    """`state.<variable>` -> absolute error of each frame, (T,), in the truth's unit; NaN without a match.

    truth, compared: the same frames. Angles (unit rad) are compared modulo a full turn.
    """
    if len(truth) != len(compared):
        raise ValueError(f"{len(compared)} states cannot be compared with {len(truth)} true ones")
    ours = compared.ordered([m.truth for m in matches])
    return {
        f"state.{m.truth}": np.abs(_difference(ours[m.truth], truth[m.truth], m.truth_unit)) for m in matches
    }


def state_errors(matches: Sequence[MatchRecord], truth: Trajectory, compared: Trajectory) -> dict[str, float]:
    """`state.<variable>` -> mean absolute error over the frames, in the truth's unit; NaN without a match."""
    over_time = state_errors_over_time(matches, truth, compared)
    return {name: float(e.mean()) if e.size else math.nan for name, e in over_time.items()}


def _columns(
    truth: Sequence[Trajectory], perceived: Sequence[Trajectory], variable: Variable, name: str
) -> tuple[Array, Array, float]:
    """True and perceived values where both are observed, all clips together, and the truth's spread."""
    trues, ours = [], []
    for t, p in zip(truth, perceived, strict=True):
        frames = min(len(t), len(p))
        trues.append(t[variable.name][:frames])
        ours.append(p.ordered([name])[name][:frames])
    every = np.concatenate(trues)
    spread = float(np.std(every[np.isfinite(every)])) if np.isfinite(every).any() else 0.0
    observed = sum(int((np.isfinite(t) & np.isfinite(p)).sum()) for t, p in zip(trues, ours, strict=True))
    if observed < max(3, OBSERVED * len(every)):
        return np.empty(0), np.empty(0), spread
    size = BLOCK if variable.unit.endswith("/s") else 1
    blocks = [_blocks(t, p, size) for t, p in zip(trues, ours, strict=True)]
    return np.concatenate([b[0] for b in blocks]), np.concatenate([b[1] for b in blocks]), spread


def _blocks(true: Array, ours: Array, size: int) -> tuple[Array, Array]:
    """Means over groups of `size` consecutive frames in which both are observed; the last may be smaller."""
    both = np.isfinite(true) & np.isfinite(ours)
    starts = np.arange(0, int(both.sum()), size)
    if not starts.size:
        return np.empty(0), np.empty(0)
    counts = np.diff(np.append(starts, both.sum()))
    return np.add.reduceat(true[both], starts) / counts, np.add.reduceat(ours[both], starts) / counts


def _best(
    columns: tuple[Array, Array, float],
    variable: Variable,
    name: str,
    floor: float,
    transformations: Sequence[_Transformation],
) -> _Pair:
    true, ours, spread = columns
    if not true.size:
        return _Pair(variable, name, _Transformation(), math.inf, math.inf)
    scale = max(spread, floor)
    pairs = []
    for transformation in transformations:
        residual = _residual(_difference(transformation(ours), true, variable.unit))
        pairs.append(_Pair(variable, name, transformation, residual / scale, residual))
    return min(pairs, key=lambda pair: pair.cost)


def _transformations(
    variable: Variable, camera: Camera, frame_size: tuple[int, int] | None, fps: float | None
) -> list[_Transformation]:
    """The conventions that a variable of this unit may have, the identity first."""
    unit, rate = variable.unit.removesuffix("/s"), variable.unit.endswith("/s")
    factors, offsets = [1.0], [0.0]
    if unit == camera.unit:
        factors += [camera.units_per_pixel, 0.01]
        offsets += [] if rate else _origins(camera, frame_size)
    elif unit == "rad":
        factors += [math.pi / 180]
        offsets += [] if rate else [math.pi / 2, -math.pi / 2, math.pi]  # -pi is the same angle as pi
    if rate and fps is not None:
        factors += [f * fps for f in factors]
    return [
        _Transformation(sign, factor, offset) for factor in factors for offset in offsets for sign in (1, -1)
    ]


def _origins(camera: Camera, frame_size: tuple[int, int] | None) -> list[float]:
    """Distances, in world units, of another origin: pixel (0, 0), or an edge or the middle of the picture."""
    pixels = [camera.origin_column, camera.origin_row]
    for size in frame_size or ():
        pixels += [size - 1, (size - 1) / 2]
    distances = sorted({p * camera.units_per_pixel for p in pixels if p})
    return [signed for d in distances for signed in (d, -d)]


def _floor(variable: Variable, camera: Camera) -> float:
    if variable.unit.startswith("rad"):
        return FLOOR_ANGLE
    return FLOOR_PIXELS * camera.units_per_pixel


def _difference(ours: Array, true: Array, unit: str) -> Array:
    difference: Array = ours - true
    if unit == "rad":
        difference = (difference + math.pi) % (2 * math.pi) - math.pi
    return difference


def _residual(difference: Array) -> float:
    squares = np.sort(difference**2)[: max(1, math.ceil(KEPT * len(difference)))]
    return float(np.sqrt(squares.mean()))


def _assign(pairs: list[list[_Pair]], objects: dict[str, str]) -> list[_Pair | None]:
    """The pairs whose costs have the least sum; None where leaving a truth out costs no more."""

    def cost(pair: _Pair) -> float:
        expected = objects.get(pair.truth.name, "")
        elsewhere = bool(expected) and _object(pair.name) != expected
        return min(pair.cost + DEPARTURE * elsewhere, THRESHOLD)

    costs = np.array([[cost(p) for p in row] for row in pairs]).reshape(len(pairs), -1)
    chosen: list[_Pair | None] = [None] * len(pairs)
    for i, j in zip(*linear_sum_assignment(costs), strict=True):
        if costs[i, j] < THRESHOLD:
            chosen[i] = pairs[i][j]
    return chosen


def _share(pairs: list[list[_Pair]], chosen: Sequence[_Pair | None]) -> list[_Pair | None]:
    shared = [min(row, key=lambda p: p.cost, default=None) for row in pairs]
    return [
        c or (s if s is not None and s.error < SHARED else None) for c, s in zip(chosen, shared, strict=True)
    ]


def _objects(chosen: Sequence[_Pair | None]) -> dict[str, str]:
    """True variable -> the program's object that most variables of its own object were found in."""
    votes: dict[str, Counter[str]] = {}
    for pair in chosen:
        if pair is not None:
            votes.setdefault(_object(pair.truth.name), Counter())[_object(pair.name)] += 1
    winner = {o: counter.most_common(1)[0][0] for o, counter in votes.items()}
    return {p.truth.name: winner[_object(p.truth.name)] for p in chosen if p is not None}


def _object(name: str) -> str:
    return name.rpartition(".")[0]


def _record(variable: Variable, pair: _Pair | None, row: Sequence[_Pair]) -> MatchRecord:
    if pair is None:
        return MatchRecord(
            truth=variable.name, truth_unit=variable.unit, variable=None, note=_why_unmatched(row)
        )
    t = pair.transformation
    return MatchRecord(
        truth=variable.name,
        truth_unit=variable.unit,
        variable=pair.name,
        sign=t.sign,
        factor=t.factor,
        offset=t.offset,
        residual=pair.residual,
        note="" if not t.departures else "the program uses another sign, unit or origin",
    )


def _why_unmatched(row: Sequence[_Pair]) -> str:
    nearest = min(row, key=lambda p: p.error, default=None)
    if nearest is None or not math.isfinite(nearest.error):
        return "no variable of the program was observed in enough frames"
    if nearest.error < THRESHOLD:
        return f"its nearest variable, {nearest.name}, fits another true variable better"
    distance = f"{percent(nearest.error)} of its spread"
    return f"no variable of the program follows it; the nearest, {nearest.name}, is off by {distance}"
