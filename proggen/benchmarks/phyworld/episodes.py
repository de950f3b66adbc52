"""PhyWorld's episodes: what a scene, generated or read, tells as clip, truth and attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...clips import Clip, Frames
from ...errors import UsageError
from ...states import Trajectory, Variable
from .. import video
from ..base import Episode, EpisodeKey
from .drawing import CAMERA, draw
from .scenes import FPS, INVALID, Combination, Scenario, Scene
from .simulation import simulate

TRAIN = "train"  # split of all training clips
_MEANINGS = {
    "x": ("u", "x of the centre"),
    "y": ("u", "y of the centre, upwards"),
    "vx": ("u/s", "velocity along x"),
    "vy": ("u/s", "velocity along y, upwards"),
    "radius": ("u", "radius"),
}


@dataclass(frozen=True)
class PhyWorldEpisode(Episode):
    """An episode with the MP4 its frames were decoded from; None if they never went through the codec."""

    video: bytes | None = None


def truth_variables(scenario: Scenario) -> tuple[Variable, ...]:
    """The true state of every frame: u and u/s; vy only where it changes."""
    parts = ("x", "y", "vx", "vy", "radius") if scenario.gravity else ("x", "y", "vx", "radius")
    return tuple(
        Variable(f"{ball}.{part}", _MEANINGS[part][0], f"{_MEANINGS[part][1]} of the {color} ball")
        for ball, color in zip(ball_names(scenario), ("red", "blue"), strict=False)
        for part in parts
    )


def ball_names(scenario: Scenario) -> tuple[str, ...]:
    return ("ball",) if scenario.n_balls == 1 else ("ball1", "ball2")


def truth(scenario: Scenario, init: Combination, positions: NDArray[np.float64]) -> Trajectory:
    """True states, (T, N), from positions (T, balls, 2).

    Velocities are central differences over frames (second order at both ends), for generated scenes too:
    published files hold positions only, and a number must not depend on where a scene came from. In the two
    frames around a collision they are therefore between the velocities before and after it.
    """
    velocities = np.gradient(positions, 1 / FPS, axis=0, edge_order=2)
    columns: dict[str, NDArray[np.float64]] = {}
    for ball, (name, radius) in enumerate(zip(ball_names(scenario), scenario.radii(init), strict=True)):
        for axis, letter in enumerate("xy"):
            columns[f"{name}.{letter}"] = positions[:, ball, axis]
            columns[f"{name}.v{letter}"] = velocities[:, ball, axis]
        columns[f"{name}.radius"] = np.full(len(positions), radius)
    names = tuple(v.name for v in truth_variables(scenario))
    return Trajectory(names, np.stack([columns[n] for n in names], axis=1))


def make_episode(
    scenario: Scenario,
    key: EpisodeKey,
    *,
    init: Combination,
    positions: NDArray[np.float64],
    frames: Frames,
    mp4: bytes | None,
) -> PhyWorldEpisode:
    return PhyWorldEpisode(
        id=key.id,
        split=key.split,
        clip=Clip(key.id, frames, FPS, CAMERA),
        truth=truth(scenario, init, positions),
        attributes=dict(zip(scenario.init_names, init, strict=True)),
        video=mp4,
    )


class GeneratedEpisodes:
    """Scenes that are simulated, drawn and compressed when they are loaded; any thread may load."""

    def __init__(
        self, scenario: Scenario, scenes: Sequence[Scene], *, training: bool, lossless: bool
    ) -> None:
        labelled = [(scene, TRAIN if training else scenario.label(scene.init)) for scene in scenes]
        self.keys: Sequence[EpisodeKey] = [
            EpisodeKey(scene.id, label) for scene, label in labelled if label != INVALID
        ]
        self.problems: Sequence[str] = ()
        self._scenario = scenario
        self._lossless = lossless
        self._scenes = {scene.id: scene for scene in scenes}

    def load(self, key: EpisodeKey) -> PhyWorldEpisode:
        """UsageError if there is no such scene."""
        scene = self._scenes.get(key.id)
        if scene is None:
            raise UsageError(f"There is no episode {key.id!r} in phyworld/{self._scenario.name}.")
        positions = simulate(self._scenario, scene)
        frames = draw(positions, self._scenario.radii(scene.init))
        mp4 = None if self._lossless else video.encode(frames, FPS)
        decoded = frames if mp4 is None else video.decode(mp4)
        return make_episode(
            self._scenario, key, init=scene.init, positions=positions, frames=decoded, mp4=mp4
        )
