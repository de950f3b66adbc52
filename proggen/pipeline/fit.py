"""Fit: the parameters of the dynamics on perceived states (a surrogate for the pixels, and far cheaper)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..archive.records import FitRecord, ParameterRecord
from ..clips import Clip
from ..sandbox import FitProblem, Limits, ParameterSpec, RefineProblem, Rollout, Sandbox, Segment
from ..states import Trajectory

_SHORT = 8  # frames of a short segment
_STEP = 1e-3  # of a parameter's range, for derivatives
_IDENTIFIED = 0.1  # a parameter is identified if its standard error is below this part of its range
_LIMITS = Limits(wall_seconds=900, cpu_seconds=300)  # a fit is thousands of rollouts in one job
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Effort:
    """How much work a fit may be: local searches, calls of `rollout` in each stage, second stage or not.

    The second stage (multiple shooting) fits the initial state of every stretch too: perception's noise in
    it would otherwise end up in the parameters.
    """

    starts: int
    max_rollouts: int
    shooting: bool


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


def spread(clips: Sequence[PerceivedClip], name: str) -> float:
    """Standard deviation of a variable over all clips and frames, in its unit."""
    values = np.concatenate([c.whole[name] for c in clips])
    values = values[np.isfinite(values)]
    return float(values.std()) if len(values) else 0.0


def segments(clips: Sequence[PerceivedClip]) -> list[Segment]:
    """Stretches to predict: each clip whole from the end of its context, and short pieces along it.

    The long ones are what prediction is judged by; in the short ones the error of the initial state has no
    time to grow, which an unstable system (a falling pole) needs.
    """
    found = []
    for c in clips:
        start = len(c.context) - 1
        found.append(_segment(c, c.context, start, len(c.whole)))
        for k in range(start + _SHORT, len(c.whole) - _SHORT, _SHORT):
            if np.isfinite(c.whole.values[k]).all():
                found.append(_segment(c, c.whole, k, k + _SHORT + 1))
    return found


def _segment(c: PerceivedClip, states: Trajectory, start: int, stop: int) -> Segment:
    actions = None if c.clip.actions is None else c.clip.actions[start : stop - 1]
    return Segment(states.state(start), c.whole.part(start + 1, stop), c.clip.dt, actions)


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
) -> FitRecord:
    """The parameters that make rollouts nearest to the perceived states (soft L1, several starts).

    free: the variables that change in a clip, whose initial values the second stage may move.
    """
    pieces = segments(clips)
    init = {n: s.init for n, s in specs.items()}
    problem = FitProblem(
        init=init,
        low={n: s.low for n, s in specs.items()},
        high={n: s.high for n, s in specs.items()},
        segments=pieces,
        scales=dict(scales),
        starts=effort.starts,
        max_rollouts=effort.max_rollouts,
        seed=seed,
    )
    solution = sandbox.fit(source, problem, limits=_LIMITS)
    rollouts = solution.rollouts
    if effort.shooting and specs:
        pieces = _with_fitted_starts(sandbox, source, solution.values, pieces, scales, free)
        again = replace(problem, init=solution.values, segments=pieces, starts=1)
        solution = sandbox.fit(source, again, limits=_LIMITS)
        rollouts += solution.rollouts
    before = residuals(sandbox, source, init, pieces, scales)
    after = residuals(sandbox, source, solution.values, pieces, scales)
    values = solution.values if loss(after) <= loss(before) else init
    errors = _standard_errors(sandbox, source, values, specs, pieces, scales)
    return FitRecord(
        parameters=[_parameter(n, s, values[n], errors[n]) for n, s in specs.items()],
        loss_initial=loss(before),
        loss_fitted=min(loss(after), loss(before)),
        rollouts=rollouts,
        starts=effort.starts,
        clips=[c.clip.name for c in clips],
    )


def _with_fitted_starts(
    sandbox: Sandbox,
    source: str,
    params: Mapping[str, float],
    pieces: Sequence[Segment],
    scales: Mapping[str, float],
    free: Sequence[str],
) -> list[Segment]:
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
    states = sandbox.refine(source, problems, limits=_LIMITS)
    return [replace(p, state=s) for p, s in zip(pieces, states, strict=True)]


def loss(residual: Values) -> float:
    """Mean soft L1, 2 (sqrt(1 + r^2) - 1): quadratic within the noise, linear beyond."""
    return float(np.mean(2 * (np.sqrt(1 + residual**2) - 1))) if residual.size else 0.0


def residuals(
    sandbox: Sandbox,
    source: str,
    params: Mapping[str, float],
    pieces: Sequence[Segment],
    scales: Mapping[str, float],
) -> Values:
    """(rollout - observed) / scale wherever something was observed, as one vector."""
    return _residuals_of(sandbox, source, [dict(params)], pieces, scales)[0]


def _residuals_of(
    sandbox: Sandbox,
    source: str,
    many: Sequence[dict[str, float]],
    pieces: Sequence[Segment],
    scales: Mapping[str, float],
) -> list[Values]:
    jobs = [Rollout(p.state, params, p.dt, len(p.observed), p.actions) for params in many for p in pieces]
    rolled = sandbox.rollout(source, jobs)
    found = []
    for i in range(len(many)):
        parts = []
        for piece, states in zip(pieces, rolled[i * len(pieces) : (i + 1) * len(pieces)], strict=True):
            scale = np.array([scales[n] for n in piece.observed.names])
            difference = (states.ordered(piece.observed.names).values - piece.observed.values) / scale
            parts.append(np.where(np.isfinite(piece.observed.values), difference, 0.0).ravel())
        found.append(np.concatenate(parts))
    return found


def _standard_errors(
    sandbox: Sandbox,
    source: str,
    values: Mapping[str, float],
    specs: Mapping[str, ParameterSpec],
    pieces: Sequence[Segment],
    scales: Mapping[str, float],
) -> dict[str, float | None]:
    """Asymptotic standard errors from the Jacobian at the solution, None where the data hold nothing.

    Covariance = s^2 (J^T J)^-1 with robust weights; a direction that J does not see makes every parameter
    in it unidentified (its error is infinite, told as None).
    """
    names = list(specs)
    if not names:
        return {}
    steps = {n: _STEP * (specs[n].high - specs[n].low) for n in names}
    # Step inwards at the upper bound: parameters beyond their bounds are no business of the program.
    steps = {n: -h if values[n] + h > specs[n].high else h for n, h in steps.items()}
    shifted = [{**values, n: values[n] + steps[n]} for n in names]
    base, *rows = _residuals_of(sandbox, source, [dict(values), *shifted], pieces, scales)
    weight = (1 + base**2) ** -0.25
    jacobian = np.stack([(r - base) / _STEP * weight for r in rows], axis=1)
    variance = float(np.sum((base * weight) ** 2)) / max(len(base) - len(names), 1)
    _, singular, directions = np.linalg.svd(jacobian, full_matrices=False)
    errors: dict[str, float | None] = {}
    for i, name in enumerate(names):
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(directions[:, i] ** 2 > 1e-12, directions[:, i] ** 2 / singular**2, 0.0)
        error = float(np.sqrt(variance * terms.sum()))
        errors[name] = error * abs(specs[name].high - specs[name].low) if np.isfinite(error) else None
    return errors


def _parameter(name: str, spec: ParameterSpec, value: float, error: float | None) -> ParameterRecord:
    reach = spec.high - spec.low
    return ParameterRecord(
        name=name,
        value=value,
        init=spec.init,
        low=spec.low,
        high=spec.high,
        unit=spec.unit,
        meaning=spec.meaning,
        std_error=error,
        identified=error is not None and error < _IDENTIFIED * reach,
        at_bound=min(value - spec.low, spec.high - value) < 1e-3 * reach,
    )
