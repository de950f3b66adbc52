"""Fitting inside a job: the parameters of a dynamics program, and the state a rollout starts from.

Both minimise the soft-L1 cost of (rollout - observed) / scale over the observed values,
rho(r) = 2 (sqrt(1 + r^2) - 1): parameters by the search of `search`, states by SciPy's trust-region
reflective least squares. Nothing here looks at a clock: the same problem gives the same answer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares, minimize

from ...errors import ProgramFailure
from ...states import State, Trajectory
from ..problems import FitProblem, FitSolution, RefineProblem, Rollout, Segment
from .search import BAD, Space, search, soft_l1

Values = NDArray[np.float64]
Roll = Callable[[Rollout], Values]

RELATIVE_STEP = 1e-3  # finite differences of a state; float32 physics resolves no finer ones
LOGARITHMIC_RATIO = 100.0  # bounds that span more are searched by ratio, not by difference
REFINE_ROUNDS = 12


class _Spent(Exception):
    """The budget of evaluations is used up."""


class _Objective:
    """Counts evaluations against a budget and remembers the best point."""

    def __init__(self, residuals: Callable[[Values], Values], budget: int) -> None:
        self._residuals, self._left = residuals, budget
        self.best_cost = np.inf
        self.best: Values | None = None

    def __call__(self, point: Values) -> Values:
        if self._left <= 0:
            raise _Spent
        self._left -= 1
        residuals = self._residuals(point)
        cost = soft_l1(residuals)
        if cost < self.best_cost:
            self.best_cost, self.best = cost, np.array(point)
        return residuals


class _Coordinates:
    """Parameters as points of [0, 1]^n; those with a step have their grid's values only."""

    def __init__(self, problem: FitProblem) -> None:
        self.names = list(problem.init)
        low = np.array([problem.low[n] for n in self.names])
        high = np.array([problem.high[n] for n in self.names])
        self._steps = np.array([problem.steps.get(n, 0.0) for n in self.names])
        wide = (low > 0) & (high > LOGARITHMIC_RATIO * np.maximum(low, 1e-300))
        self._log = wide & (self._steps == 0)
        self._bounds = low, high
        self._low, self._high = self._scale(low), self._scale(high)

    def space(self) -> Space:
        stepped = [i for i in range(len(self.names)) if self._steps[i] > 0]
        free = tuple(i for i in range(len(self.names)) if i not in stepped)
        return Space(len(self.names), free, {i: self._grid(i) for i in stepped})

    def point(self, values: Mapping[str, float]) -> Values:
        scaled = self._scale(np.array([values[n] for n in self.names]))
        return np.clip((scaled - self._low) / (self._high - self._low), 0.0, 1.0)

    def values(self, point: Values) -> dict[str, float]:
        low, high = self._bounds
        scaled = self._low + np.clip(point, 0.0, 1.0) * (self._high - self._low)
        values = np.where(self._log, np.exp(np.where(self._log, scaled, 0.0)), scaled)
        steps = np.where(self._steps > 0, self._steps, 1.0)
        last = np.floor((high - low) / steps + 1e-9)
        nearest = low + np.minimum(np.round((values - low) / steps), last) * steps
        values = np.where(self._steps > 0, nearest, values)
        return dict(zip(self.names, np.clip(values, low, high).tolist(), strict=True))

    def _grid(self, i: int) -> Values:
        reach = self._bounds[1][i] - self._bounds[0][i]
        count = int(np.floor(reach / self._steps[i] + 1e-9)) + 1
        return np.asarray(np.arange(count) * self._steps[i] / reach)

    def _scale(self, values: Values) -> Values:
        return np.where(self._log, np.log(np.where(self._log, values, 1.0)), values)


class _Rollouts:
    """Residuals of parameters over segments: counted, kept, and the best parameters remembered."""

    def __init__(self, roll: Roll, problem: FitProblem, coordinates: _Coordinates) -> None:
        self._roll, self._problem, self._coordinates = roll, problem, coordinates
        self._known: dict[tuple[float, ...], dict[int, Values]] = {}
        self._start = coordinates.point(problem.init)  # back from there, a value may differ in its last digit
        self.limit = problem.max_rollouts
        self.rollouts = self.frames = 0
        self.best: dict[str, float] = dict(problem.init)
        self.trace: list[tuple[int, int, float]] = []

    def __call__(self, at: Values, segments: Sequence[int]) -> Values:
        same = np.array_equal(at, self._start)
        params = dict(self._problem.init) if same else self._coordinates.values(at)
        known = self._known.setdefault(tuple(params.values()), {})
        for i in segments:
            if i not in known:
                known[i] = self._residuals(self._problem.segments[i], params)
        found = np.concatenate([known[i] for i in segments])
        if len(segments) == len(self._problem.segments):
            self._remember(params, soft_l1(found))
        return found

    def check(self) -> bool:
        """Rolls out the first guess: ProgramFailure if the program fails with it. Whether anything counts."""
        known = self._known.setdefault(tuple(self.best.values()), {})
        for i, segment in enumerate(self._problem.segments):
            known[i] = self._residuals(segment, self.best, careful=False)
        return any(r.size for r in known.values())

    def _remember(self, params: dict[str, float], cost: float) -> None:
        if not self.trace or cost < self.trace[-1][2]:
            self.best = params
            self.trace.append((self.rollouts, self.frames, cost))

    def _residuals(self, segment: Segment, params: Mapping[str, float], careful: bool = True) -> Values:
        if self.rollouts >= self.limit:
            raise _Spent
        self.rollouts += 1
        self.frames += len(segment.observed)
        try:
            values: Values | None = self._roll(_segment_rollout(segment, params))
        except ProgramFailure:
            if not careful:
                raise
            values = None
        return _residuals(segment.observed, values, segment, self._problem.scales)


