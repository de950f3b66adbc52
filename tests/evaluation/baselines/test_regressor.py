"""The regressor on small worlds whose law is known."""

from __future__ import annotations

import numpy as np
import pytest

from proggen.evaluation.baselines import Context, TrainingClip
from proggen.evaluation.baselines.regressor import Regressor
from proggen.states import Trajectory

from .scene import NAMES, clip, material

LENGTH, FPS = 20, 10.0


def thrown(seed: int, actions: np.ndarray | None = None) -> Trajectory:
    """x speeds up by 2 u/s^2, or by what the actions say."""
    rng = np.random.default_rng(seed)
    force = np.full(LENGTH - 1, 2.0) if actions is None else 4.0 * actions - 2.0
    v = rng.uniform(-1, 1) + np.concatenate([[0.0], np.cumsum(force) / FPS])
    x = rng.uniform(-1, 1) + np.concatenate([[0.0], np.cumsum(v[:-1]) / FPS])
    return Trajectory(NAMES, np.stack([x, v, np.full(LENGTH, rng.uniform(1, 2))], axis=1))


def training(count: int = 10, *, acted: bool = False) -> list[TrainingClip]:
    found = []
    for seed in range(count):
        actions = (
            np.random.default_rng(100 + seed).integers(0, 2, LENGTH - 1).astype(float) if acted else None
        )
        frames = np.zeros((LENGTH, 4, 5, 3), np.uint8)
        found.append(TrainingClip(clip(frames, actions), thrown(seed, actions)))
    return found


def asked(states: Trajectory, actions: np.ndarray | None = None) -> Context:
    return Context(clip(np.zeros((3, 4, 5, 3), np.uint8)), states.part(0, 3), LENGTH - 3, actions)


@pytest.fixture(scope="module")
def learned() -> Regressor:
    return Regressor(material(training()))


def test_it_learns_an_acceleration_and_keeps_constants(learned: Regressor) -> None:
    truth = thrown(50)
    found = learned.forecast(asked(truth))
    assert found is not None
    assert found.states is not None
    assert found.frames is None
    assert found.states["b.x"] == pytest.approx(truth["b.x"], abs=0.05)
    assert (found.states["b.r"] == truth["b.r"][0]).all()


def test_it_uses_actions() -> None:
    regressor = Regressor(material(training(acted=True)))
    ends = []
    for action in (0.0, 1.0):
        found = regressor.forecast(asked(thrown(50), np.full(LENGTH - 1, action)))
        assert found is not None
        assert found.states is not None
        ends.append(found.states["b.x"][-1])
    assert ends[1] - ends[0] > 3  # 2 u/s^2 either way over 1.7 s make 5.8 u


def test_it_is_the_same_every_time(learned: Regressor) -> None:
    first, second = (r.forecast(asked(thrown(50))) for r in (learned, Regressor(material(training()))))
    assert first is not None
    assert second is not None
    assert first.states is not None
    assert second.states is not None
    assert np.array_equal(first.states.values, second.states.values)


def test_far_from_what_it_learned_it_stays_within_bounds(learned: Regressor) -> None:
    wild = Trajectory(NAMES, np.array([[0.0, 0.0, 1.0], [1e6, 0.0, 1.0], [-1e7, 1e9, 1.0]]))
    found = learned.forecast(asked(wild))
    assert found is not None
    assert found.states is not None
    assert np.abs(found.states.values[3:]).max() < 100


def test_unobserved_values_in_training_are_left_out() -> None:
    clips = training()
    holes = clips[0].whole.values.copy()
    holes[5:12, 0] = np.nan
    clips[0] = TrainingClip(clips[0].clip, Trajectory(NAMES, holes))
    truth = thrown(50)
    found = Regressor(material(clips)).forecast(asked(truth))
    assert found is not None
    assert found.states is not None
    assert found.states["b.x"] == pytest.approx(truth["b.x"], abs=0.05)


def test_without_states_it_says_nothing(learned: Regressor) -> None:
    assert learned.forecast(Context(clip(np.zeros((3, 4, 5, 3), np.uint8)), None, 5)) is None
