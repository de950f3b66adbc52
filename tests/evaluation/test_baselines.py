from __future__ import annotations

import numpy as np
import pytest

from proggen.archive.records import VariableRecord
from proggen.evaluation.baselines import (
    constant_velocity,
    continuation,
    held,
    is_rate,
    nearest_clip,
    repeat_last,
)
from proggen.states import Trajectory

VARIABLES = [
    VariableRecord(name="b.x", unit="u", meaning="place"),
    VariableRecord(name="b.vx", unit="u/s", meaning="velocity"),
    VariableRecord(name="b.r", unit="u", meaning="radius", constant=True),
]
NAMES = ("b.x", "b.vx", "b.r")


def states(*rows: tuple[float, float, float]) -> Trajectory:
    return Trajectory(NAMES, np.array(rows))


@pytest.mark.parametrize(
    ("unit", "rate"),
    [
        *(("m/s", True), ("rad / s", True), ("px/frame", True), ("m s^-1", True), ("m s⁻¹", True)),
        *(("u per second", True), ("m/s^2", True), ("m", False), ("rad", False), ("s", False), ("", False)),
        *(("m/stick", False), ("pixels", False)),
    ],
)
def test_rates_are_told_by_their_unit(unit: str, rate: bool) -> None:
    assert is_rate(VariableRecord(name="a", unit=unit, meaning="")) is rate


def test_repeat_last_stands_still() -> None:
    frames = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)
    repeated, held = repeat_last(frames, states((1, 2, 3), (4, 5, 6)), VARIABLES, 3)
    assert repeated.shape == (3, 4, 5, 3)
    assert (repeated == frames[1]).all()
    assert held.values.tolist() == [[4, 0, 6]] * 3


def test_repeat_last_falls_back_on_what_was_last_observed() -> None:
    perceived = states((1, 2, 3), (4, 5, np.nan))
    _, held = repeat_last(np.zeros((2, 4, 5, 3), np.uint8), perceived, VARIABLES, 1)
    assert held["b.r"].tolist() == [3]


def test_constant_velocity_goes_on_along_the_line() -> None:
    future = constant_velocity(states((1, 9, 3), (1.2, 9, 3), (1.4, 9, 3)), VARIABLES, 2, 0.1)
    assert future["b.x"] == pytest.approx([1.6, 1.8])
    assert future["b.vx"].tolist() == [9, 9]
    assert future["b.r"].tolist() == [3, 3]


def test_constant_velocity_fits_by_least_squares() -> None:
    future = constant_velocity(states((0, 0, 1), (3, 0, 1), (0, 0, 1)), VARIABLES, 1, 0.1)
    assert future["b.x"] == pytest.approx([1.0])  # slope 0 through the mean


def test_constant_velocity_with_gaps() -> None:
    future = constant_velocity(states((1, 0, 1), (np.nan, np.nan, np.nan), (3, 0, 1)), VARIABLES, 1, 0.5)
    assert future["b.x"] == pytest.approx([4.0])


def test_constant_velocity_of_one_observation_stays() -> None:
    future = constant_velocity(states((np.nan, 0, 1), (2, 0, 1)), VARIABLES, 2, 0.1)
    assert future["b.x"].tolist() == [2, 2]


def test_what_was_never_observed_stays_unknown() -> None:
    future = constant_velocity(states((np.nan, 0, 1), (np.nan, 0, 1)), VARIABLES, 2, 0.1)
    assert np.isnan(future["b.x"]).all()


def test_nearest_clip_compares_the_context() -> None:
    clips = [np.full((5, 4, 4, 3), value, np.uint8) for value in (0, 100, 255)]
    clips[1][2:] = 0  # what comes after the context does not count
    assert nearest_clip(np.full((2, 4, 4, 3), 120, np.uint8), clips) == 1


def test_nearest_clip_needs_clips() -> None:
    with pytest.raises(ValueError, match="no training clip"):
        nearest_clip(np.zeros((2, 4, 4, 3), np.uint8), [])


def test_continuation_repeats_the_last_item() -> None:
    assert continuation(np.array([1.0, 2.0, 3.0]), 1, 4).tolist() == [2, 3, 3, 3]


def test_unobserved_keeps_its_last_value() -> None:
    values = np.array([[np.nan, 1.0], [2.0, np.nan], [np.nan, np.nan]])
    assert np.array_equal(held(values), [[np.nan, 1.0], [2.0, 1.0], [2.0, 1.0]], equal_nan=True)
