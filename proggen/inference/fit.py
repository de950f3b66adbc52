"""Fit: the parameters of the dynamics on perceived states (a surrogate for the pixels, and far cheaper)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..archive.records import FitRecord, ParameterRecord, Status
from ..clips import Clip
from ..sandbox import Limits, Sandbox
from ..states import Trajectory
from . import calls
from .identify import (
    Derivatives,
    Knowledge,
    blind_to_starts,
    combinations,
    differentiate,
    knowledge,
    profile,
    standard_errors,
)
from .problems import FitMethod, FitProblem, ParameterSpec, RefineProblem, Rollout, Segment

_SHORT = 8  # frames of a short segment
_IDENTIFIED = 0.1  # a parameter is identified if its standard error is below this part of its range
_NOTHING = 1e-3  # a relative rise of the loss that counts as none
_ROUNDING = 1e-5  # of a variable's spread: no measurement from pixels agrees with a program that well
_BOUND = 1e-3  # of its range: nearer to a bound than this is at the bound
_LIMITS = Limits(wall_seconds=900, cpu_seconds=300)  # a fit is thousands of rollouts in one job
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Effort:
    """How much work a fit may be: local searches, calls of `rollout` in each stage, rounds of shooting."""

    starts: int
    max_rollouts: int
    shooting: int
    method: FitMethod = "least_squares"


@dataclass(frozen=True)
class Fitted:
    """A fit, and perception's noise in each variable as the fitted rollouts show it (in its unit).

    errors: standard errors by the formula, which mean nothing where the record says `exact`.
    """

    record: FitRecord
    scales: dict[str, float]
    errors: dict[str, float | None]

    def values(self) -> dict[str, float]:
        return self.record.values()


@dataclass(frozen=True)
class PerceivedClip:
    """A training clip with its states: `context` from the first frames alone, `whole` from all of them."""

    clip: Clip
    context: Trajectory
    whole: Trajectory


def noise_scales(clips: Sequence[PerceivedClip]) -> dict[str, float]:
    """Perception's noise of each variable, in its unit, from second differences over time.

    For white noise of deviation s the second difference has deviation sqrt(6) s; the median makes
    accelerations and impacts count little. Never below a thousandth of the variable's spread.
    """
    scales = {}
    for name in clips[0].whole.names:
        series = [c.whole[name] for c in clips]
        seconds = np.concatenate([np.diff(s, 2) for s in series])
        seconds = seconds[np.isfinite(seconds)]
        deviation = 1.4826 * np.median(np.abs(seconds - np.median(seconds))) if len(seconds) else 0.0
        scales[name] = max(float(deviation) / np.sqrt(6), 1e-3 * spread(clips, name), 1e-6)
    return scales


def context_scales(clips: Sequence[PerceivedClip], scales: Mapping[str, float]) -> dict[str, float]:
    """Noise of each variable as perceived from the context alone: at least `scales`, in its unit.

    The robust distance to what the whole clip tells, in the worst frame of the context. It is what
    refinement of an initial state must weigh by: a speed in the last frame may be off where its position is
    not, because nothing that follows shows it yet.
    """
    found = {}
    for name, scale in scales.items():
        gaps = np.stack([np.abs(c.context[name] - c.whole[name][: len(c.context)]) for c in clips])
        seen = gaps[:, np.isfinite(gaps).any(axis=0)]
        worst = 1.4826 * np.nanmedian(seen, axis=0).max() if seen.size else 0.0
        found[name] = max(scale, float(worst))
    return found


def spread(clips: Sequence[PerceivedClip], name: str) -> float:
    """Standard deviation of a variable over all clips and frames, in its unit."""
    values = np.concatenate([c.whole[name] for c in clips])
    values = values[np.isfinite(values)]
    return float(values.std()) if len(values) else 0.0


def segments(clips: Sequence[PerceivedClip]) -> list[Piece]:
    """Stretches to predict: each clip whole from the end of its context, and short pieces along it.

    The long ones are what prediction is judged by; in the short ones the error of the initial state has no
    time to grow, which an unstable system (a falling pole) needs.
    """
    found = []
    for i, c in enumerate(clips):
        start = len(c.context) - 1
        # The whole clip tells a state better than the context alone does, a speed in its last frame above all.
        seen = c.whole if np.isfinite(c.whole.values[start]).all() else c.context
        found.append(_segment(i, c, seen, start, len(c.whole)))
        for k in range(start + _SHORT, len(c.whole) - _SHORT, _SHORT):
            if np.isfinite(c.whole.values[k]).all():
                found.append(_segment(i, c, c.whole, k, k + _SHORT + 1))
    return found


@dataclass(frozen=True)
class Piece(Segment):
    """A segment and the number of the clip it is cut from."""

    clip: int = 0


def _segment(number: int, c: PerceivedClip, states: Trajectory, start: int, stop: int) -> Piece:
    actions = None if c.clip.actions is None else c.clip.actions[start : stop - 1]
    return Piece(states.state(start), c.whole.part(start + 1, stop), c.clip.dt, actions, number)


def pose(
    specs: Mapping[str, ParameterSpec],
    pieces: Sequence[Piece],
    scales: Mapping[str, float],
    effort: Effort,
    seed: int,
) -> FitProblem:
    """The problem of a fit, from the program's first guess."""
    return FitProblem(
        init={n: s.init for n, s in specs.items()},
        low={n: s.low for n, s in specs.items()},
        high={n: s.high for n, s in specs.items()},
        segments=pieces,
        scales=scales,
        starts=effort.starts,
        max_rollouts=effort.max_rollouts,
        seed=seed,
        method=effort.method,
        steps={n: s.step for n, s in specs.items() if s.step is not None},
    )


