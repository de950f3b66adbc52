"""Which programs go together: the combination whose predicted frames are nearest to the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..archive.records import EstimationRecord, SceneRecord, SelectionTrial
from ..errors import ProgramFailure
from ..inference.estimate import estimate
from ..inference.fit import PerceivedClip, context_scales
from ..inference.predict import predict, render
from ..sandbox.workers import Workers
from ..world import WorldProgram
from .candidates import Candidate
from .rendering import psnr

FAILED = 0.0  # dB, of a combination that fails on a clip: it can't be chosen over one that works
_EVERY = 2  # frames of the horizon that are drawn


@dataclass(frozen=True)
class Combination:
    """A perception with a dynamics, predicted with or without refinement of the initial state."""

    perception: Candidate
    dynamics: Candidate
    refined: bool
    psnr: float

    def record(self) -> SelectionTrial:
        return SelectionTrial(
            perception=self.perception.id,
            dynamics=self.dynamics.id,
            start="dynamics" if self.refined else "perceived",
            psnr=self.psnr if self.psnr > FAILED else None,
        )


def combine(
    workers: Workers,
    scene: SceneRecord,
    perceptions: Sequence[Candidate],
    dynamics: Sequence[Candidate],
    rendering: Candidate,
    aside: slice,
    context: int,
) -> list[Combination]:
    """All combinations, best first: PSNR of the frames predicted on the training clips kept aside."""
    trials = [(p, d, refined) for p in perceptions for d in dynamics for refined in (False, True)]
    scored = [
        Combination(
            p,
            d,
            refined,
            prediction_psnr(workers, _world(scene, p, d, rendering, context, refined), p.result[aside]),
        )
        for p, d, refined in trials
    ]
    return sorted(scored, key=lambda c: -c.psnr)


def _world(
    scene: SceneRecord,
    perception: Candidate,
    dynamics: Candidate,
    rendering: Candidate,
    context: int,
    refined: bool,
) -> WorldProgram:
    return WorldProgram(
        scene=scene,
        sources={
            "perception": perception.source or "",
            "dynamics": dynamics.source or "",
            "rendering": rendering.source or "",
        },
        parameters=dynamics.result.fit.values(),
        context=context,
        estimation=_on_dynamics(context_scales(perception.result, dynamics.result.scales))
        if refined
        else EstimationRecord(),
    )


def _on_dynamics(scales: dict[str, float]) -> EstimationRecord:
    return EstimationRecord(way="dynamics", scales=scales)


def prediction_psnr(workers: Workers, world: WorldProgram, clips: Sequence[PerceivedClip]) -> float:
    """PSNR of the predicted frames, dB; `FAILED` if a program fails on a clip."""
    try:
        return psnr(np.concatenate(workers.map(lambda c: _errors(workers, world, c), clips)))
    except ProgramFailure:
        return FAILED


def _errors(workers: Workers, world: WorldProgram, c: PerceivedClip) -> np.ndarray:
    """Mean squared pixel error of every `_EVERY`-th predicted frame."""
    box, clip = workers.sandbox, c.clip
    estimated = estimate(box, world, clip, c.context)
    start = world.context - 1
    actions = None if clip.actions is None else clip.actions[start:]
    future = predict(box, world, estimated.state(start), len(clip) - world.context, clip.dt, actions)
    chosen = type(future)(future.names, future.values[::_EVERY])
    frames = render(box, world, chosen, clip.height, clip.width)
    real = clip.frames[world.context :: _EVERY].astype(np.float32)
    return np.asarray(((frames - real) ** 2).mean(axis=(1, 2, 3)))
