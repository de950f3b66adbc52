"""Dynamics programs: fitted on some training clips, judged by rollouts on clips kept aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..archive.records import FitRecord, ParameterRecord, RangeRecord, SceneRecord, ScoreRecord
from ..errors import ProgramFailure
from ..inference import calls
from ..inference.estimate import refine_all
from ..inference.fit import Effort, Fitted, PerceivedClip, fit, spread
from ..inference.problems import Rollout
from ..sandbox.workers import Workers
from ..states import Trajectory
from . import tables
from .candidates import Candidate

TRIAL = Effort(starts=2, max_rollouts=5_000, shooting=1)  # for judging a candidate
FINAL = Effort(starts=4, max_rollouts=12_000, shooting=2)  # for the chosen one, on all clips


@dataclass(frozen=True)
class Trial:
    """A fitted candidate with its rollouts on the clips kept aside, from refined initial states or not."""

    fit: FitRecord
    scales: dict[str, float]
    standard_errors: dict[str, float | None]  # by the formula, see `Fitted`
    refined: bool
    rollouts: list[Trajectory]
    errors: dict[str, float]  # variable -> mean absolute error in its spread over the training clips


def examine(
    workers: Workers,
    scene: SceneRecord,
    clips: Sequence[PerceivedClip],
    aside: Sequence[PerceivedClip],
    scales: Mapping[str, float],
    seed: int,
    c: Candidate,
) -> None:
    """Fit on `clips`, roll out on `aside`; `result` is a Trial."""
    source = c.source or ""
    fitted = fit_candidate(workers, scene, source, clips, scales, TRIAL, seed)
    free = [v.name for v in scene.variables if not v.constant]
    contexts = [c.context for c in aside]
    heads = [(c.clip.head(len(c.context)), c.context) for c in aside]
    refined = refine_all(workers.sandbox, source, fitted.values(), fitted.scales, free, heads)
    trials = []
    for begin in (contexts, refined):
        rolled = roll(workers, source, fitted.values(), aside, begin)
        errors = rollout_errors(scene, [*clips, *aside], aside, rolled)
        trials.append(Trial(fitted.record, fitted.scales, fitted.errors, begin is refined, rolled, errors))
    c.result = min(trials, key=lambda t: float(np.mean(list(t.errors.values()))))
    c.fit = fitted.record
    errors = c.result.errors
    value = float(np.mean(list(errors.values())))
    meaning = "rollouts from the context against perceived states, on clips kept aside from the fit"
    c.scores.append(
        ScoreRecord(name="rollout_error", value=value, unit="standard deviations", meaning=meaning)
    )
    if not np.isfinite(value):
        raise ProgramFailure("non-finite", "The rollouts on clips kept aside have no finite error.")


def fit_candidate(
    workers: Workers,
    scene: SceneRecord,
    source: str,
    clips: Sequence[PerceivedClip],
    scales: Mapping[str, float],
    effort: Effort,
    seed: int,
) -> Fitted:
    """The program's parameters on the clips' states, when its turn has come."""
    specs = calls.describe(workers.sandbox, "dynamics", source)
    free = [v.name for v in scene.variables if not v.constant]
    return workers.call(
        lambda: fit(workers.sandbox, source, specs, clips, scales, free=free, effort=effort, seed=seed)
    )


def narrowed(fit: FitRecord, earlier: Sequence[FitRecord]) -> FitRecord:
    """The fit with `narrowed_from` and the status that follows from it.

    A parameter with a step that the clips tell among the remaining values alone is not identified: the others
    were left out by the model and tried by nobody. A continuous one has a standard error of its own.
    """
    found = []
    for p in fit.parameters:
        before = [q for e in earlier for q in e.parameters if q.name == p.name and _leaves_out(p, q)]
        update: dict[str, object] = {}
        if before:
            update["narrowed_from"] = RangeRecord(low=before[0].low, high=before[0].high, step=before[0].step)
            if p.identified and p.step is not None:
                update["status"] = "narrowed"
        found.append(p.model_copy(update=update))
    return fit.model_copy(update={"parameters": found})


def _leaves_out(now: ParameterRecord, before: ParameterRecord) -> bool:
    """Whether `before` allowed a value that `now` does not."""
    small = 1e-9 * (before.high - before.low)
    if before.low < now.low - small or before.high > now.high + small:
        return True
    if now.step is None:
        return False
    if before.step is None:
        return True
    values = np.arange(before.low, before.high + small, before.step)
    steps = (values - now.low) / now.step
    return bool((np.abs(steps - steps.round()) > 1e-6).any())


def roll(
    workers: Workers,
    source: str,
    params: Mapping[str, float],
    clips: Sequence[PerceivedClip],
    contexts: Sequence[Trajectory],
) -> list[Trajectory]:
    """From the last state of each clip's context, as given in `contexts`, to the clip's end."""
    jobs = []
    for c, context in zip(clips, contexts, strict=True):
        start = len(context) - 1
        actions = None if c.clip.actions is None else c.clip.actions[start:]
        jobs.append(Rollout(context.state(start), params, c.clip.dt, len(c.whole) - start - 1, actions))
    return [t.ordered(clips[0].whole.names) for t in calls.rollout(workers.sandbox, source, jobs)]


def rollout_errors(
    scene: SceneRecord,
    everything: Sequence[PerceivedClip],
    clips: Sequence[PerceivedClip],
    rolled: Sequence[Trajectory],
) -> dict[str, float]:
    """Mean absolute error of each changing variable over the horizon, in the variable's spread."""
    errors = {}
    for v in scene.variables:
        size = spread(everything, v.name)
        if v.constant or size < 1e-9:
            continue
        gaps = [
            np.abs(r[v.name] - c.whole[v.name][len(c.context) :]) for c, r in zip(clips, rolled, strict=True)
        ]
        values = np.concatenate(gaps)
        values = values[np.isfinite(values)]
        if len(values):
            errors[v.name] = float(values.mean()) / size
    return errors


