"""Fitting inside a job: the parameters of a dynamics program, and the state a rollout starts from.

Both minimise the soft-L1 cost of (rollout - observed) / scale over the observed values,
rho(r) = 2 (sqrt(1 + r^2) - 1), by SciPy's trust-region reflective least squares. Nothing here looks at a
clock: the same problem gives the same answer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares, minimize

from ..errors import ProgramFailure
from ..states import State, Trajectory
from .api import FitProblem, FitSolution, RefineProblem, Rollout, Segment

Values = NDArray[np.float64]
Roll = Callable[[Rollout], Values]

BAD_RESIDUAL = 1e3  # in scales: what a rollout that raised counts as
RELATIVE_STEP = 1e-3  # finite differences; float32 physics resolves no finer ones
LOGARITHMIC_RATIO = 100.0  # bounds that span more are searched by ratio, not by difference
SAMPLES = 32
POLISH_SHARE = 0.15
REFINE_ROUNDS = 12


class _Spent(Exception):
    """The budget of evaluations is used up."""


class _Objective:
    """Counts evaluations against a budget and remembers the best point."""

    def __init__(self, residuals: Callable[[Values], Values], budget: int) -> None:
        self._residuals = residuals
        self._limit = budget
        self.used = 0
        self.best_cost = np.inf
        self.best: Values | None = None

    def allow(self, evaluations: int) -> None:
        """Sets the limit that holds from now on: this many evaluations more."""
        self._limit = self.used + evaluations

    def __call__(self, point: Values) -> Values:
        if self.used >= self._limit:
            raise _Spent
        self.used += 1
        residuals = self._residuals(point)
        cost = soft_l1(residuals)
        if cost < self.best_cost:
            self.best_cost, self.best = cost, np.array(point)
        return residuals


def soft_l1(residuals: Values) -> float:
    """Sum of rho over the residuals."""
    return float(np.sum(2.0 * (np.sqrt(1.0 + residuals**2) - 1.0)))


class _Coordinates:
    """Parameters as points of [1, 2]^n, so that one relative step fits all of them."""

    def __init__(self, problem: FitProblem) -> None:
        self.names = list(problem.init)
        low = np.array([problem.low[n] for n in self.names])
        high = np.array([problem.high[n] for n in self.names])
        self._log = (low > 0) & (high > LOGARITHMIC_RATIO * np.maximum(low, 1e-300))
        self._bounds = low, high
        self._low, self._high = self._scale(low), self._scale(high)

    def _scale(self, values: Values) -> Values:
        return np.where(self._log, np.log(np.where(self._log, values, 1.0)), values)

    def point(self, values: Mapping[str, float]) -> Values:
        scaled = self._scale(np.array([values[n] for n in self.names]))
        return np.clip(1.0 + (scaled - self._low) / (self._high - self._low), 1.0, 2.0)

    def values(self, point: Values) -> dict[str, float]:
        scaled = self._low + (np.clip(point, 1.0, 2.0) - 1.0) * (self._high - self._low)
        values = np.where(self._log, np.exp(np.where(self._log, scaled, 0.0)), scaled)
        return dict(zip(self.names, np.clip(values, *self._bounds).tolist(), strict=True))


def fit(roll: Roll, problem: FitProblem) -> FitSolution:
    """The parameters of least cost within their bounds.

    The first guess and a seeded Latin hypercube are evaluated, the best few are improved by least squares,
    the best of those by Nelder-Mead, because contacts and whole substeps make steps in the cost.

    Raises:
        ProgramFailure: the program already fails with its own first guess.
    """
    if not problem.init or not problem.segments:
        return FitSolution(dict(problem.init), 0)
    first = [roll(_segment_rollout(s, problem.init)) for s in problem.segments]
    pairs = zip(problem.segments, first, strict=True)
    if not any(_residuals(s.observed, v, s, problem.scales).size for s, v in pairs):
        return FitSolution(dict(problem.init), len(first))
    coordinates = _Coordinates(problem)
    budget = max(1, problem.max_rollouts // len(problem.segments) - 1)
    objective = _Objective(lambda u: _fit_residuals(roll, problem, coordinates.values(u)), budget)
    start = coordinates.point(problem.init)
    search = max(1, int((1.0 - POLISH_SHARE) * budget))
    for candidate in _starts(objective, start, problem, search):
        objective.allow((search - objective.used) * 2 // 3)
        _least_squares(objective, candidate)
    objective.allow(budget - objective.used)
    _polish(objective)
    best = start if objective.best is None else objective.best
    return FitSolution(coordinates.values(best), (objective.used + 1) * len(problem.segments))


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
        _least_squares(objective, np.ones(len(free)), bounds=(-np.inf, np.inf))
    except ProgramFailure:
        return dict(problem.state)
    return dict(problem.state) if objective.best is None else state(objective.best)


def _starts(objective: _Objective, start: Values, problem: FitProblem, budget: int) -> list[Values]:
    """The first guess and the best points of a Latin hypercube."""
    objective.allow(budget)
    n = min(SAMPLES, budget // 6)
    points = 1.0 + _latin_hypercube(n, len(start), np.random.default_rng(problem.seed))
    costs = [soft_l1(objective(u)) for u in points]
    order = np.argsort(costs, kind="stable")[: max(0, problem.starts - 1)]
    return [start, *points[order]]


def _latin_hypercube(n: int, dimensions: int, rng: np.random.Generator) -> Values:
    """`n` points of [0, 1)^d, one in each n-th of every axis."""
    cells = np.stack([rng.permutation(n) for _ in range(dimensions)], axis=1)
    return (cells + rng.random((n, dimensions))) / max(n, 1)


def _least_squares(objective: _Objective, start: Values, bounds: Any = (1.0, 2.0)) -> None:
    inside = np.clip(start, bounds[0] + 1e-6, bounds[1] - 1e-6)
    options = {"method": "trf", "loss": "soft_l1", "diff_step": RELATIVE_STEP, "xtol": 1e-9}
    with contextlib.suppress(_Spent):
        least_squares(objective, inside, bounds=bounds, **options)


def _polish(objective: _Objective) -> None:
    if objective.best is None or len(objective.best) > 12:
        return
    best = objective.best
    simplex = np.vstack([best, *(_nudged(best, i) for i in range(len(best)))])
    options = {"initial_simplex": simplex, "xatol": 1e-6, "fatol": 1e-10, "maxfev": 10**6}
    bounds = [(1.0, 2.0)] * len(best)
    with contextlib.suppress(_Spent):
        minimize(lambda u: soft_l1(objective(u)), best, method="Nelder-Mead", bounds=bounds, options=options)


def _nudged(point: Values, index: int) -> Values:
    moved = point.copy()
    moved[index] += 0.01 if moved[index] < 1.5 else -0.01
    return moved


def _segment_rollout(segment: Segment, params: Mapping[str, float]) -> Rollout:
    return Rollout(segment.state, params, segment.dt, len(segment.observed), segment.actions)


def _fit_residuals(roll: Roll, problem: FitProblem, params: Mapping[str, float]) -> Values:
    parts = []
    for segment in problem.segments:
        try:
            values: Values | None = roll(_segment_rollout(segment, params))
        except ProgramFailure:
            values = None
        parts.append(_residuals(segment.observed, values, segment, problem.scales))
    return np.concatenate(parts)


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
            parts.append(np.full(int(seen.sum()), BAD_RESIDUAL))
        else:
            difference = (values[seen, columns[name]] - target[seen]) / scales[name]
            parts.append(np.clip(difference, -BAD_RESIDUAL, BAD_RESIDUAL))
    return np.concatenate(parts) if parts else np.empty(0)
