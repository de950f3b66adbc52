"""Estimate: the states of a clip's frames, and the initial state of its prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..archive.records import SceneRecord
from ..clips import Clip
from ..programs import WorldProgram
from ..sandbox import RefineProblem, Rollout, Sandbox
from ..states import Trajectory


def perceive(sandbox: Sandbox, scene: SceneRecord, source: str, clip: Clip, context: int) -> Trajectory:
    """Perceived states of all frames, (T, N); what is constant in a clip gets its median over the frames."""
    names = [v.name for v in scene.variables]
    states = sandbox.perceive(source, clip.frames, clip.fps, names, context)
    values = states.values.copy()
    for i, variable in enumerate(scene.variables):
        if variable.constant:
            values[:, i] = np.nanmedian(values[:, i])
    return Trajectory(states.names, values)


def estimate(sandbox: Sandbox, world: WorldProgram, clip: Clip) -> Trajectory:
    """States of the context, the first `world.context` frames; the last one starts the prediction.

    With `world.scales` they are those of the rollout that fits the perceived states best: the dynamics know
    how the frames hang together, so a speed is then measured over all of them.
    """
    head = clip.head(world.context)
    perceived = perceive(sandbox, world.scene, world.sources["perception"], head, world.context)
    return refine(sandbox, world, head, perceived) if world.scales else perceived


def refine(sandbox: Sandbox, world: WorldProgram, head: Clip, perceived: Trajectory) -> Trajectory:
    """The rollout over the context that is nearest to the perceived states, (context, N)."""
    source = world.sources["dynamics"]
    [found] = refine_all(sandbox, source, world.parameters, world.scales, world.changing, [(head, perceived)])
    return found


def refine_all(
    sandbox: Sandbox,
    source: str,
    params: Mapping[str, float],
    scales: Mapping[str, float],
    free: Sequence[str],
    contexts: Sequence[tuple[Clip, Trajectory]],
) -> list[Trajectory]:
    """The same for several clips, each given as its first frames and their perceived states."""
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
    first = sandbox.refine(source, problems)
    rest = [
        Rollout(s, params, p.dt, len(p.observed) - 1, p.actions) for s, p in zip(first, problems, strict=True)
    ]
    rolled = sandbox.rollout(source, rest)
    names = contexts[0][1].names
    return [Trajectory.from_states([s], names).then(r) for s, r in zip(first, rolled, strict=True)]
