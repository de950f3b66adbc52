"""A ball with a position, a velocity and a radius, and what baselines are made from and asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from proggen.archive.records import VariableRecord
from proggen.clips import Camera, Clip
from proggen.evaluation.baselines import Context, Material, TrainingClip
from proggen.sandbox import Sandbox
from proggen.states import Trajectory

from ...world import Box

VARIABLES = (
    VariableRecord(name="b.x", unit="u", meaning="place"),
    VariableRecord(name="b.vx", unit="u/s", meaning="velocity"),
    VariableRecord(name="b.r", unit="u", meaning="radius", constant=True),
)
NAMES = ("b.x", "b.vx", "b.r")
CAMERA = Camera(0.1, "u", 0.0, 39.0)


def states(*rows: tuple[float, float, float]) -> Trajectory:
    return Trajectory(NAMES, np.array(rows))


def clip(frames: np.ndarray, actions: np.ndarray | None = None, fps: float = 10.0) -> Clip:
    return Clip("c", frames, fps, CAMERA, actions)


def context(perceived: Trajectory | None, n: int = 3, horizon: int = 2, **more: object) -> Context:
    frames = np.arange(n * 4 * 5 * 3, dtype=np.uint8).reshape(n, 4, 5, 3)
    return Context(clip(frames), perceived, horizon, **more)  # type: ignore[arg-type]


def material(
    clips: Sequence[TrainingClip],
    sandbox: Sandbox | None = None,
    variables: Sequence[VariableRecord] = VARIABLES,
) -> Material:
    def more(n, read):  # type: ignore[no-untyped-def]
        return [read(c.clip) for c in clips[:n]]

    return Material(Box.info, tuple(clips), tuple(variables), sandbox, 42, more)  # type: ignore[arg-type]
