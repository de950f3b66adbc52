"""The one baseline that ours is compared with."""

from __future__ import annotations

import math

import pytest

from proggen.archive.records import BenchmarkRecord, EpisodeRecord, RivalRecord
from proggen.evaluation.rivals import against, order, pick

from ..report.archive import benchmark_record, plain

CLIPS = ["train-8", "train-9"]


def chosen(means: dict[str, dict[str, float]], smallest: dict[str, float] | None = None) -> str | None:
    found = pick(means, smallest or {}, CLIPS)
    return found and found.method


def test_the_hardest_headline_error_decides() -> None:
    assert order(["pre_vel_error", "post_vel_error"]) == ["post_vel_error", "pre_vel_error", "psnr"]
    assert order(["state.pole.angle", "psnr"]) == ["state.pole.angle", "psnr"]
    means = {"post_vel_error": {"a": 0.3, "b": 0.1}, "pre_vel_error": {"a": 0.001, "b": 0.1}}
    assert chosen(means) == "b"


def test_baselines_that_it_cannot_tell_apart_go_on_to_the_next_metric() -> None:
    means = {"error": {"a": 0.1001, "b": 0.1, "c": 0.5}, "psnr": {"a": 40.0, "b": 30.0, "c": 50.0}}
    assert chosen(means, {"error": 0.001}) == "a"
    assert chosen(means) == "b"


def test_of_equal_baselines_the_first_one_is_chosen_whatever_the_last_digit() -> None:
    assert chosen({"error": {"a": 0.1 + 1e-12, "b": 0.1}, "psnr": {"a": 40.0, "b": 40.0}}) == "a"


def test_a_higher_psnr_is_the_better_one() -> None:
    assert chosen({"psnr": {"a": 30.0, "b": 40.0}}) == "b"


def test_without_any_value_there_is_no_rival() -> None:
    assert pick({}, {}, CLIPS) is None


def test_the_choice_and_its_values_are_kept() -> None:
    means = {"error": {"a": 0.1, "b": 0.2}}
    assert pick(means, {}, CLIPS) == RivalRecord(method="a", values=means, clips=CLIPS)


@pytest.fixture
def record() -> BenchmarkRecord:
    """Its rival is constant_velocity; 0.001 u/s and 0.1 dB are the smallest effects that matter."""
    return benchmark_record(plain, "phyworld/collision")


def episode(**metrics: dict[str, float | None]) -> EpisodeRecord:
    return EpisodeRecord(
        id="a", benchmark="toy", split="in", attributes={}, context=3, length=32, metrics=metrics,
        counterfactuals=[], digests={},
    )  # fmt: skip


def test_a_tie_is_not_worse(record: BenchmarkRecord) -> None:
    for ours in (0.002 + 1e-9, 0.0029):
        found = against(record, episode(post_vel_error={"proggen": ours, "constant_velocity": 0.002}))
        assert found is not None
        assert not found.worse
    clear = against(record, episode(post_vel_error={"proggen": 0.0031, "constant_velocity": 0.002}))
    assert clear is not None
    assert (clear.worse, clear.times) == (True, pytest.approx(1.55))


def test_another_baseline_that_happens_to_be_better_here_counts_nothing(record: BenchmarkRecord) -> None:
    row = {"proggen": 0.01, "constant_velocity": 0.02, "nearest_clip": 0.001}
    found = against(record, episode(post_vel_error=row))  # type: ignore[arg-type]
    assert found is not None
    assert not found.worse


def test_where_the_headline_is_not_defined_pictures_are_compared(record: BenchmarkRecord) -> None:
    undefined: dict[str, float | None] = {"proggen": None, "constant_velocity": None}
    found = against(
        record, episode(post_vel_error=undefined, psnr={"proggen": 27.0, "constant_velocity": 40.0})
    )
    assert found is not None
    assert (found.metric, found.worse) == ("psnr", True)


def test_no_value_where_the_rival_has_one_is_worse(record: BenchmarkRecord) -> None:
    found = against(record, episode(post_vel_error={"proggen": None, "constant_velocity": 0.1}))
    assert found is not None
    assert (found.worse, found.times) == (True, math.inf)


def test_without_a_rival_nothing_is_said(record: BenchmarkRecord) -> None:
    record.rival = None
    assert against(record, episode(psnr={"proggen": 1.0, "constant_velocity": 40.0})) is None
