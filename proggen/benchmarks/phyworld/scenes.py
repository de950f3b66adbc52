"""PhyWorld's scenes (Kang et al., arXiv 2411.02385): grids, seeded draws, and the labels of its evaluation.

The public generator seeds NumPy's global state once before it builds and shuffles its lists of combinations,
and again before every chunk of 1000 scenes. Here a private `RandomState` goes through the same numbers in the
same order, so ids, order and positions are those of the public files, and threads do not disturb each other.

Units: u (the picture shows 10 x 10 u, y up), seconds.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState

from ..seeds import checked_seed

WORLD = 10.0  # u, side of the picture
N_FRAMES = 32
STRIDE = 10  # physics steps per frame
STEP = 0.01  # s
FPS = 10.0
GROUP_SIZE = 1000  # scenes of a chunk; a chunk is one group of the file

_MARGIN = 0.5  # u, free above and below the balls
_FRAMES_INSIDE = 24  # a single ball shall stay in the picture for so many frames
_PRE_FRAMES = _POST_FRAMES = 8  # frames there shall be before and after a collision
_MAX_TRIES = 50
_DROPPED_FROM = 10  # tries after which a scene is dropped, even if a later try fits

Combination = tuple[float, ...]  # an init row: (r, v) or (r1, r2, v1, v2)
Axis = Sequence[float]
INVALID = "invalid"
SPLITS = ("in", "r_out", "v_out", "rv_out", "zero")
OOD_SPLITS = ("r_out", "v_out", "rv_out", "zero")


@dataclass(frozen=True)
class Placement:
    """Where the balls start: x of each, and their common height, u."""

    x: tuple[float, ...]
    height: float


@dataclass(frozen=True)
class Scene:
    """A stored scene. `row` counts the scenes of the group that were kept; `init` is the file's init row."""

    group: int
    row: int
    init: Combination
    placement: Placement

    @property
    def id(self) -> str:
        return scene_id(self.group, self.row)


@dataclass(frozen=True)
class Scenario:
    """One of PhyWorld's three scenarios. In an init row v and v1 count to the right, v2 to the left."""

    name: str
    init_names: tuple[str, ...]
    gravity: float  # u/s^2, downwards
    draw: Callable[[RandomState, Combination], Placement | None]  # None: dropped
    label: Callable[[Combination], str]
    evaluation_lists: Callable[[RandomState], list[Combination]]
    training_lists: Callable[[RandomState], list[Combination]]

    @property
    def n_balls(self) -> int:
        return len(self.init_names) // 2

    def radii(self, init: Combination) -> tuple[float, ...]:
        return init[: self.n_balls]

    def velocities(self, init: Combination) -> tuple[float, ...]:
        """Initial x velocity of each ball, u/s, positive to the right."""
        return tuple(v if ball == 0 else -v for ball, v in enumerate(init[self.n_balls :]))


def scene_id(group: int, row: int) -> str:
    return f"{group:05d}-{row:04d}"


def evaluation_scenes(scenario: Scenario, seed: int) -> list[Scene]:
    """All scenes of the evaluation file, invalid ones included, in its order."""
    combinations = scenario.evaluation_lists(RandomState(checked_seed(seed)))
    return list(_drawn(scenario, combinations, seed))


def training_scenes(scenario: Scenario, seed: int, at_least: int = GROUP_SIZE) -> list[Scene]:
    """The first scenes of the smallest training file, whole groups of them, in its order."""
    combinations = scenario.training_lists(RandomState(checked_seed(seed)))
    scenes: list[Scene] = []
    for start in range(0, len(combinations), GROUP_SIZE):
        if len(scenes) >= at_least:
            break
        group = start // GROUP_SIZE
        scenes += _drawn_group(scenario, combinations[start : start + GROUP_SIZE], group, seed)
    return scenes


