"""Counts and order of PhyWorld's public generator (arXiv 2411.02385, seed 42)."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from proggen.benchmarks import DataOptions
from proggen.benchmarks.phyworld import Collision, Parabola, UniformMotion
from proggen.benchmarks.phyworld.scenes import (
    COLLISION,
    PARABOLA,
    UNIFORM_MOTION,
    Scenario,
    evaluation_scenes,
    label_collision,
    label_single,
    training_scenes,
)

LABELS = {
    "uniform_motion": {"in": 3000, "r_out": 136, "v_out": 280, "rv_out": 279, "zero": 17, "invalid": 280},
    "parabola": {"in": 160, "r_out": 132, "v_out": 220, "rv_out": 279, "zero": 13, "invalid": 252},
    "collision": {"in": 115, "r_out": 58, "v_out": 111, "rv_out": 2, "zero": 54, "invalid": 1295},
}
GROUPS = {
    "uniform_motion": [1000, 1000, 1000, 992],
    "parabola": [1000, 56],
    "collision": [932, 260, 443],
}
SCENARIOS = pytest.mark.parametrize("scenario", [UNIFORM_MOTION, PARABOLA, COLLISION], ids=lambda s: s.name)


@SCENARIOS
def test_every_label_occurs_as_often_as_in_the_public_data(scenario: Scenario) -> None:
    scenes = evaluation_scenes(scenario, 42)
    assert Counter(scenario.label(s.init) for s in scenes) == LABELS[scenario.name]


@SCENARIOS
def test_groups_have_the_sizes_of_the_public_data(scenario: Scenario) -> None:
    sizes = Counter(s.group for s in evaluation_scenes(scenario, 42))
    assert [sizes[g] for g in sorted(sizes)] == GROUPS[scenario.name]


def test_only_scoreable_scenes_are_episodes() -> None:
    counts = [len(b.evaluation(DataOptions()).keys) for b in (UniformMotion(), Parabola(), Collision())]
    assert counts == [3712, 804, 340]


def test_all_collisions_in_the_grid_have_their_labels() -> None:
    grid = COLLISION.evaluation_lists(np.random.RandomState(42))
    expected = {"in": 144, "r_out": 216, "v_out": 232, "rv_out": 352, "zero": 56, "invalid": 1462}
    assert Counter(map(label_collision, grid)) == expected


@SCENARIOS
def test_the_seed_decides_the_scenes(scenario: Scenario) -> None:
    assert evaluation_scenes(scenario, 42) == evaluation_scenes(scenario, 42)
    assert evaluation_scenes(scenario, 42) != evaluation_scenes(scenario, 43)


@SCENARIOS
def test_drawing_scenes_leaves_the_global_generator_alone(scenario: Scenario) -> None:
    np.random.seed(7)
    before = np.random.get_state()[1].tolist()
    evaluation_scenes(scenario, 42)
    assert np.random.get_state()[1].tolist() == before


@SCENARIOS
def test_training_scenes_stay_in_the_training_range(scenario: Scenario) -> None:
    scenes = training_scenes(scenario, 42)
    low, high = (0.5, 1.5) if scenario is COLLISION else (0.7, 1.4)
    assert len(scenes) >= 1000
    for scene in scenes:
        assert all(low <= r <= high for r in scenario.radii(scene.init))
        assert all(1 <= abs(v) <= 4 for v in scenario.velocities(scene.init))


def test_first_training_rows_are_those_of_the_public_file() -> None:
    """Read off the public generator's output."""
    uniform, throw, collision = (
        training_scenes(s, 42)[0].init for s in (UNIFORM_MOTION, PARABOLA, COLLISION)
    )
    assert uniform == pytest.approx((0.7494949494949494, 3.0869565217391304), abs=0)
    assert throw == pytest.approx((1.2434890725193977, 2.79597545259111), abs=0)
    assert collision == pytest.approx((1.0714285714285714, 0.6428571428571428, 3.55, 2.5), abs=0)


@SCENARIOS
def test_balls_start_inside_and_apart(scenario: Scenario) -> None:
    for scene in evaluation_scenes(scenario, 42):
        radii, x = scenario.radii(scene.init), scene.placement.x
        assert all(9.5 - r >= scene.placement.height >= r + 0.5 for r in radii)
        assert x[0] >= radii[0]
        if len(x) == 2:
            assert x[1] - x[0] >= sum(radii) - 1e-9  # balls at rest may touch


@pytest.mark.parametrize(
    ("init", "label"),
    [
        ((0.59, 2.0), "invalid"),
        ((0.6, 2.0), "r_out"),
        ((0.7, 1.0), "in"),
        ((1.4, 4.0), "in"),
        ((1.0, 0.8), "v_out"),
        ((2.0, 6.0), "rv_out"),
        ((2.0, 0.0), "zero"),
    ],
)
def test_labels_of_a_single_ball(init: tuple[float, float], label: str) -> None:
    assert label_single(init) == label


@pytest.mark.parametrize(
    ("init", "label"),
    [
        ((0.5, 1.0, 2.0, 2.0), "invalid"),
        ((0.51, 1.5, 1.0, 4.0), "in"),
        ((1.0, 1.7, 2.0, 2.0), "r_out"),
        ((1.0, 1.0, 2.0, 4.5), "v_out"),
        ((1.7, 1.0, 2.0, 0.5), "rv_out"),
        ((1.7, 1.0, 2.0, 0.0), "zero"),
    ],
)
def test_labels_of_two_balls(init: tuple[float, ...], label: str) -> None:
    assert label_collision(init) == label
