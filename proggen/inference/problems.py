"""What is asked of a world's programs and what comes back: plain values, known to parent and job alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..states import State, Trajectory

FitMethod = Literal["least_squares", "powell"]


@dataclass(frozen=True)
class ParameterSpec:
    """One entry of a dynamics program's PARAMS: finite, low <= init <= high, low < high.

    With a `step` the parameter has the values low + k * step only, init among them.
    """

    init: float
    low: float
    high: float
    unit: str
    meaning: str
    step: float | None = None


@dataclass(frozen=True)
class Rollout:
    """`n_steps` states after `state`, `dt` seconds apart; `actions`, float64 (n_steps,), act in each step."""

    state: State
    params: Mapping[str, float]
    dt: float
    n_steps: int
    actions: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Segment:
    """A stretch of observed motion: `observed` are the n states after `state`, NaN where not observed.

    `actions`, float64 (n,), act in the n steps.
    """

    state: State
    observed: Trajectory
    dt: float
    actions: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class FitProblem:
    """Find the parameters, within bounds, whose rollouts are nearest to the segments.

    init, low, high: by parameter; steps: by those that have values low + k * step only. scales: by variable;
    residuals are divided by them, and a variable without a scale does not count. starts: local searches at
    most. max_rollouts: calls of the program's `rollout`.
    method: ours, or SciPy's bounded Powell from `starts` seeded random points of the bounds (for comparison;
    it knows the first guess only as a test of the program).
    """

    init: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    segments: Sequence[Segment]
    scales: Mapping[str, float]
    starts: int = 4
    max_rollouts: int = 4000
    seed: int = 0
    method: FitMethod = "least_squares"
    steps: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class FitSolution:
    """The best parameters found, and what they cost: calls of `rollout`, and the frames simulated by them.

    trace: (rollouts, frames, cost) whenever the cost of all segments together fell; the cost is the sum of
    soft L1 over the residuals in scales.
    """

    values: dict[str, float]
    rollouts: int
    frames: int = 0
    trace: tuple[tuple[int, int, float], ...] = ()


@dataclass(frozen=True)
class RefineProblem:
    """Find the state at frame 0 whose rollout, frame 0 itself included, is nearest to `observed` (T, N).

    Only the `free` variables move. `actions`, float64 (T - 1,), act between the frames.
    """

    state: State
    params: Mapping[str, float]
    dt: float
    observed: Trajectory
    scales: Mapping[str, float]
    free: Sequence[str]
    actions: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class PixelProblem:
    """Find the state at frame 0 whose rollout, drawn frame by frame, is nearest to `frames`.

    frames: uint8 (T, H, W, 3). steps: free variable -> the change of it by which derivatives are taken, for
    a `drawn` one (whose value shows in the picture of its own frame) some tenths of a pixel. `actions`,
    float64 (T - 1,), act between the frames.
    """

    state: State
    params: Mapping[str, float]
    dt: float
    frames: NDArray[np.uint8]
    steps: Mapping[str, float]
    drawn: Sequence[str]
    actions: NDArray[np.float64] | None = None