def fit(
    sandbox: Sandbox,
    source: str,
    specs: Mapping[str, ParameterSpec],
    clips: Sequence[PerceivedClip],
    scales: Mapping[str, float],
    *,
    free: Sequence[str],
    effort: Effort,
    seed: int,
) -> Fitted:
    """The parameters that make rollouts nearest to the perceived states (soft L1, several starts).

    Each round of (multiple) shooting then fits the initial state of every stretch, the `free` variables of
    it, and weighs each variable anew by what is left: noise in the initial states would otherwise end up in
    the parameters, and a rate that is perceived with an error of its own would count as if it had none.
    """
    pieces, scales = segments(clips), dict(scales)
    problem = pose(specs, pieces, scales, effort, seed)
    init = problem.init
    # One rollout of each under the ordinary limits: an endless loop must not use up those of a whole fit.
    calls.rollout(sandbox, source, [Rollout(p.state, init, p.dt, len(p.observed), p.actions) for p in pieces])
    solution = calls.fit(sandbox, source, problem, limits=_LIMITS)
    rollouts, frames, floor = solution.rollouts, solution.frames, scales
    for _ in range(effort.shooting):
        pieces = _with_fitted_starts(sandbox, source, solution.values, pieces, scales, free)
        scales = _weighed_anew(sandbox, source, solution.values, pieces, floor)
        again = replace(problem, init=solution.values, segments=pieces, scales=scales, starts=1)
        solution = calls.fit(sandbox, source, again, limits=_LIMITS)
        rollouts, frames = rollouts + solution.rollouts, frames + solution.frames
    knows = _knowledge(sandbox, source, solution.values, specs, pieces, scales, free)
    told = {n: _identified(s, knows.errors[n]) for n, s in specs.items()}
    # What the clips can't tell must not drift: it goes back to its first value where that costs nothing.
    settled = {n: v if told[n] else init[n] for n, v in solution.values.items()}
    left = _residuals_of(sandbox, source, [init, solution.values, settled], pieces, scales)
    before, after, calm = (loss(r) for r in left)
    values = settled if calm <= (1 + _NOTHING) * after else solution.values
    values, fitted = (values, min(after, calm)) if after <= before else (init, before)
    sizes = {n: spread(clips, n) for n in pieces[0].observed.names}
    exact = bool(specs) and any(obeys_to_rounding(r, scales, sizes) for r in left)
    record = FitRecord(
        parameters=[_parameter(n, s, values[n], knows.errors[n], exact) for n, s in specs.items()],
        combinations=[] if exact else combinations(knows.found, knows.slopes, values, specs),
        loss_initial=before,
        loss_fitted=fitted,
        rollouts=rollouts,
        frames=frames,
        starts=effort.starts,
        clips=[c.clip.name for c in clips],
        exact=exact,
    )
    return Fitted(record, scales, knows.errors)


