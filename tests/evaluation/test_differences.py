"""Whether two runs say the same of an episode."""

from __future__ import annotations

import math

from proggen.evaluation.differences import Gap, largest, scales

from ..report.archive import benchmark_record, plain
from .test_rivals import episode

SCALES = {"post_vel_error": 0.002, "psnr": 1.5}


def test_a_difference_in_any_metric_counts() -> None:
    """The metric that episodes were ranked by is equal, and PSNR is 3.3 dB apart."""
    one = episode(post_vel_error={"proggen": 0.002}, psnr={"proggen": 43.0})
    other = episode(post_vel_error={"proggen": 0.002}, psnr={"proggen": 39.7})
    found = largest(one, other, SCALES)
    assert found is not None
    assert (found.metric, round(found.times, 6)) == ("psnr", 2.2)


def test_differences_are_compared_in_units_of_their_intervals() -> None:
    one = episode(post_vel_error={"proggen": 0.002}, psnr={"proggen": 43.0})
    other = episode(post_vel_error={"proggen": 0.012}, psnr={"proggen": 41.0})
    found = largest(one, other, SCALES)
    assert found is not None
    assert found.metric == "post_vel_error"


def test_rounding_and_what_neither_has_are_no_difference() -> None:
    one = episode(post_vel_error={"proggen": None}, psnr={"proggen": 43.0, "repeat_last": 20.0})
    other = episode(psnr={"proggen": 43.0 + 1e-9, "repeat_last": 30.0})
    assert largest(one, other, SCALES) is None


def test_a_value_that_one_run_lacks_is_the_largest_difference() -> None:
    one = episode(post_vel_error={"proggen": 0.1}, psnr={"proggen": 43.0})
    assert largest(one, episode(psnr={"proggen": 1.0}), SCALES) == Gap("post_vel_error", math.inf)


def test_scales_are_half_intervals_no_smaller_than_what_matters() -> None:
    record = benchmark_record(plain, "phyworld/collision")
    low, high = record.metrics["all"]["psnr"]["proggen"].ci95
    assert scales(record, {})["psnr"] == (high - low) / 2
    assert scales(record, {"psnr": 99.0})["psnr"] == 99.0