def diagnosis(aside: Sequence[PerceivedClip], trial: Trial) -> str:
    """The fit and the worst rollout, for a repair prompt."""
    lines = ["Parameters after the fit on the other training clips:"]
    for p in trial.fit.parameters:
        error = trial.standard_errors[p.name]
        known = "told by these clips" if error is not None else "not told by these clips"
        known = known if error is None or p.step is not None else f"standard error {error:.3g}"
        bound = ", AT ITS BOUND" if p.at_bound else ""
        lines.append(f"- {p.name} = {p.value:.6g} {p.unit} (started from {p.init:g}; {known}{bound})")
    for c in trial.fit.combinations:
        told = f"told together, relative standard error {c.relative_std_error:.2g}"
        lines.append(f"- {c.text} = {c.value:.6g} {c.unit} ({told})")
    begin = "fitted to the context" if trial.refined else "as measured"
    lines += [
        "",
        f"Loss of the fit: {trial.fit.loss_initial:.4g} before, {trial.fit.loss_fitted:.4g} after "
        "(mean soft L1 of errors in units of perception's noise; below 1 is within it).",
        "",
        f"Mean absolute error of rollouts on clips kept aside (initial states {begin}), "
        "in standard deviations of the variable: "
        + "; ".join(f"{n} {e:.4f}" for n, e in trial.errors.items())
        + ".",
        "",
        worst_rollout(aside, trial),
    ]
    return "\n".join(lines)


def worst_rollout(aside: Sequence[PerceivedClip], trial: Trial) -> str:
    sizes = [
        float(np.nanmean(np.abs(r.values - c.whole.values[len(c.context) :])))
        for c, r in zip(aside, trial.rollouts, strict=True)
    ]
    worst = int(np.nanargmax(sizes))
    c = aside[worst]
    every = max(len(trial.rollouts[worst]) // 16, 1)
    return tables.rollout_table(c.clip, c.whole, trial.rollouts[worst], len(c.context) - 1, every)