def _with_fitted_starts(
    sandbox: Sandbox,
    source: str,
    params: Mapping[str, float],
    pieces: Sequence[Piece],
    scales: Mapping[str, float],
    free: Sequence[str],
) -> list[Piece]:
    problems = [
        RefineProblem(
            state=p.state,
            params=params,
            dt=p.dt,
            observed=Trajectory.from_states([p.state], p.observed.names).then(p.observed),
            scales=scales,
            free=free,
            actions=p.actions,
        )
        for p in pieces
    ]
    states = calls.refine(sandbox, source, problems, limits=_LIMITS)
    return [replace(p, state=s) for p, s in zip(pieces, states, strict=True)]


def _weighed_anew(
    sandbox: Sandbox,
    source: str,
    params: dict[str, float],
    pieces: Sequence[Piece],
    floor: Mapping[str, float],
) -> dict[str, float]:
    """Robust deviation of each variable's residuals, never below its noise as first estimated."""
    names = pieces[0].observed.names
    [left] = _differences_of(sandbox, source, [params], pieces, names)
    return {
        n: max(floor[n], float(1.4826 * np.nanmedian(np.abs(left[:, i]))))
        if np.isfinite(left[:, i]).any()
        else floor[n]
        for i, n in enumerate(names)
    }


def loss(residual: Values) -> float:
    """Mean soft L1, 2 (sqrt(1 + r^2) - 1): quadratic within the noise, linear beyond."""
    return float(np.mean(2 * (np.sqrt(1 + residual**2) - 1))) if residual.size else 0.0


def obeys_to_rounding(residual: Values, scales: Mapping[str, float], sizes: Mapping[str, float]) -> bool:
    """Whether every frame of every clip obeys the program, up to rounding.

    residual: (rollout - observed) / scale, the variables of `scales` in turn; sizes: their spread over all clips
    and frames. What was measured in pixels never agrees with a program like that: perception then computed the
    states with the same equations and constants, so that a fit to them can judge neither.
    """
    gaps = np.abs(residual.reshape(-1, len(sizes)))
    units = np.array([scales[n] / max(sizes[n], 1e-9) for n in sizes])
    return bool(residual.size) and float((gaps * units).max()) <= _ROUNDING


def _residuals_of(
    sandbox: Sandbox,
    source: str,
    many: Sequence[dict[str, float]],
    pieces: Sequence[Piece],
    scales: Mapping[str, float],
) -> list[Values]:
    """For each set of parameters (rollout - observed) / scale as one vector, 0 where not observed."""
    names = pieces[0].observed.names
    scale = np.array([scales[n] for n in names])
    found = _differences_of(sandbox, source, many, pieces, names)
    return [np.nan_to_num(d / scale).ravel() for d in found]


def _differences_of(
    sandbox: Sandbox,
    source: str,
    many: Sequence[dict[str, float]],
    pieces: Sequence[Piece],
    names: Sequence[str],
) -> list[Values]:
    """For each set of parameters rollout - observed, a row per frame of all pieces, NaN where not observed."""
    jobs = [Rollout(p.state, params, p.dt, len(p.observed), p.actions) for params in many for p in pieces]
    rolled = calls.rollout(sandbox, source, jobs)
    observed = np.concatenate([p.observed.ordered(names).values for p in pieces])
    found = []
    for i in range(len(many)):
        parts = rolled[i * len(pieces) : (i + 1) * len(pieces)]
        found.append(np.concatenate([t.ordered(names).values for t in parts]) - observed)
    return found


