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
from ..base import DataOptions, Episode, EpisodeKey, Impacts
from .drawing import CAMERA, draw
from .scenes import FPS, INVALID, Combination, Scenario, Scene
from .simulation import simulate

TRAIN = "train"  # split of all training clips
_IMPACT = 1e-3  # u/s: without gravity, a velocity that changes more from one interval to the next
_MEANINGS = {
    "x": ("u", "x of the centre"),
    "y": ("u", "y of the centre, upwards"),
    "vx": ("u/s", "velocity along x"),
    "vy": ("u/s", "velocity along y, upwards"),
    "radius": ("u", "radius"),
}


@dataclass(frozen=True)
class PhyWorldEpisode(Episode):
    """An episode with the MP4 its frames were decoded from; None if they never went through the codec.

    impacts: how its balls collide where they collide slowly.
    """

    video: bytes | None = None
    impacts: Impacts = "elastic"


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


def truth(scenario: Scenario, radii: Sequence[float], positions: NDArray[np.float64]) -> Trajectory:
    """True states, (T, N), from positions (T, balls, 2); velocities as in `path_velocities`."""
    velocities = path_velocities(scenario, positions)
    columns: dict[str, NDArray[np.float64]] = {}
    for ball, (name, radius) in enumerate(zip(ball_names(scenario), radii, strict=True)):
        for axis, letter in enumerate("xy"):
            columns[f"{name}.{letter}"] = positions[:, ball, axis]
            columns[f"{name}.v{letter}"] = velocities[:, ball, axis]
        columns[f"{name}.radius"] = np.full(len(positions), radius)
    names = tuple(v.name for v in truth_variables(scenario))
    return Trajectory(names, np.stack([columns[n] for n in names], axis=1))


def path_velocities(scenario: Scenario, positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Velocities of the frames, (T, balls, 2), u/s, from positions of the same shape, T > 2.

    Central differences over frames, for generated scenes too: published files hold positions only, and a
    number must not depend on where a scene came from. They are exact under constant acceleration, whose path
    x + v t + a t^2 / 2 the frames follow. In the two frames beside an impact, that of the side away from it
    counts. Rounded to 1e-4 u/s, for stored positions are of single precision. With impacts `box2d-default`,
    balls that close at 1 u/s, just slow enough to stick together, would else close at 1.00001 and bounce.
    """
    velocities = np.gradient(positions, 1 / FPS, axis=0, edge_order=2 if scenario.gravity else 1)
    if not scenario.gravity:
        _beside_impacts(velocities, np.diff(positions, axis=0) * FPS)
    return np.round(velocities, 4)


def _beside_impacts(velocities: NDArray[np.float64], between: NDArray[np.float64]) -> None:
    """Takes the velocity between frames, (T - 1, balls, 2), before or after, whichever goes on unchanged."""
    bends = np.abs(np.diff(between, axis=0))
    for k, ball, axis in np.argwhere(bends > _IMPACT):
        before = bends[k - 1, ball, axis] if k > 0 else 0.0
        after = bends[k + 1, ball, axis] if k + 1 < len(bends) else 0.0
        velocities[k + 1, ball, axis] = between[k if before <= after else k + 1, ball, axis]


def make_episode(
    scenario: Scenario,
    key: EpisodeKey,
    *,
    init: Combination,
    positions: NDArray[np.float64],
    frames: Frames,
    mp4: bytes | None,
    impacts: Impacts,
) -> PhyWorldEpisode:
    return PhyWorldEpisode(
        id=key.id,
        split=key.split,
        clip=Clip(key.id, frames, FPS, CAMERA),
        truth=truth(scenario, scenario.radii(init), positions),
        attributes=dict(zip(scenario.init_names, init, strict=True)),
        video=mp4,
        impacts=impacts,
    )


class GeneratedEpisodes:
    """Scenes that are simulated, drawn and compressed when they are loaded; any thread may load."""

    def __init__(
        self, scenario: Scenario, scenes: Sequence[Scene], options: DataOptions, *, training: bool
    ) -> None:
        labelled = [(scene, TRAIN if training else scenario.label(scene.init)) for scene in scenes]
        self.keys: Sequence[EpisodeKey] = [
            EpisodeKey(scene.id, label) for scene, label in labelled if label != INVALID
        ]
        self.problems: Sequence[str] = ()
        self.left_out = ""
        self._scenario = scenario
        self._options = options
        self._scenes = {scene.id: scene for scene in scenes}

    def load(self, key: EpisodeKey) -> PhyWorldEpisode:
        """UsageError if there is no such scene."""
        scene = self._scenes.get(key.id)
        if scene is None:
            raise UsageError(f"There is no episode {key.id!r} in phyworld/{self._scenario.name}.")
        positions = simulate(self._scenario, scene, self._options.impacts)
        frames = draw(positions, self._scenario.radii(scene.init))
        mp4 = None if self._options.lossless else video.encode(frames, FPS)
        decoded = frames if mp4 is None else video.decode(mp4)
        return make_episode(
            self._scenario,
            key,
            init=scene.init,
            positions=positions,
            frames=decoded,
            mp4=mp4,
            impacts=self._options.impacts,
        )
