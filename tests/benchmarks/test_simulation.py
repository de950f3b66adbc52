from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from proggen.benchmarks import DataOptions
from proggen.benchmarks.base import Impacts
from proggen.benchmarks.phyworld import Parabola
from proggen.benchmarks.phyworld.scenes import (
    COLLISION,
    PARABOLA,
    UNIFORM_MOTION,
    Placement,
    Scene,
    evaluation_scenes,
)
from proggen.benchmarks.phyworld.simulation import simulate

STEPS = 10 * np.arange(32) + 1  # physics steps before each frame
H = 0.01


def collide(r1: float, r2: float, v1: float, v2: float, impacts: Impacts = "elastic") -> NDArray[np.float64]:
    """x velocities (31, 2) of two balls that meet in the middle of the clip."""
    half_gap = (v1 + v2) * 1.6 / 2
    scene = Scene(0, 0, (r1, r2, v1, v2), Placement((5 - r1 - half_gap, 5 + r2 + half_gap), 5.0))
    return np.diff(simulate(COLLISION, scene, impacts)[..., 0], axis=0) / 0.1


@pytest.mark.parametrize("index", [0, 1500, 3991])
def test_uniform_motion_is_a_straight_line(index: int) -> None:
    scene = evaluation_scenes(UNIFORM_MOTION, 42)[index]
    positions = simulate(UNIFORM_MOTION, scene, "elastic")[:, 0]
    expected = scene.placement.x[0] + scene.init[1] * H * STEPS
    np.testing.assert_allclose(positions[:, 0], expected, atol=1e-4)
    np.testing.assert_allclose(positions[:, 1], scene.placement.height, atol=1e-6)


@pytest.mark.parametrize("index", [0, 500, 1055])
def test_parabola_is_summed_by_semi_implicit_euler(index: int) -> None:
    scene = evaluation_scenes(PARABOLA, 42)[index]
    positions = simulate(PARABOLA, scene, "elastic")[:, 0]
    fall = 2.5 * H**2 * STEPS * (STEPS + 1) / 2
    np.testing.assert_allclose(positions[:, 0], scene.placement.x[0] + scene.init[1] * H * STEPS, atol=1e-4)
    np.testing.assert_allclose(positions[:, 1], scene.placement.height - fall, atol=1e-4)


@pytest.mark.parametrize(
    "init", [(1.0, 1.0, 2.0, 3.0), (0.6, 1.8, 4.0, 1.0), (1.5, 0.7, 1.0, 0.2), (0.8, 1.2, 0.5, 0.4)]
)
def test_collisions_are_elastic(init: tuple[float, float, float, float]) -> None:
    r1, r2, v1, v2 = init
    m1, m2 = r1**2, r2**2
    velocities = collide(*init)
    after1 = ((m1 - m2) * v1 + 2 * m2 * -v2) / (m1 + m2)
    after2 = ((m2 - m1) * -v2 + 2 * m1 * v1) / (m1 + m2)
    np.testing.assert_allclose(velocities[0], (v1, -v2), atol=1e-3)
    np.testing.assert_allclose(velocities[-1], (after1, after2), atol=1e-3)


def test_with_box2ds_default_collisions_at_one_unit_per_second_are_inelastic() -> None:
    for v2 in (0.4, 0.5):
        r1, r2, v1 = 0.8, 1.2, 0.5
        common = (r1**2 * v1 - r2**2 * v2) / (r1**2 + r2**2)
        last = collide(r1, r2, v1, v2, "box2d-default")[-1]
        np.testing.assert_allclose(last, (common, common), atol=2e-2)


def test_true_velocities_are_those_of_the_motion() -> None:
    source = Parabola().evaluation(DataOptions(lossless=True))
    episode = source.load(source.keys[0])
    np.testing.assert_allclose(episode.truth["ball.vx"], episode.attributes["v"], atol=1e-3)
    np.testing.assert_allclose(np.diff(episode.truth["ball.vy"]), -0.25, atol=2e-3)
    np.testing.assert_allclose(episode.truth["ball.radius"], episode.attributes["r"])
