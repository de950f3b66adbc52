"""Three ways to predict without a program's dynamics, from what the method perceives; none sees truth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..archive.records import VariableRecord
from ..clips import Frames
from ..states import Trajectory

Array = NDArray[np.float64]
Item = TypeVar("Item", bound=np.generic)
_PER_TIME = re.compile(
    r"/\s*\(?\s*(s|sec|seconds?|frames?)\b|\bper (second|frame)\b|\bs\s*(\^|\*\*)?\s*-\s*\d|s⁻"
)


def is_rate(variable: VariableRecord) -> bool:
    """Whether the unit is one per time, as in "m/s" or "rad s^-1": a velocity or an acceleration."""
    return bool(_PER_TIME.search(variable.unit))


def repeat_last(
    context_frames: Frames, perceived: Trajectory, variables: Sequence[VariableRecord], n_steps: int
) -> tuple[Frames, Trajectory]:
    """The last frame and its perceived state, `n_steps` times; a picture that stands still has rates of 0.

    Frames are a read-only view, (n_steps, H, W, 3). A variable not observed in the last frame keeps its last
    observed value.
    """
    last = context_frames[-1]
    frames = np.broadcast_to(last, (n_steps, *last.shape))
    rates = {v.name for v in variables if is_rate(v)}
    row = [0.0 if name in rates else _last_observed(perceived[name]) for name in perceived.names]
    return frames, Trajectory(perceived.names, np.tile(np.array(row), (n_steps, 1)))


def constant_velocity(
    perceived: Trajectory, variables: Sequence[VariableRecord], n_steps: int, dt: float
) -> Trajectory:
    """Every variable moves on along the least-squares line through its values in the context, (n_steps, N).

    Constants and rates keep their last observed value. dt: seconds between frames. The caller renders.
    """
    held = {v.name for v in variables if v.constant or is_rate(v)}
    clock = dt * np.arange(len(perceived) + n_steps, dtype=np.float64)
    times, future = clock[: len(perceived)], clock[len(perceived) :]
    columns = [
        np.full(n_steps, _last_observed(perceived[name]))
        if name in held
        else _line(times, perceived[name], future)
        for name in perceived.names
    ]
    return Trajectory(perceived.names, np.stack(columns, axis=1))


def nearest_clip(context_frames: Frames, training_clips: Sequence[Frames]) -> int:
    """Index of the training clip whose first frames differ least, in the mean square, from the context's."""
    if not training_clips:
        raise ValueError("there is no training clip to choose from")
    given = context_frames.astype(np.float32)
    return int(np.argmin([np.mean((clip[: len(given)] - given) ** 2) for clip in training_clips]))


def continuation(values: NDArray[Item], start: int, n_steps: int) -> NDArray[Item]:
    """Rows `start` to `start + n_steps` of a clip's frames or states; where it ends, its last one goes on."""
    return values[np.minimum(np.arange(start, start + n_steps), len(values) - 1)]


def held(values: Array) -> Array:
    """States (T, N) in which a variable that is not observed keeps its last observed value."""
    found = values.copy()
    for row in range(1, len(found)):
        missing = np.isnan(found[row])
        found[row, missing] = found[row - 1, missing]
    return found


def _last_observed(column: Array) -> float:
    finite = column[np.isfinite(column)]
    return float(finite[-1]) if finite.size else float("nan")


def _line(times: Array, column: Array, future: Array) -> Array:
    finite = np.isfinite(column)
    if finite.sum() < 2:
        return np.full(len(future), _last_observed(column))
    t, x = times[finite], column[finite]
    slope = ((t - t.mean()) @ (x - x.mean())) / ((t - t.mean()) @ (t - t.mean()))
    line: Array = x.mean() + slope * (future - t.mean())
    return line
