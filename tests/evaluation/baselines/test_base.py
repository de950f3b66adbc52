from __future__ import annotations

import numpy as np
import pytest

from proggen.archive.records import VariableRecord
from proggen.evaluation.baselines.base import continuation, held, is_rate


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


def test_continuation_repeats_the_last_item() -> None:
    assert continuation(np.array([1.0, 2.0, 3.0]), 1, 4).tolist() == [2, 3, 3, 3]


def test_unobserved_keeps_its_last_value() -> None:
    values = np.array([[np.nan, 1.0], [2.0, np.nan], [np.nan, np.nan]])
    assert np.array_equal(held(values), [[np.nan, 1.0], [2.0, 1.0], [2.0, 1.0]], equal_nan=True)
