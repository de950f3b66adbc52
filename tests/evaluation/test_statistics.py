from __future__ import annotations

import numpy as np
import pytest

from proggen.evaluation.statistics import bootstrap_mean


def test_mean_leaves_out_what_is_not_finite() -> None:
    value = bootstrap_mean([1.0, np.nan, 3.0, np.inf])
    assert value is not None
    assert (value.mean, value.n) == (2.0, 2)


def test_one_value_has_an_interval_without_width() -> None:
    value = bootstrap_mean([0.7])
    assert value is not None
    assert (value.mean, value.ci95, value.n) == (0.7, (0.7, 0.7), 1)


@pytest.mark.parametrize("values", [[], [np.nan, np.nan]])
def test_no_value_has_no_mean(values: list[float]) -> None:
    assert bootstrap_mean(values) is None


def test_interval_is_about_two_standard_errors_each_way() -> None:
    values = np.random.default_rng(1).normal(5, 2, 400)
    value = bootstrap_mean(values)
    assert value is not None
    half = 1.96 * values.std() / 20
    assert value.ci95 == pytest.approx((values.mean() - half, values.mean() + half), abs=0.02)


def test_two_values_span_their_extremes() -> None:
    value = bootstrap_mean([0.0, 1.0])  # a quarter of the resamples draws 0 twice, another one 1 twice
    assert value is not None
    assert value.ci95 == (0.0, 1.0)


def test_same_seed_same_interval_other_seed_another() -> None:
    values = np.random.default_rng(0).normal(size=30)
    assert bootstrap_mean(values, seed=1) == bootstrap_mean(values, seed=1)
    assert bootstrap_mean(values, seed=1) != bootstrap_mean(values, seed=2)