@dataclass(frozen=True)
class _Knowledge:
    found: Knowledge
    slopes: Derivatives
    errors: dict[str, float | None]  # of parameters with a step: that step if the clips tell them


def _knowledge(
    sandbox: Sandbox,
    source: str,
    values: dict[str, float],
    specs: Mapping[str, ParameterSpec],
    pieces: Sequence[Piece],
    scales: Mapping[str, float],
    free: Sequence[str],
) -> _Knowledge:
    """What the pieces tell of each parameter at the fitted values (see `identify`)."""

    def residuals_of(many: Sequence[dict[str, float]]) -> list[Values]:
        return _residuals_of(sandbox, source, many, pieces, scales)

    [base] = residuals_of([values])
    owner = np.concatenate([np.full(p.observed.values.size, p.clip) for p in pieces])
    slopes = differentiate(residuals_of, values, specs, len(base))
    weight = (1 + base[:, None] ** 2) ** -0.25
    measured = [rows * weight for rows in (slopes.columns, slopes.doubt, base[:, None])]
    starts = _start_slopes(sandbox, source, values, pieces, scales, free)
    if starts.size:
        parts = np.split(starts * weight, np.cumsum([p.observed.values.size for p in pieces])[:-1])
        measured = [blind_to_starts(parts, rows) for rows in measured]
    columns, doubt, left = measured
    found = knowledge(columns, doubt, left[:, 0], owner)
    errors = standard_errors(found, slopes)
    for name in [*slopes.stepwise, *(n for n, s in specs.items() if s.step is not None)]:
        errors[name] = profile(residuals_of, values, name, specs[name], slopes, owner)
    return _Knowledge(found, slopes, errors)


def _start_slopes(
    sandbox: Sandbox,
    source: str,
    values: dict[str, float],
    pieces: Sequence[Piece],
    scales: Mapping[str, float],
    free: Sequence[str],
) -> Values:
    """Derivatives of all residuals by the free variables of their piece's initial state, in scales: (M, S)."""

    def shifted(name: str, by: float) -> Values:
        moved = [replace(p, state={**p.state, name: p.state[name] + by * scales[name]}) for p in pieces]
        return _residuals_of(sandbox, source, [values], moved, scales)[0]

    names = [n for n in free if n in pieces[0].state and n in scales]
    columns = [shifted(n, 0.5) - shifted(n, -0.5) for n in names]
    return np.array(columns).reshape(len(names), -1).T


def _identified(spec: ParameterSpec, error: float | None) -> bool:
    if error is None or spec.step is not None:
        return error is not None
    return error < _IDENTIFIED * (spec.high - spec.low)


def _parameter(
    name: str, spec: ParameterSpec, value: float, error: float | None, exact: bool
) -> ParameterRecord:
    at_bound = min(value - spec.low, spec.high - value) < _BOUND * (spec.high - spec.low)
    return ParameterRecord(
        name=name,
        value=value,
        init=spec.init,
        low=spec.low,
        high=spec.high,
        unit=spec.unit,
        meaning=spec.meaning,
        step=spec.step,
        std_error=None if exact or spec.step is not None else error,
        status=_status(_identified(spec, error), at_bound, exact),
        at_bound=at_bound,
    )


def _status(identified: bool, at_bound: bool, exact: bool) -> Status:
    """Whether the clips tell a parameter's value; `exact` is a property of the fit, whatever the parameter.

    At a bound only one side was compared, so that a better value may lie beyond it.
    """
    if exact:
        return "exact"
    if not identified:
        return "untold"
    return "at_bound" if at_bound else "identified"
