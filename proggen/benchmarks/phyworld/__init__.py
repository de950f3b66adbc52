"""PhyWorld (Kang et al., "How Far is Video Generation from World Model", arXiv 2411.02385).

Scenes are generated as its public generator does, or read from its published files. One class per scenario.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from ...states import State, Trajectory
from ..base import BenchmarkInfo, DataOptions, Episode, EpisodeSource, TrueConstant
from .episodes import GeneratedEpisodes, PhyWorldEpisode, ball_names, truth, truth_variables
from .files import PublishedFile, export
from .scenes import (
    COLLISION,
    FPS,
    GROUP_SIZE,
    N_FRAMES,
    OOD_SPLITS,
    PARABOLA,
    SPLITS,
    STEP,
    STRIDE,
    UNIFORM_MOTION,
    Scenario,
    evaluation_scenes,
    training_scenes,
)
from .simulation import resume

__all__ = ["Collision", "Parabola", "PhyWorldEpisode", "UniformMotion", "export"]

_CONTEXT = 3  # frames given, PhyWorld's protocol

_VIDEO = (
    "The world is two-dimensional and was simulated with the Box2D rigid-body engine. A fixed camera shows a "
    "field of 10 x 10 units from the side, 256 x 256 pixels, on white; there are no walls, and things may "
    "leave the picture. Discs have slightly soft edges. The frames went through lossy H.264 with 4:2:0 "
    "chroma."
)

_STEPPING = (
    TrueConstant("time step", STEP, "s", ("engine step", "sub step")),
    TrueConstant("steps per frame", STRIDE, "1", ("substeps", "engine steps", "steps per frame")),
)
_RESTITUTION = TrueConstant("restitution", 1.0, "1", ("elasticity",))
_DENSITY_RATIO = TrueConstant("density ratio", 1.0, "1")


def _gravity(scenario: Scenario) -> TrueConstant:
    return TrueConstant("gravity", scenario.gravity, "u/s^2", ("g",))


def _info(
    scenario: Scenario,
    title: str,
    description: str,
    protocol: str,
    headline: tuple[str, ...],
    constants: tuple[TrueConstant, ...] = (),
) -> BenchmarkInfo:
    return BenchmarkInfo(
        name=f"phyworld/{scenario.name}",
        title=title,
        description=f"{description} {_VIDEO}",
        context=_CONTEXT,
        length=N_FRAMES,
        fps=FPS,
        splits=SPLITS,
        ood_splits=OOD_SPLITS,
        truth_variables=truth_variables(scenario),
        velocity_protocol=protocol,
        headline=headline,
        true_constants=(_gravity(scenario), *constants, *_STEPPING),
    )


class _PhyWorld:
    """What the three scenarios share; see each for its ranges."""

    info: BenchmarkInfo
    scenario: ClassVar[Scenario]

    def training(self, options: DataOptions) -> EpisodeSource:
        """The first scenes (at least 1000) of the smallest training file; all of the split `train`."""
        if options.train_data is not None:
            path = Path(options.train_data)
            return PublishedFile(
                path, self.scenario, training=True, at_least=GROUP_SIZE, impacts=options.impacts
            )
        return GeneratedEpisodes(
            self.scenario, training_scenes(self.scenario, options.seed), options, training=True
        )

    def evaluation(self, options: DataOptions) -> EpisodeSource:
        """Scoreable scenes of the evaluation file, in its order; a read file is never lossless."""
        if options.data is not None:
            return PublishedFile(Path(options.data), self.scenario, training=False, impacts=options.impacts)
        return GeneratedEpisodes(
            self.scenario, evaluation_scenes(self.scenario, options.seed), options, training=False
        )

    def physics(self, episode: Episode, frame: int, state: State) -> Trajectory:
        """Box2D from a state, with the episode's impacts; velocities of the frames after it as in the truth.

        A published file does not say how its balls collide: there, `DataOptions` do.
        """
        impacts = episode.impacts if isinstance(episode, PhyWorldEpisode) else DataOptions.impacts
        balls = ball_names(self.scenario)
        positions = np.array([[state[f"{b}.x"], state[f"{b}.y"]] for b in balls])
        velocities = np.array([[state[f"{b}.vx"], state.get(f"{b}.vy", 0.0)] for b in balls])
        radii = [state[f"{b}.radius"] for b in balls]
        path = resume(self.scenario, positions, velocities, radii, len(episode.clip) - 1 - frame, impacts)
        return truth(self.scenario, radii, path).part(1)


class UniformMotion(_PhyWorld):
    """One ball at constant velocity to the right.

    | attribute | meaning  | training   | evaluation             |
    |-----------|----------|------------|------------------------|
    | r         | radius   | 0.7..1.4 u | 0.6 u, and 1.5..2.0 u  |
    | v         | velocity | 1..4 u/s   | 0..0.8, and 4.5..6 u/s |

    Splits: in, r_out, v_out, rv_out (outside the training ranges), zero (v = 0).
    """

    scenario = UNIFORM_MOTION
    info = _info(
        UNIFORM_MOTION,
        "Uniform motion of a ball",
        "A single red ball moves in a straight line. Radius, velocity and starting place differ between "
        "clips.",
        "uniform",
        ("vel_error_per_frame", "vel_error"),
    )


class Parabola(_PhyWorld):
    """One ball thrown horizontally, gravity 2.5 u/s^2; it falls out of the picture.

    Ranges and splits are those of `UniformMotion`; v is the horizontal velocity.
    """

    scenario = PARABOLA
    info = _info(
        PARABOLA,
        "Parabolic flight of a ball",
        "A single red ball is thrown and falls under gravity, which is the same in all clips. Radius, "
        "velocity and starting place differ between clips.",
        "parabola",
        ("vel_error_per_frame", "y_vel_error_per_frame", "x_vel_error"),
    )


class Collision(_PhyWorld):
    """Two balls of equal density on a head-on course; they bounce elastically, slow ones too by default.

    | attribute | meaning                                  | training   | evaluation                     |
    |-----------|------------------------------------------|------------|--------------------------------|
    | r1, r2    | radii of the left (red), right (blue)    | 0.5..1.5 u | above 0.5..1.5 u, and 1.7..2 u |
    | v1        | speed of the left ball, to the right     | 1..4 u/s   | 0..0.8, and 4.5..6 u/s         |
    | v2        | speed of the right ball, to the left     | 1..4 u/s   | 0..0.8, and 4.5..6 u/s         |

    Splits: in, r_out, v_out, rv_out (any outside the training ranges), zero (v1 = 0 or v2 = 0).
    """

    scenario = COLLISION
    info = _info(
        COLLISION,
        "Collision of two balls",
        "A red ball and a blue ball, at the same height, move towards each other along a horizontal line and "
        "may collide head-on. Radii, velocities and starting places differ between clips.",
        "collision",
        ("post_vel_error_per_frame", "post_vel_error", "pre_vel_error"),
        (_RESTITUTION, _DENSITY_RATIO),
    )
