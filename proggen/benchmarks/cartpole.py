"""Cart Pole: videos of Gymnasium's CartPole-v1, pushed one way or by random actions.

States and frames are Gymnasium's own, at its 50 fps and 600 x 400 pixels, never compressed. Frame 0 shows the
initial state, frame k the state after k steps; the unwrapped environment is stepped on past the angle at
which it would end an episode, so the pole falls and swings round (there is no floor).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from ..clips import Camera, Clip, Frames
from ..errors import UsageError
from ..states import State, Trajectory, Variable
from .base import BenchmarkInfo, DataOptions, Episode, EpisodeKey, EpisodeSource, TrueConstant
from .seeds import checked_seed, stream_seed

FPS = 50.0
HEIGHT, WIDTH = 400, 600
CONTEXT = 8
EPISODES = 200  # of each split

# Gymnasium draws the world's 4.8 m on 600 pixels. It puts the cart's middle, whose place is the state's x, on
# the track's line, 100 pixels above the bottom, and then turns the surface over: row 399 - 100. The axle is
# 7.5 pixels (0.06 m) above that.
CAMERA = Camera(units_per_pixel=4.8 / WIDTH, unit="m", origin_column=WIDTH / 2, origin_row=HEIGHT - 1 - 100)
REACH = 2.2  # m: the cart, 0.4 m wide, is in the picture as long as |x| is not larger

# pygame fills polygons through scratch memory that all surfaces share, and lets other threads run meanwhile.
_DRAWING = threading.Lock()

LEFT, RIGHT = 0, 1  # Gymnasium's actions: 10 N either way

TRUTH = (
    Variable("cart.x", "m", "position of the cart's middle, 0 mid-picture, right is positive"),
    Variable("cart.velocity", "m/s", "velocity of the cart, right is positive"),
    Variable("pole.angle", "rad", "angle of the pole, 0 upright, clockwise is positive, not wrapped"),
    Variable("pole.angular_velocity", "rad/s", "angular velocity of the pole, clockwise is positive"),
)

# `CartPoleEnv.__init__`. Only ratios of masses and force can show in a video, so these are named too.
CONSTANTS = (
    TrueConstant("gravity", 9.8, "m/s^2", ("g",)),
    TrueConstant("cart mass", 1.0, "kg", ("masscart",)),
    TrueConstant("pole mass", 0.1, "kg", ("masspole",)),
    TrueConstant("pole mass ratio", 0.1, "1", ("mass ratio",)),
    TrueConstant("half length of the pole", 0.5, "m", ("half length",)),
    TrueConstant("force", 10.0, "N", ("force", "push", "force mag")),
    TrueConstant("force per mass of the cart", 10.0, "m/s^2", ("force per mass", "force per cart mass")),
)


@dataclass(frozen=True)
class Split:
    """How a split's episodes are made. `push` None: random actions."""

    name: str
    n_frames: int
    push: int | None
    wide: bool = False  # initial states as in `wide_state`


def wide_state(rng: np.random.Generator) -> NDArray[np.float64]:
    """An initial state beyond Gymnasium's ±0.05, (4,): the range of `state_out` before its filter.

    | variable              | range                              |
    |-----------------------|------------------------------------|
    | cart.x                | -0.6..0.6 m                        |
    | cart.velocity         | -0.5..0.5 m/s                      |
    | pole.angle            | 0.05..0.2 rad, either way          |
    | pole.angular_velocity | -0.5..0.5 rad/s                    |
    """
    angle = rng.uniform(0.05, 0.2) * rng.choice((-1.0, 1.0))
    x, velocity, angular_velocity = rng.uniform((-0.6, -0.5, -0.5), (0.6, 0.5, 0.5))
    return np.array([x, velocity, angle, angular_velocity])


def make_environment() -> Any:
    """CartPole-v1 (`CartPoleEnv`, which has types only in part) that draws off screen.

    It gets its surface and clock here: it would otherwise start the display, which needs one and is shared by
    all threads. For the same reason it is never closed; a surface is plain memory.
    """
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # pygame greets on standard output
    import pygame

    made = gymnasium.make("CartPole-v1", render_mode="rgb_array", disable_env_checker=True)
    environment: Any = made.unwrapped
    environment.screen = pygame.Surface((WIDTH, HEIGHT))
    environment.clock = pygame.time.Clock()
    return environment


