from __future__ import annotations

import numpy as np
import pytest

from proggen.inference.identify import (
    Derivatives,
    Values,
    blind_to_starts,
    clearly_worse,
    combinations,
    combined_unit,
    differentiate,
    knowledge,
    standard_errors,
)
from proggen.inference.problems import ParameterSpec

RNG = np.random.default_rng(0)
ALONE = np.zeros(100, dtype=int)


def deviation(jacobian: Values, residual: Values, owner: Values) -> Values:
    found = knowledge(jacobian, np.zeros_like(jacobian), residual, owner.astype(int))
    return np.array([found.deviation(e) for e in np.eye(jacobian.shape[1])])


def spec(init: float, low: float, high: float, step: float | None = None) -> ParameterSpec:
    return ParameterSpec(init, low, high, "m", "meaning", step)


def test_independent_noise_gives_the_textbook_error() -> None:
    jacobian, noise = RNG.normal(size=(20000, 1)), 0.3 * RNG.normal(size=20000)
    error = deviation(jacobian, noise, np.arange(20000) // 100)
    assert error[0] == pytest.approx(0.3 / np.sqrt(20000), rel=0.15)


def test_errors_shared_within_a_clip_count_once() -> None:
    owner = np.repeat(np.arange(50), 100)
    shared = RNG.normal(size=50)[owner]
    error = deviation(np.ones((5000, 1)), shared, owner)
    assert error[0] == pytest.approx(1 / np.sqrt(50), rel=0.25)


def test_unseen_direction_is_infinite_and_leaves_the_others_alone() -> None:
    jacobian = np.stack([np.ones(100), np.zeros(100)], axis=1)
    errors = deviation(jacobian, RNG.normal(size=100), ALONE)
    assert np.isfinite(errors[0])
    assert np.isinf(errors[1])


def test_parameters_that_act_as_one_are_unknown_but_their_sum_is_known() -> None:
    column = RNG.normal(size=100)
    jacobian = np.stack([column, column], axis=1)
    found = knowledge(jacobian, np.zeros_like(jacobian), RNG.normal(size=100), np.arange(100) % 5)
    assert np.isinf(found.deviation(np.array([1.0, 0.0])))
    assert found.deviation(np.array([1.0, 1.0])) < 0.5


def test_a_direction_no_larger_than_the_doubt_of_its_derivatives_is_not_told() -> None:
    column, wobble = RNG.normal(size=100), 1e-3 * RNG.normal(size=100)
    jacobian = np.stack([column, column + wobble], axis=1)
    doubt = np.stack([np.zeros(100), 2 * wobble], axis=1)
    found = knowledge(jacobian, doubt, RNG.normal(size=100), ALONE)
    assert np.isinf(found.deviation(np.array([1.0, -1.0])))


def slopes_of(model: object, values: dict[str, float], specs: dict[str, ParameterSpec]) -> Derivatives:
    return differentiate(lambda many: [model(p) for p in many], values, specs, 100)  # type: ignore[operator]


def test_a_parameter_answered_in_steps_has_no_slope() -> None:
    times = np.linspace(0, 1, 100)
    specs = {"smooth": spec(1, 0, 2), "coarse": spec(1.05, 0, 2), "unused": spec(1, 0, 2)}
    values = {"smooth": 1.0, "coarse": 1.05, "unused": 1.0}
    found = slopes_of(lambda p: p["smooth"] * times + (p["coarse"] > 1) * times, values, specs)
    assert found.names == ("smooth",)
    assert found.stepwise == ("coarse", "unused")
    np.testing.assert_allclose(found.columns[:, 0], times, atol=1e-9)


def test_a_wide_parameter_at_its_bound_is_differentiated_inside() -> None:
    seen = []

    def model(p: dict[str, float]) -> Values:
        seen.append(p["rate"])
        return np.full(100, p["rate"] ** 2)

    found = slopes_of(model, {"rate": 1000.0}, {"rate": spec(1.0, 0.001, 1000.0)})
    assert max(seen) == 1000.0
    assert found.columns[0, 0] == pytest.approx(2e6, rel=0.01)


def test_ratio_that_alone_is_told_is_named_with_its_unit() -> None:
    times = np.linspace(0, 1, 100)
    specs = {"force": spec(10, 0, 20), "mass": spec(2, 0, 4)}
    values = {"force": 10.0, "mass": 2.0}
    slopes = slopes_of(lambda p: p["force"] / p["mass"] * times, values, specs)
    found = knowledge(slopes.columns, slopes.doubt, 0.01 * RNG.normal(size=100), ALONE)
    assert standard_errors(found, slopes) == {"force": None, "mass": None}
    [named] = combinations(found, slopes, values, specs)
    assert (named.text, named.value, named.unit) == ("force / mass", 5.0, "1")
    assert named.relative_std_error < 1e-3


def test_well_known_parameters_need_no_combination() -> None:
    times = np.linspace(0, 1, 100)
    specs, values = {"a": spec(10, 0, 20), "b": spec(2, 0, 4)}, {"a": 10.0, "b": 2.0}
    slopes = slopes_of(lambda p: p["a"] * times + p["b"] * times**2, values, specs)
    found = knowledge(slopes.columns, slopes.doubt, 0.01 * RNG.normal(size=100), ALONE)
    assert combinations(found, slopes, values, specs) == []


@pytest.mark.parametrize(
    ("one", "other", "sign", "unit"),
    [
        ("m/s^2", "m", -1, "1/s^2"),
        ("kg", "kg", -1, "1"),
        ("N", "kg", -1, "N/kg"),
        ("1", "m", 1, "m"),
        ("m/s^2", "s", 1, "m/s"),
        ("pixels per frame", "m (roughly)", 1, ""),
    ],
)
def test_units_are_combined_where_they_can_be_read(one: str, other: str, sign: int, unit: str) -> None:
    assert combined_unit(one, other, sign) == unit


NOTHING = Derivatives((), np.zeros(0), np.zeros((100, 0)), np.zeros((100, 0)), np.zeros(0), ())
OWNER = np.repeat(np.arange(5), 20)


def test_worse_in_every_clip_is_clearly_worse() -> None:
    here = 0.1 * RNG.normal(size=100)
    assert clearly_worse(here, here + 0.5, NOTHING, OWNER)
    assert not clearly_worse(here, -here, NOTHING, OWNER)


def test_a_clip_worse_than_any_clip_is_now_is_enough() -> None:
    here = 0.1 * RNG.normal(size=100)
    assert clearly_worse(here, here + 10.0 * (OWNER == 2), NOTHING, OWNER)
    assert not clearly_worse(
        here + 10.0 * (OWNER == 1), here + 10.0 * ((OWNER == 1) | (OWNER == 2)), NOTHING, OWNER
    )


def test_what_an_unknown_start_explains_is_worth_nothing() -> None:
    start = np.linspace(0, 100, 50)[:, None]
    rows = np.column_stack([start[:, 0], np.ones(50)])
    blind = blind_to_starts([start, np.zeros((50, 1))], np.vstack([rows, rows]))
    assert np.linalg.norm(blind[:50, 0]) == pytest.approx(1.0, rel=1e-3)  # a scale of the start, no more
    np.testing.assert_array_equal(blind[50:], rows)
