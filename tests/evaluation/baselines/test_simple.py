"""Repeat last, constant motion, nearest clip."""

from __future__ import annotations

import numpy as np
import pytest

from proggen.evaluation.baselines import TrainingClip
from proggen.evaluation.baselines.constant_motion import (
    ConstantAcceleration,
    ConstantVelocity,
    constant_motion,
)
from proggen.evaluation.baselines.last_frame import RepeatLast
from proggen.evaluation.baselines.nearest_clip import NearestClip, nearest
from proggen.states import Trajectory

from .scene import VARIABLES, clip, context, material, states


def moved(perceived: Trajectory, n_steps: int, dt: float, degree: int = 1) -> Trajectory:
    return constant_motion(perceived, VARIABLES, n_steps, dt, degree=degree)


def test_repeat_last_stands_still() -> None:
    asked = context(states((0, 0, 0), (1, 2, 3), (4, 5, 6)))
    found = RepeatLast(material(())).forecast(asked)
    assert found.frames is not None
    assert found.states is not None
    assert (found.frames == asked.head.frames[-1]).all()
    assert found.states.values[3:].tolist() == [[4, 0, 6]] * 2


def test_repeat_last_falls_back_on_what_was_last_observed() -> None:
    found = RepeatLast(material(())).forecast(context(states((1, 2, 3), (4, 5, np.nan))))
    assert found.states is not None
    assert found.states["b.r"][-1] == 3


def test_repeat_last_needs_no_states() -> None:
    found = RepeatLast(material(())).forecast(context(None))
    assert found.states is None
    assert found.frames is not None


def test_constant_velocity_goes_on_along_the_line() -> None:
    future = moved(states((1, 9, 3), (1.2, 9, 3), (1.4, 9, 3)), 2, 0.1)
    assert future["b.x"] == pytest.approx([1.6, 1.8])
    assert future["b.vx"].tolist() == [9, 9]
    assert future["b.r"].tolist() == [3, 3]


def test_constant_velocity_fits_by_least_squares() -> None:
    future = moved(states((0, 0, 1), (3, 0, 1), (0, 0, 1)), 1, 0.1)
    assert future["b.x"] == pytest.approx([1.0])  # slope 0 through the mean


def test_constant_velocity_with_gaps() -> None:
    future = moved(states((1, 0, 1), (np.nan, np.nan, np.nan), (3, 0, 1)), 1, 0.5)
    assert future["b.x"] == pytest.approx([4.0])


@pytest.mark.parametrize("degree", [1, 2])
def test_of_one_observation_it_stays(degree: int) -> None:
    future = moved(states((np.nan, 0, 1), (2, 0, 1)), 2, 0.1, degree)
    assert future["b.x"].tolist() == [2, 2]


def test_what_was_never_observed_stays_unknown() -> None:
    future = moved(states((np.nan, 0, 1), (np.nan, 0, 1)), 2, 0.1)
    assert np.isnan(future["b.x"]).all()


def test_constant_acceleration_goes_on_along_the_parabola_and_its_rate_along_a_line() -> None:
    future = moved(states((0, 1, 3), (1, 2, 3), (4, 3, 3)), 2, 0.1, degree=2)
    assert future["b.x"] == pytest.approx([9, 16])
    assert future["b.vx"] == pytest.approx([4, 5])
    assert future["b.r"].tolist() == [3, 3]


def test_constant_acceleration_of_two_frames_is_constant_velocity() -> None:
    seen = states((1, 2, 3), (2, 2, 3))
    assert moved(seen, 3, 0.1, degree=2)["b.x"] == pytest.approx(moved(seen, 3, 0.1)["b.x"])


@pytest.mark.parametrize("kind", [ConstantVelocity, ConstantAcceleration])
def test_constant_motion_leaves_the_drawing_to_others(kind: type[ConstantVelocity]) -> None:
    found = kind(material(())).forecast(context(states((1, 0, 3), (1, 0, 3), (1, 0, 3))))
    assert found is not None
    assert found.frames is None
    assert found.states is not None
    assert len(found.states) == 5


def test_constant_motion_needs_states() -> None:
    assert ConstantVelocity(material(())).forecast(context(None)) is None


def test_nearest_clip_compares_the_context() -> None:
    heads = [np.full((2, 4, 4, 3), value, np.uint8) for value in (0, 100, 255)]
    assert nearest(np.full((2, 4, 4, 3), 120, np.uint8), heads) == 1


def test_nearest_clip_needs_clips() -> None:
    with pytest.raises(ValueError, match="no training clip"):
        nearest(np.zeros((2, 4, 4, 3), np.uint8), [])


def test_nearest_clip_goes_on_as_that_clip_did() -> None:
    def training(value: int) -> TrainingClip:
        frames = np.full((5, 4, 5, 3), value, np.uint8) + np.arange(5, dtype=np.uint8)[:, None, None, None]
        return TrainingClip(clip(frames), states(*((value, float(k), 1) for k in range(5))))

    found = NearestClip(material([training(10), training(200)])).forecast(
        context(states((0, 0, 1), (0, 0, 1), (0, 0, 1)), horizon=3)
    )
    assert found.frames is not None
    assert found.states is not None
    assert found.frames[:, 0, 0, 0].tolist() == [13, 14, 14]
    assert found.states.values[3:].tolist() == [[10, 3, 1], [10, 4, 1], [10, 4, 1]]
