from __future__ import annotations

import numpy as np
import pytest

from proggen.archive.records import PairedDifference
from proggen.evaluation.statistics import bootstrap_mean, bootstrap_means, paired_differences


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


def test_columns_are_each_resampled_as_if_alone() -> None:
    columns = np.random.default_rng(2).normal(size=(40, 3))
    columns[:5, 1] = np.nan
    for column, value in zip(columns.T, bootstrap_means(columns), strict=True):
        alone = bootstrap_mean(column)
        assert alone is not None
        assert value is not None
        assert (value.n, value.mean) == (alone.n, pytest.approx(alone.mean))
        assert value.ci95 == pytest.approx(alone.ci95)


def test_interval_is_that_of_resampling_by_hand() -> None:
    values = np.random.default_rng(3).exponential(size=25)
    draws = np.random.default_rng(7).integers(25, size=(40_000, 25))
    value = bootstrap_mean(values, seed=1, resamples=40_000)
    assert value is not None
    assert value.ci95 == pytest.approx(np.quantile(values[draws].mean(axis=1), [0.025, 0.975]), rel=0.02)


def paired(
    ours: list[float], other: list[float], *, higher: bool = False, smallest: float = 0.0
) -> PairedDifference:
    [found] = paired_differences(ours, np.array([other]).T, higher=higher, smallest=smallest)
    assert found is not None
    return found


def test_gain_is_positive_where_ours_has_the_smaller_error() -> None:
    found = paired([1.0, 1.0, 4.0, 2.0], [3.0, 2.0, 3.0, 2.0])
    assert (found.mean, found.wins, found.ties, found.n) == (0.5, (2 + 0.5) / 4, 1, 4)


def test_gain_is_turned_where_higher_is_better() -> None:
    assert paired([30.0, 31.0], [20.0, 21.0], higher=True).mean == 10.0


def test_only_episodes_with_both_values_count() -> None:
    found = paired([1.0, np.nan, 3.0], [2.0, 5.0, np.inf])
    assert (found.mean, found.n) == (1.0, 1)


def test_no_common_episode_has_no_difference() -> None:
    assert paired_differences([1.0, np.nan], [[np.nan], [2.0]]) == [None]


def test_pairing_finds_a_difference_that_the_spread_of_episodes_hides() -> None:
    rng = np.random.default_rng(5)
    hard = rng.exponential(10, 50)
    ours, other = hard, hard + rng.uniform(0.1, 0.3, 50)
    alone, rival = bootstrap_mean(ours), bootstrap_mean(other)
    assert alone is not None
    assert rival is not None
    assert alone.ci95[1] > rival.ci95[0]
    assert paired(ours.tolist(), other.tolist()).verdict == "better"


def test_verdict_needs_an_interval_without_zero() -> None:
    level = [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0]
    assert paired(level, level[::-1]).verdict == "unclear"
    assert paired(level, [v - 0.5 for v in level]).verdict == "worse"


def test_few_episodes_bear_no_verdict() -> None:
    assert paired([0.0] * 5, [1.0] * 5).verdict == "few"
    assert paired([0.0] * 6, [1.0] * 6).verdict == "better"


def test_equal_up_to_rounding_is_a_tie() -> None:
    found = paired([0.1 + 0.2], [0.3])
    assert (found.mean, found.ties) == (0.0, 1)


def test_mean_against_most_episodes_is_mixed() -> None:
    other = [0.9] * 14 + [9.0] * 6
    assert paired([1.0] * 20, other).verdict == "mixed"


def test_a_gain_below_what_matters_is_not_better_however_sure_it_is() -> None:
    """Six and more episodes, each with the same tiny gain: the interval excludes zero by far."""
    ours = np.linspace(0.001, 0.004, 24)
    sure = paired(ours.tolist(), (ours + 1.4e-5).tolist(), smallest=1e-3)
    assert sure.ci95[0] > 0
    assert (sure.verdict, sure.wins, sure.ties) == ("equal", 0.5, 24)
    assert sure.mean == pytest.approx(1.4e-5)  # a tie is still counted as it is


def test_a_word_needs_the_whole_interval_beyond_what_matters() -> None:
    gains = [0.5, 1.5] * 6
    assert paired([0.0] * 12, gains, smallest=0.1).verdict == "better"
    assert paired([0.0] * 12, gains, smallest=0.9).verdict == "unclear"
    assert paired(gains, [0.0] * 12, smallest=0.1).verdict == "worse"
    assert paired(gains, [0.0] * 12, smallest=0.9).verdict == "unclear"
    assert paired([0.0] * 12, gains, smallest=2.0).verdict == "equal"


def test_equal_values_are_equal_without_a_smallest_effect() -> None:
    assert paired([1.0] * 6, [1.0] * 6).verdict == "equal"
