"""Sweeps: one parameter, one initial value or the actions over a range, everything else as it was.

They answer "what if" without a program at hand: the site's sliders move over them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..archive import media
from ..archive.records import (
    FitRecord,
    ParameterRecord,
    SceneRecord,
    SweepRecord,
    SweepsRecord,
    VariableRecord,
    trajectory_record,
)
from ..clips import Clip, Frames
from ..errors import ProgramFailure
from ..sandbox import Sandbox
from ..states import Trajectory
from ..world import WorldProgram
from . import calls
from .counterfactual import Beginning, influence, is_size, rule_of
from .predict import render
from .problems import Rollout

MOST_VALUES = 12  # a sweep
MOST_SHOWN = 12  # frames of a sweep that are drawn
WIDEST = 200  # pixels of a drawn frame
_SAME = 1e-9  # relative: a smaller change is rounding


@dataclass(frozen=True)
class Sweep:
    """What is changed, and the values it takes in turn; None stands for actions as given."""

    target: str
    kind: Literal["parameter", "state", "actions"]
    unit: str
    meaning: str
    because: str
    values: tuple[float | None, ...]
    factual: int  # index of the value of the factual prediction


def ladder(low: float, high: float, factual: float, most: int = MOST_VALUES) -> tuple[float, ...]:
    """At most `most` ascending values from `low` to `high`: round ones, and the factual one among them."""
    if not high > low:
        return (factual,)
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    steps = (s * power for s in (1, 2, 2.5, 4, 5, 10, 20))
    return next(values for step in steps if len(values := _spaced(low, high, step, factual)) <= most)


def _spaced(low: float, high: float, step: float, factual: float) -> tuple[float, ...]:
    """Multiples of the step, without the one that is hard to tell from the factual value, which is added."""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    round_ones = [round(i * step, 12) for i in range(first, last + 1)]
    return tuple(sorted([*(v for v in round_ones if abs(v - factual) > 0.35 * step), factual]))


def choose(
    scene: SceneRecord, fit: FitRecord, beginning: Beginning, moved: Mapping[str, float]
) -> list[Sweep]:
    """What is worth asking of a world: its parameters, and of the initial state speeds, angles, sizes, influences.

    beginning: the factual one. moved: variable -> largest value it takes in the factual prediction, which is
    the scale for what starts at rest.
    """
    found = [_of_parameter(p, scene, fit) for p in fit.parameters]
    for variable in scene.variables:
        values = _initial_values(variable, scene, beginning.state.get(variable.name), moved)
        if values is not None:
            now = beginning.state[variable.name]
            found.append(_sweep(variable.name, "state", variable, rule_of(variable.name, scene), values, now))
    if beginning.actions is not None:
        found.append(_of_actions(beginning))
    return [s for s in found if len(s.values) > 1]


def _sweep(
    target: str,
    kind: Literal["parameter", "state"],
    words: VariableRecord | ParameterRecord,
    because: str,
    values: tuple[float, ...],
    now: float,
) -> Sweep:
    return Sweep(target, kind, words.unit, words.meaning, because, values, values.index(now))


def _of_parameter(p: ParameterRecord, scene: SceneRecord, fit: FitRecord) -> Sweep:
    """Within the program's own bounds, but not further away than twice the value's size."""
    reach = 2 * abs(p.value) or math.inf
    low, high = max(p.low, p.value - reach), min(p.high, p.value + reach)
    return _sweep(p.name, "parameter", p, rule_of(p.name, scene, fit), ladder(low, high, p.value), p.value)


def _initial_values(
    variable: VariableRecord, scene: SceneRecord, now: float | None, moved: Mapping[str, float]
) -> tuple[float, ...] | None:
    """None for a variable that says little when it is changed alone, such as a position."""
    if now is None:
        return None
    if variable.constant and is_size(variable):
        return ladder(0.5 * now, 2 * now, now)
    if variable.constant:
        turned = influence(variable, scene) and now
        return tuple(sorted({-now, 0.0, now})) if turned else None
    if variable.unit == "rad":
        return ladder(now - 0.5, now + 0.5, now)
    if variable.unit.endswith("/s"):
        reach = 2 * max(abs(now), 0.5 * moved.get(variable.name, 0.0)) or 1.0
        return ladder(-reach, reach, now)
    return None


def _of_actions(beginning: Beginning) -> Sweep:
    taken = [] if beginning.actions is None else sorted({float(a) for a in beginning.actions})
    values: list[float | None] = [*taken[: len(taken) // 2], None, *taken[len(taken) // 2 :]]
    meaning = "the action of every frame from here on"
    because = "actions act on the world"
    return Sweep("actions", "actions", "", meaning, because, tuple(values), values.index(None))


def work_out(
    sandbox: Sandbox, world: WorldProgram, sweeps: Sequence[Sweep], beginning: Beginning, factual: Trajectory
) -> list[list[Trajectory | None]]:
    """The future of every value of every sweep, None where the program fails; the factual one is given."""
    asked = [(i, k) for i, s in enumerate(sweeps) for k in range(len(s.values)) if k != s.factual]
    rolled = _rolled(sandbox, world, [_rollout(world, sweeps[i], k, beginning) for i, k in asked])
    futures: list[list[Trajectory | None]] = [[factual] * len(s.values) for s in sweeps]
    for (i, k), states in zip(asked, rolled, strict=True):
        futures[i][k] = states
    return futures


def _rollout(world: WorldProgram, sweep: Sweep, k: int, beginning: Beginning) -> Rollout:
    value, parameters, now = sweep.values[k], dict(world.parameters), beginning
    if value is not None and sweep.kind == "parameter":
        parameters[sweep.target] = value
    elif value is not None and sweep.kind == "state":
        now = replace(beginning, state={**beginning.state, sweep.target: value})
    elif value is not None and beginning.actions is not None:
        now = replace(beginning, actions=np.full_like(beginning.actions, value))
    return Rollout(now.state, parameters, now.dt, now.n_steps, now.actions)


def _rolled(
    sandbox: Sandbox, world: WorldProgram, rollouts: Sequence[Rollout]
) -> Iterator[Trajectory | None]:
    """All at once; where one of them fails, one by one."""
    source = world.sources["dynamics"]
    try:
        yield from [s.ordered(world.names) for s in calls.rollout(sandbox, source, rollouts)]
    except ProgramFailure:
        for rollout in rollouts:
            try:
                [states] = calls.rollout(sandbox, source, [rollout])
                yield states.ordered(world.names)
            except ProgramFailure:
                yield None


def shown_frames(start: int, count: int) -> list[int]:
    """The clip's frames of a sweep that are drawn: evenly spaced, the last one among them."""
    step = -(-count // MOST_SHOWN)
    return list(range(start + count - 1, start - 1, -step))[::-1]


def draw(
    sandbox: Sandbox,
    world: WorldProgram,
    futures: Sequence[Trajectory | None],
    record: SweepsRecord,
    clip: Clip,
) -> bytes | None:
    """A picture with a row for each future and a column for each shown frame; None if one can't be drawn.

    Drawn in full size and scaled down, for a program may know one size only.
    """
    rows = [frame - record.factual.start for frame in record.shown]
    states = [f.part(i, i + 1) for f in futures if f is not None for i in rows]
    whole = Trajectory(world.names, np.concatenate([s.values for s in states]))
    try:
        frames = render(sandbox, world, whole, clip.height, clip.width)
    except ProgramFailure:
        return None
    small = _reduced(frames)
    done = iter(range(0, len(small), len(rows)))
    blank = np.full_like(small[: len(rows)], 128)
    tiles = [blank if f is None else small[(i := next(done)) : i + len(rows)] for f in futures]
    return media.lossy(np.concatenate([np.concatenate(list(t), axis=1) for t in tiles]))


def _reduced(frames: Frames) -> Frames:
    factor = -(-frames.shape[2] // WIDEST)
    return np.stack([np.asarray(Image.fromarray(f).reduce(factor)) for f in frames])


def record(
    benchmark: str,
    episode: str,
    start: int,
    factual: Trajectory,
    sweeps: Sequence[Sweep],
    futures: Sequence[Sequence[Trajectory | None]],
) -> SweepsRecord:
    """What the archive keeps; `start` is the clip's frame of the first predicted state."""
    rounded = trajectory_record(Trajectory(factual.names, six_digits(factual.values)), start)
    kept = [_record(s, f, factual) for s, f in zip(sweeps, futures, strict=True)]
    shown = shown_frames(start, len(factual))
    return SweepsRecord(benchmark=benchmark, episode=episode, factual=rounded, shown=shown, sweeps=kept)


def _record(sweep: Sweep, futures: Sequence[Trajectory | None], factual: Trajectory) -> SweepRecord:
    changed = [n for n in factual.names if any(f is not None and _differs(f[n], factual[n]) for f in futures)]
    return SweepRecord(
        target=sweep.target,
        kind=sweep.kind,
        unit=sweep.unit,
        meaning=sweep.meaning,
        because=sweep.because,
        values=list(sweep.values),
        factual=sweep.factual,
        names=changed,
        futures=[None if f is None else _rows(f.ordered(changed)) for f in futures],
    )


def _rows(states: Trajectory) -> list[list[float | None]]:
    return trajectory_record(Trajectory(states.names, six_digits(states.values)), 0).values


def _differs(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    return not np.allclose(a, b, rtol=_SAME, atol=_SAME, equal_nan=True)


def six_digits(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Six significant digits of float64 of any shape; NaN stays."""
    with np.errstate(divide="ignore", invalid="ignore"):
        places = 5 - np.floor(np.log10(np.abs(values)))
    places = np.where(np.isfinite(places), np.clip(places, -300, 300), 0)
    return np.asarray(np.round(values * 10.0**places) / 10.0**places)