def fit(roll: Roll, problem: FitProblem) -> FitSolution:
    """The parameters of least cost within their bounds, never worse than the first guess.

    Raises:
        ProgramFailure: the program already fails with its own first guess.
    """
    if not problem.init or not problem.segments:
        return FitSolution(dict(problem.init), 0)
    coordinates = _Coordinates(problem)
    rollouts = _Rollouts(roll, problem, coordinates)
    with contextlib.suppress(_Spent):
        if rollouts.check():
            method = _powell if problem.method == "powell" else _search
            method(rollouts, coordinates, problem)
    return FitSolution(rollouts.best, rollouts.rollouts, rollouts.frames, tuple(rollouts.trace))


def _search(rollouts: _Rollouts, coordinates: _Coordinates, problem: FitProblem) -> None:
    start, count = coordinates.point(problem.init), len(problem.segments)
    search(rollouts, coordinates.space(), start, count, problem.starts, problem.seed)


def _powell(rollouts: _Rollouts, coordinates: _Coordinates, problem: FitProblem) -> None:
    """SciPy's Powell with its own tolerances; each start has an equal share of what is left."""
    rng = np.random.default_rng(problem.seed)
    everything = range(len(problem.segments))
    bounds = [(0.0, 1.0)] * len(coordinates.names)
    for left in range(max(1, problem.starts), 0, -1):
        rollouts.limit = rollouts.rollouts + (problem.max_rollouts - rollouts.rollouts) // left
        start = rng.random(len(bounds))
        with contextlib.suppress(_Spent):
            minimize(lambda u: soft_l1(rollouts(u, everything)), start, method="Powell", bounds=bounds)


def refine(roll: Roll, problem: RefineProblem) -> State:
    """The initial state of least cost; the given one if the program fails on the way."""
    free = [n for n in problem.free if n in problem.state]
    if not free:
        return dict(problem.state)
    scales = np.array([problem.scales.get(n, 1.0) for n in free])
    origin = np.array([problem.state[n] for n in free])

    def state(point: Values) -> State:
        moved = origin + (point - 1.0) * scales
        return {**problem.state, **dict(zip(free, moved.tolist(), strict=True))}

    budget = REFINE_ROUNDS * (len(free) + 1)
    objective = _Objective(lambda z: _refine_residuals(roll, problem, state(z)), budget)
    try:
        _least_squares(objective, np.ones(len(free)))
    except ProgramFailure:
        return dict(problem.state)
    return dict(problem.state) if objective.best is None else state(objective.best)


def _least_squares(objective: _Objective, start: Values) -> None:
    options = {"method": "trf", "loss": "soft_l1", "diff_step": RELATIVE_STEP, "xtol": 1e-9}
    with contextlib.suppress(_Spent):
        least_squares(objective, start, **options)


def _segment_rollout(segment: Segment, params: Mapping[str, float]) -> Rollout:
    return Rollout(segment.state, params, segment.dt, len(segment.observed), segment.actions)


def _refine_residuals(roll: Roll, problem: RefineProblem, state: State) -> Values:
    steps = len(problem.observed) - 1
    first = np.array([list(state.values())])
    rollout = Rollout(state, problem.params, problem.dt, steps, problem.actions)
    values = np.vstack([first, roll(rollout)]) if steps > 0 else first
    return _residuals(problem.observed, values, problem, problem.scales)


def _residuals(
    observed: Trajectory, values: Values | None, start: Segment | RefineProblem, scales: Mapping[str, float]
) -> Values:
    """(rollout - observed) / scale where observed, flat; `values` None is a rollout that failed."""
    columns = {n: i for i, n in enumerate(start.state)}
    parts = []
    for name in observed.names:
        if name not in columns or name not in scales:
            continue
        target = observed[name]
        seen = np.isfinite(target)
        if values is None:
            parts.append(np.full(int(seen.sum()), BAD))
        else:
            difference = (values[seen, columns[name]] - target[seen]) / scales[name]
            parts.append(np.clip(difference, -BAD, BAD))
    return np.concatenate(parts) if parts else np.empty(0)
