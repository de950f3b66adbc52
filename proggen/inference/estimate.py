"""Estimate: the states of a clip's frames, and the initial state of its prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..archive.records import SceneRecord
from ..clips import Clip
from ..sandbox import Sandbox
from ..states import Trajectory
from ..world import WorldProgram
from . import calls
from .pixels import fit_pixels
from .problems import RefineProblem, Rollout


def perceive(sandbox: Sandbox, scene: SceneRecord, source: str, clip: Clip, context: int) -> Trajectory:
    """Perceived states of all frames, (T, N); what is constant in a clip gets its median over the frames."""
    names = [v.name for v in scene.variables]
    states = calls.perceive(sandbox, source, clip.frames, clip.fps, names, context)
    values = states.values.copy()
    for i, variable in enumerate(scene.variables):
        if variable.constant:
            values[:, i] = np.nanmedian(values[:, i])
    return Trajectory(states.names, values)


def perceive_context(sandbox: Sandbox, world: WorldProgram, clip: Clip) -> Trajectory:
    """Perceived states of the context, the clip's first `world.context` frames."""
    head = clip.head(world.context)
    return perceive(sandbox, world.scene, world.sources["perception"], head, world.context)


def estimate(
    sandbox: Sandbox, world: WorldProgram, clip: Clip, perceived: Trajectory | None = None
) -> Trajectory:
    """States of the context, the first `world.context` frames; the last one starts the prediction.

    How they are had is `world.estimation`'s (see EstimationRecord). The dynamics know how the frames hang
    together, so that a speed is measured over all of them, and pixels tell more than the perception program
    took from them. perceived: what `perceive_context` found, if that was called already.
    """
    seen = perceive_context(sandbox, world, clip) if perceived is None else perceived
    head, how = clip.head(world.context), world.estimation
    if how.way == "perceived":
        return seen
    if how.way == "pixels":
        return _between(seen, fit_pixels(sandbox, world, head, seen), how.share)
    source = world.sources["dynamics"]
    [found] = refine_all(sandbox, source, world.parameters, how.scales, world.changing, [(head, seen)])
    return found


def _between(seen: Trajectory, fitted: Trajectory, share: float) -> Trajectory:
    """A part of the way from one trajectory to the other.

    Two measurements of one thing with errors of their own are worth more than either.
    """
    return Trajectory(seen.names, seen.values + share * (fitted.values - seen.values))


def refine_all(
    sandbox: Sandbox,
    source: str,
    params: Mapping[str, float],
    scales: Mapping[str, float],
    free: Sequence[str],
    contexts: Sequence[tuple[Clip, Trajectory]],
) -> list[Trajectory]:
    """The rollouts over the contexts that are nearest to the perceived states, (context, N) each.

    contexts: clips, each as its first frames and their perceived states.
    """
    problems = [
        RefineProblem(
            state=perceived.state(0),
            params=params,
            dt=head.dt,
            observed=perceived,
            scales=scales,
            free=free,
            actions=head.actions,
        )
        for head, perceived in contexts
    ]
    first = calls.refine(sandbox, source, problems)
    rest = [
        Rollout(s, params, p.dt, len(p.observed) - 1, p.actions) for s, p in zip(first, problems, strict=True)
    ]
    rolled = calls.rollout(sandbox, source, rest)
    names = contexts[0][1].names
    return [Trajectory.from_states([s], names).then(r) for s, r in zip(first, rolled, strict=True)]