def play(environment: Any, actions: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float64]:
    """States float64 (len(actions) + 1, 4) from the environment's present one on."""
    environment.steps_beyond_terminated = 1  # else it warns that the episode has ended
    states = [np.array(environment.state, dtype=np.float64)]
    for action in actions:
        environment.step(int(action))
        states.append(np.array(environment.state, dtype=np.float64))
    return np.stack(states)


def film(environment: Any, states: NDArray[np.float64]) -> Frames:
    """Frames uint8 (T, 400, 600, 3) of states (T, 4)."""
    frames = np.empty((len(states), HEIGHT, WIDTH, 3), np.uint8)
    for frame, state in zip(frames, states, strict=True):
        environment.state = state
        with _DRAWING:
            frame[:] = environment.render()
    return frames


class CartPoleEpisodes:
    """Episodes of some splits, played and drawn when they are loaded; any thread may load.

    An episode is decided by one seed, given to Gymnasium's `reset`; further draws (wide states, random
    actions) go on from the environment's own generator. Draws in which the cart would leave the picture are
    drawn again.
    """

    def __init__(self, info: BenchmarkInfo, splits: Sequence[Split], seed: int) -> None:
        self._info = info
        self._seed = checked_seed(seed)
        self._splits = {split.name: split for split in splits}
        self.keys: Sequence[EpisodeKey] = [
            EpisodeKey(f"{split.name}-{i:04d}", split.name) for split in splits for i in range(EPISODES)
        ]
        self.problems: Sequence[str] = ()
        self.left_out = ""
        self._index = {key.id: i % EPISODES for i, key in enumerate(self.keys)}

    def load(self, key: EpisodeKey) -> Episode:
        """UsageError if there is no such episode."""
        if key.id not in self._index or key.split not in self._splits:
            raise UsageError(f"There is no episode {key.id!r} in {self._info.name}.")
        split = self._splits[key.split]
        environment = make_environment()
        seed = stream_seed(self._seed, f"{self._info.name}/{split.name}", self._index[key.id])
        states, actions = _draw(environment, split, seed)
        given = actions.astype(np.float64) if self._info.takes_actions else None
        clip = Clip(key.id, film(environment, states), FPS, CAMERA, given)
        names = tuple(v.name for v in TRUTH)
        initial = {f"initial_{n}": float(v) for n, v in zip(names, states[0], strict=True)}
        return Episode(key.id, key.split, clip, Trajectory(names, states), initial)


