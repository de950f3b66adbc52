"""The benchmarks' own physics from a given state, and the true velocities it starts from."""

from __future__ import annotations

import numpy as np
import pytest

from proggen.benchmarks import Benchmark, DataOptions, Episode, EpisodeKey
from proggen.benchmarks.base import physics_of
from proggen.benchmarks.cartpole import Actions, Push
from proggen.benchmarks.phyworld import Collision, Parabola, UniformMotion
from proggen.benchmarks.phyworld.episodes import path_velocities
from proggen.benchmarks.phyworld.scenes import COLLISION

from ..world import Box


def load(benchmark: Benchmark, episode_id: str) -> Episode:
    source = benchmark.evaluation(DataOptions(lossless=True))
    return source.load(next(k for k in source.keys if k.id == episode_id))


# the fourth and fifth close at 1 u/s or barely above it, where Box2D's default turns from inelastic to elastic
CASES = [
    (UniformMotion(), "00000-0840"), (Parabola(), "00000-0692"), (Collision(), "00000-0000"),
    (Collision(), "00000-0391"), (Collision(), "00000-0566"), (Collision(), "00000-0927"),
]  # fmt: skip


@pytest.mark.parametrize(("benchmark", "episode_id"), CASES)
def test_phyworld_goes_on_from_its_true_state_as_it_did(benchmark: Collision, episode_id: str) -> None:
    episode = load(benchmark, episode_id)
    again = benchmark.physics(episode, 2, episode.truth.state(2))
    for name in again.names:
        limit = 3e-4 if name.endswith((".x", ".y")) else 5e-4
        np.testing.assert_allclose(again[name], episode.truth[name][3:], atol=limit)


@pytest.mark.parametrize(
    ("benchmark", "episode_id"), [(Push(), "push_out-0003"), (Actions(), "horizon_out-0001")]
)
def test_cart_pole_goes_on_from_its_true_state_exactly(benchmark: Push, episode_id: str) -> None:
    episode = benchmark.evaluation(DataOptions()).load(EpisodeKey(episode_id, episode_id[:-5]))
    again = benchmark.physics(episode, 7, episode.truth.state(7))
    np.testing.assert_array_equal(again.values, episode.truth.values[8:])


def test_another_state_has_another_future() -> None:
    episode = load(Parabola(), "00000-0692")
    faster = {**episode.truth.state(2), "ball.vx": episode.truth.state(2)["ball.vx"] + 0.1}
    again = Parabola().physics(episode, 2, faster)
    np.testing.assert_allclose(again["ball.x"][-1] - episode.truth["ball.x"][-1], 0.29, atol=1e-3)


def test_no_ball_has_a_negative_radius() -> None:
    episode = load(Parabola(), "00000-0692")
    with pytest.raises(ValueError, match="no balls"):
        Parabola().physics(episode, 2, {**episode.truth.state(2), "ball.radius": -1.0})


def test_a_benchmark_may_have_no_physics_to_offer() -> None:
    assert physics_of(Box()) is None
    assert physics_of(Collision()) is not None


def test_true_velocities_beside_an_impact_are_those_before_and_after_it() -> None:
    """It happens between frames 4 and 5: ball 1 goes from 2 to -1 u/s."""
    x = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 0.85, 0.75, 0.65, 0.55])
    positions = np.stack([x, np.full(9, 5.0)], axis=1)[:, np.newaxis]
    velocities = path_velocities(COLLISION, positions)[:, 0]
    np.testing.assert_allclose(velocities[:, 0], [2, 2, 2, 2, 2, -1, -1, -1, -1], atol=1e-9)
    np.testing.assert_array_equal(velocities[:, 1], 0)
