from __future__ import annotations

import math

import pytest

from proggen.archive.records import EpisodeRecord, MetricValue
from proggen.evaluation.budget import budget, budgets, largest

VALUES = {
    "proggen": 0.010, "true_start": 0.004, "true_start_and_parameters": 0.001, "true_physics": 0.007,
    "parser_on_truth": 0.02, "constant_velocity": 0.3,
}  # fmt: skip


def episode(number: int, metrics: dict[str, dict[str, float | None]]) -> EpisodeRecord:
    return EpisodeRecord(
        id=f"{number}", benchmark="b", split="in", attributes={}, context=3, length=9, metrics=metrics,
        counterfactuals=[], digests={},
    )  # fmt: skip


def value(mean: float, low: float, high: float) -> MetricValue:
    return MetricValue(mean=mean, ci95=(low, high), n=10)


def test_the_parts_add_up_to_the_error() -> None:
    parts = budget("vel_error", VALUES)
    assert parts["perception"] == pytest.approx(0.006)
    assert parts["parameters"] == pytest.approx(0.003)
    assert parts["structure"] == 0.001
    assert parts["perception"] + parts["parameters"] + parts["structure"] == pytest.approx(parts["total"])


def test_checks_stand_beside_the_sum() -> None:
    parts = budget("vel_error", VALUES)
    assert (parts["physics"], parts["parser"]) == (0.007, 0.02)


def test_a_benchmark_without_physics_lacks_only_that_check() -> None:
    without = {m: v for m, v in VALUES.items() if m != "true_physics"}
    assert set(budget("vel_error", VALUES)) - set(budget("vel_error", without)) == {"physics"}


@pytest.mark.parametrize("missing", ["proggen", "true_start", "true_start_and_parameters"])
@pytest.mark.parametrize("undefined", [None, math.nan])
def test_without_a_link_there_is_no_budget(missing: str, undefined: float | None) -> None:
    assert budget("vel_error", {**VALUES, missing: undefined}) == {}


def test_pictures_are_compared_with_the_true_motion_drawn() -> None:
    parts = budget("psnr", {"proggen": 38.0, "true_states": 41.5})
    assert parts == {"total": 38.0, "limit": 41.5, "lost": 3.5}


def test_pooled_parts_are_means_over_the_episodes_that_have_all() -> None:
    members = [
        episode(0, {"e": {"proggen": 3.0, "true_start": 1.0, "true_start_and_parameters": 1.0}}),
        episode(1, {"e": {"proggen": 5.0, "true_start": 1.0, "true_start_and_parameters": 0.0}}),
        episode(2, {"e": {"proggen": 99.0, "true_start": None, "true_start_and_parameters": 0.0}}),
    ]
    parts = budgets({"in": members, "ood": []}, seed=0)["in"]["e"]
    assert {p: (v.mean, v.n) for p, v in parts.items()} == {
        "total": (4.0, 2), "perception": (3.0, 2), "parameters": (0.5, 2), "structure": (0.5, 2),
    }  # fmt: skip
    assert parts["perception"].ci95 == (2.0, 4.0)


def test_the_largest_part_is_clear_where_its_interval_lies_above_the_others() -> None:
    parts = {"perception": value(5, 4, 6), "parameters": value(-1, -2, 0), "structure": value(1, 0, 3)}
    found = largest(parts)
    assert found is not None
    assert (found.part, found.clear) == ("perception", True)
    overlapping = largest({**parts, "structure": value(3, 1, 5)})
    assert overlapping is not None
    assert (overlapping.part, overlapping.clear) == ("perception", False)


def test_a_few_episodes_make_nothing_clear() -> None:
    few = {
        p: v.model_copy(update={"n": 5})
        for p, v in (("perception", value(5, 4, 6)), ("structure", value(1, 0, 3)))
    }
    found = largest(few)
    assert found is not None
    assert (found.part, found.clear) == ("perception", False)


def test_no_part_is_the_largest_of_none() -> None:
    assert largest({"total": value(0, 0, 0)}) is None
    assert largest({p: value(0, 0, 0) for p in ("perception", "parameters", "structure")}) is None