def _draw(environment: Any, split: Split, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(states (T, 4), actions (T - 1,)) of one episode."""
    environment.reset(seed=seed)
    while True:
        if split.wide:
            environment.state = wide_state(environment.np_random)
        actions = _actions(environment.np_random, split)
        states = play(environment, actions)
        if np.abs(states[:, 0]).max() <= REACH:
            return states, actions
        environment.reset()


def _actions(rng: np.random.Generator, split: Split) -> NDArray[np.int64]:
    if split.push is not None:
        return np.full(split.n_frames - 1, split.push)
    return rng.integers(0, 2, size=split.n_frames - 1)


class _CartPole:
    """What both benchmarks share."""

    info: BenchmarkInfo
    training_split: Split
    evaluation_splits: tuple[Split, ...]

    def training(self, options: DataOptions) -> EpisodeSource:
        return self._episodes((self.training_split,), options)

    def evaluation(self, options: DataOptions) -> EpisodeSource:
        return self._episodes(self.evaluation_splits, options)

    def physics(self, episode: Episode, frame: int, state: State) -> Trajectory:
        """Gymnasium's own steps from a state, under the clip's actions or the push of its split."""
        environment: Any = gymnasium.make("CartPole-v1", disable_env_checker=True).unwrapped
        names = tuple(v.name for v in TRUTH)
        environment.state = np.array([state[n] for n in names])
        states = play(environment, self._acting(episode)[frame:])
        return Trajectory(names, states[1:])

    def _acting(self, episode: Episode) -> NDArray[np.int64]:
        if episode.clip.actions is not None:
            return episode.clip.actions.astype(np.int64)
        splits = {s.name: s for s in (self.training_split, *self.evaluation_splits)}
        return np.full(len(episode.clip) - 1, splits[episode.split].push)

    def _episodes(self, splits: Sequence[Split], options: DataOptions) -> CartPoleEpisodes:
        if options.data is not None or options.train_data is not None:
            raise UsageError(f"{self.info.name} is always generated: data files go with phyworld benchmarks.")
        return CartPoleEpisodes(self.info, splits, options.seed)


_SCENE = (
    "A cart stands on a horizontal track, with a pole joined to it by a free hinge; a fixed camera looks at "
    "it from the side, 600 x 400 pixels, on white. The world was simulated in fixed time steps, one step a "
    "frame; shapes are drawn at whole pixels and nothing is compressed. The pole may fall below the cart and "
    "swing round: there is no floor. Sizes and everything that acts are the same in all clips."
)


def _info(
    name: str, title: str, description: str, *, splits: Sequence[Split], takes_actions: bool
) -> BenchmarkInfo:
    names = tuple(split.name for split in splits)
    return BenchmarkInfo(
        name=name,
        title=title,
        description=f"{_SCENE} {description}",
        context=CONTEXT,
        length=splits[0].n_frames,
        fps=FPS,
        splits=names,
        ood_splits=tuple(n for n in names if n != "in"),
        truth_variables=TRUTH,
        headline=("state.pole.angle", "psnr"),
        takes_actions=takes_actions,
        true_constants=CONSTANTS,
    )


class Push(_CartPole):
    """A constant push of 10 N, not told to the program; 32 frames (0.64 s), in which the pole falls past 90°.

    | split     | push  | initial state                                                       |
    |-----------|-------|---------------------------------------------------------------------|
    | train     | right | all four within ±0.05 (m, m/s, rad, rad/s), as Gymnasium resets     |
    | in        | right | the same                                                            |
    | state_out | right | x ±0.6 m, speeds ±0.5 m/s and rad/s, angle 0.05..0.2 rad either way |
    | push_out  | left  | as in training                                                      |

    The push moves the cart by 1.7 m: of `state_out`, one draw in eight takes it out of the picture
    (|x| > 2.2 m) and is drawn again; these start far on the right or move there.
    """

    training_split = Split("train", 32, RIGHT)
    evaluation_splits = (
        Split("in", 32, RIGHT),
        Split("state_out", 32, RIGHT, wide=True),
        Split("push_out", 32, LEFT),
    )
    info = _info(
        "cartpole/push",
        "Cart Pole under a constant push",
        "Something pushes the cart with the same constant strength throughout every clip; it may push to "
        "either side, but always to one side in a clip. The initial state differs between clips.",
        splits=evaluation_splits,
        takes_actions=False,
    )


class Actions(_CartPole):
    """Random pushes of 10 N, each step to the left (0) or the right (1), given to the program.

    | split       | frames | initial state                                                       |
    |-------------|--------|---------------------------------------------------------------------|
    | train       | 64     | all four within ±0.05 (m, m/s, rad, rad/s), as Gymnasium resets     |
    | in          | 64     | the same                                                            |
    | state_out   | 64     | x ±0.6 m, speeds ±0.5 m/s and rad/s, angle 0.05..0.2 rad either way |
    | horizon_out | 96     | as in training                                                      |

    Draws in which the cart would leave the picture (|x| > 2.2 m) are drawn again.
    """

    training_split = Split("train", 64, None)
    evaluation_splits = (
        Split("in", 64, None),
        Split("state_out", 64, None, wide=True),
        Split("horizon_out", 96, None),
    )
    info = _info(
        "cartpole/actions",
        "Cart Pole under given actions",
        "In each step a force of constant size pushes the cart, to the left where the action is 0 and to the "
        "right where it is 1; the actions are given with each clip. Initial state and actions differ between "
        "clips.",
        splits=evaluation_splits,
        takes_actions=True,
    )