def _drawn(scenario: Scenario, combinations: list[Combination], seed: int) -> Iterator[Scene]:
    for start in range(0, len(combinations), GROUP_SIZE):
        yield from _drawn_group(scenario, combinations[start : start + GROUP_SIZE], start // GROUP_SIZE, seed)


def _drawn_group(scenario: Scenario, chunk: list[Combination], group: int, seed: int) -> Iterator[Scene]:
    rng = RandomState(seed)
    placements = [(init, scenario.draw(rng, init)) for init in chunk]
    kept = [(init, placement) for init, placement in placements if placement is not None]
    for row, (init, placement) in enumerate(kept):
        yield Scene(group, row, init, placement)


# --- drawing a scene -------------------------------------------------------------------------------------
# The order of the floating-point operations is part of the published data: another one moves last digits.


def _uniform(rng: RandomState, low: float, high: float) -> float:
    return float(rng.random_sample()) * (high - low) + low


def _draw_x(rng: RandomState, init: Combination) -> float:
    """x of a single ball that moves to the right, such that it stays inside for 24 frames if it can."""
    r, v = init
    high = WORLD - (_FRAMES_INSIDE * v * STEP * STRIDE + r)
    if high < r:
        high = r + _uniform(rng, 0, 0.5)
    return _uniform(rng, r, high)


def draw_uniform_motion(rng: RandomState, init: Combination) -> Placement:
    x = _draw_x(rng, init)
    r = init[0]
    return Placement((x,), _uniform(rng, r + _MARGIN, WORLD - _MARGIN - r))


def draw_parabola(rng: RandomState, init: Combination) -> Placement:
    """A horizontal throw starts in the topmost unit that leaves the margin free."""
    x = _draw_x(rng, init)
    r = init[0]
    return Placement((x,), _uniform(rng, WORLD - _MARGIN - r - 1.0, WORLD - _MARGIN - r))


def draw_collision(rng: RandomState, init: Combination) -> Placement | None:
    """Two balls that meet after at least 8 frames; None after too many tries."""
    r1, r2, _, _ = init
    tries, x1, x2 = _draw_pair(rng, init)
    biggest = max(r1, r2)
    height = _uniform(rng, biggest + _MARGIN, WORLD - _MARGIN - biggest)  # drawn for dropped scenes as well
    return Placement((x1, x2), height) if tries < _DROPPED_FROM else None


def _draw_pair(rng: RandomState, init: Combination) -> tuple[int, float, float]:
    """(failed tries, x1, x2)."""
    r1, r2, v1, v2 = init
    closing = v1 + v2
    nearest = _PRE_FRAMES * closing * STEP * STRIDE + r1 + r2
    farthest = (N_FRAMES - _POST_FRAMES) * STEP * STRIDE * closing + r1 + r2
    x1 = x2 = 0.0
    for tries in range(_MAX_TRIES):
        if r1 > 2 * r2:
            # The published generator means to keep a big left ball at the left edge, but goes on into the
            # general case: of this branch only the tighter bound and one consumed random number remain.
            farthest = min(nearest * 1.25, WORLD - r1 - r2)
            _uniform(rng, nearest, farthest)
        big_right = r2 > 2 * r1
        farthest = min(nearest * 1.25 if big_right else farthest, WORLD - r1 - r2)
        distance = _uniform(rng, nearest, farthest)
        right = WORLD - r2 - distance
        left = right - _MARGIN if big_right else r1
        x1 = max(_uniform(rng, left, right), r1)
        x2 = min(x1 + distance, WORLD - r2)
        if closing <= 0 or (x2 - x1 - r1 - r2) / closing / (STEP * STRIDE) >= _PRE_FRAMES:
            return tries, x1, x2
    return _MAX_TRIES, x1, x2


# --- labels ----------------------------------------------------------------------------------------------


def label_single(init: Combination) -> str:
    """PhyWorld's evaluation label of a single ball; balls below 0.6 u are not scored."""
    r, v = init
    if r < 0.6:
        return INVALID
    if v == 0:
        return "zero"
    return _range_label(0.7 <= r <= 1.4, 1.0 <= v <= 4.0)


def label_collision(init: Combination) -> str:
    """The same for two balls; a radius of 0.5 u, the smallest of the training range, is not scored either."""
    radii, speeds = init[:2], init[2:]
    if min(radii) <= 0.5:
        return INVALID
    if min(speeds) == 0:
        return "zero"
    return _range_label(all(0.5 <= r <= 1.5 for r in radii), all(1.0 <= v <= 4.0 for v in speeds))


def _range_label(r_inside: bool, v_inside: bool) -> str:
    if r_inside:
        return "in" if v_inside else "v_out"
    return "r_out" if v_inside else "rv_out"


# --- lists of combinations -------------------------------------------------------------------------------


def _axis(low: float, high: float, n: int) -> list[float]:
    values: list[float] = np.linspace(low, high, n).tolist()
    return values


def _shuffled(rng: RandomState, *axes: Axis) -> list[Combination]:
    combinations = list(itertools.product(*axes))
    rng.shuffle(combinations)
    return combinations


def _single_evaluation(
    rng: RandomState, inside: tuple[int, int], low_id: tuple[int, int]
) -> list[Combination]:
    """`inside`, `low_id`: values of r and v in the in-range list and beside the low out-of-range values."""
    slow, fast = _axis(0.0, 0.8, 16), _axis(4.5, 6.0, 16)
    small, big = _axis(0.3, 0.6, 8), _axis(1.5, 2.0, 8)
    combinations = _shuffled(rng, _axis(0.7, 1.4, inside[0]), _axis(1.0, 4.0, inside[1]))
    for n_r, n_v, r_out, v_out in ((*low_id, small, slow), (10, 16, big, fast)):
        combinations += _shuffled(rng, r_out, _axis(1.0, 4.0, n_v))
        combinations += _shuffled(rng, _axis(0.7, 1.4, n_r), v_out)
        combinations += _shuffled(rng, r_out, v_out)
    return combinations + _shuffled(rng, small, fast) + _shuffled(rng, big, slow)


def uniform_motion_evaluation(rng: RandomState) -> list[Combination]:
    return _single_evaluation(rng, inside=(30, 100), low_id=(8, 8))


def parabola_evaluation(rng: RandomState) -> list[Combination]:
    return _single_evaluation(rng, inside=(10, 16), low_id=(4, 4))


def uniform_motion_training(rng: RandomState) -> list[Combination]:
    return _shuffled(rng, _axis(0.7, 1.4, 100), _axis(1.0, 4.0, 300))


def parabola_training(rng: RandomState) -> list[Combination]:
    """Unlike the other two, this training grid has random lines."""
    v = sorted(_uniform(rng, 1.0, 4.0) for _ in range(300))
    r = sorted(_uniform(rng, 0.7, 1.4) for _ in range(100))
    return _shuffled(rng, r, v)


def collision_training(rng: RandomState) -> list[Combination]:
    r, v = _axis(0.5, 1.5, 8), _axis(1.0, 4.0, 21)
    return _shuffled(rng, r, r, v, v)


def collision_evaluation(rng: RandomState) -> list[Combination]:
    r4, v4 = _axis(0.5, 1.5, 4), _axis(1.0, 4.0, 4)
    r3, v3 = _axis(0.5, 1.5, 3), _axis(1.0, 4.0, 3)
    small, big = _axis(0.3, 0.4, 3), _axis(1.7, 2.0, 4)
    slow, fast = _axis(0.0, 0.8, 4), _axis(4.5, 6.0, 4)
    patterns: list[tuple[Axis, Axis, Axis, Axis]] = [(r4, r4, v4, v4)]
    for r, v in ((small, slow), (big, fast)):
        patterns += [(r, r3, v3, v3), (r3, r3, v, v3), (r, r, v3, v3)]
        patterns += [(r3, r3, v, v), (r, r3, v, v3), (r, r, v, v)]
    patterns += [(small, big, v3, v3), (r3, r3, slow, fast)]
    patterns += [(small, big, slow, fast), (big, small, slow, fast)]
    return [combination for pattern in patterns for combination in _shuffled(rng, *pattern)]


UNIFORM_MOTION = Scenario(
    name="uniform_motion",
    init_names=("r", "v"),
    gravity=0.0,
    draw=draw_uniform_motion,
    label=label_single,
    evaluation_lists=uniform_motion_evaluation,
    training_lists=uniform_motion_training,
)
PARABOLA = Scenario(
    name="parabola",
    init_names=("r", "v"),
    gravity=2.5,
    draw=draw_parabola,
    label=label_single,
    evaluation_lists=parabola_evaluation,
    training_lists=parabola_training,
)
COLLISION = Scenario(
    name="collision",
    init_names=("r1", "r2", "v1", "v2"),
    gravity=0.0,
    draw=draw_collision,
    label=label_collision,
    evaluation_lists=collision_evaluation,
    training_lists=collision_training,
)
SCENARIOS = (UNIFORM_MOTION, PARABOLA, COLLISION)
