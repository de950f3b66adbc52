"""The ranking of episodes."""

from __future__ import annotations

import math

import pytest

from proggen.archive.records import EpisodeRecord, FailureRecord
from proggen.evaluation.severity import Severity, distance, severities, worst_first


def episode(id_: str, split: str = "in", *, failed: bool = False, **metrics: object) -> EpisodeRecord:
    """Metrics of ours, or of several methods where a dict is given."""
    rows = {m: v if isinstance(v, dict) else {"proggen": v} for m, v in metrics.items()}
    failure = FailureRecord(kind="timeout", message="it took too long") if failed else None
    return EpisodeRecord(
        id=id_, benchmark="toy", split=split, attributes={}, context=3, length=32, metrics=rows,  # type: ignore[arg-type]
        failure=failure, counterfactuals=[], digests={},
    )  # fmt: skip


def ids(*episodes: EpisodeRecord) -> list[str]:
    return [e.id for e in worst_first(episodes, {})]


def test_an_episode_without_the_headline_is_ranked_by_its_pictures() -> None:
    """As a collision whose balls leave before the impact: no velocity after it, and the lowest PSNR of all."""
    members = [episode(str(i), post_vel_error=0.002 + 0.0001 * i, psnr=44.0 - i) for i in range(5)]
    worst = episode("worst", post_vel_error=None, psnr=26.7, vel_error_per_frame=0.003)
    found = severities([*members, worst])
    assert ids(*members, worst)[0] == "worst"
    assert found["worst"].metric == "psnr"
    assert found["worst"].times == pytest.approx(distance("psnr", 26.7) / distance("psnr", 41.5), rel=0.06)


def test_the_metric_that_is_worst_decides() -> None:
    members = [episode(str(i), a=1.0, b=10.0) for i in range(4)]
    found = severities([*members, episode("x", a=3.0, b=20.0), episode("y", a=1.0, b=25.0)])
    assert (found["x"], found["y"]) == (Severity("a", 3.0), Severity("b", 2.5))


def test_each_split_has_its_own_median() -> None:
    found = severities([
        episode("a", "in", error=1.0), episode("b", "in", error=1.0), episode("c", "in", error=2.0),
        episode("d", "far", error=100.0), episode("e", "far", error=100.0), episode("f", "far", error=150.0),
    ])  # fmt: skip
    assert {k: s.times for k, s in found.items()} == {"a": 1, "b": 1, "c": 2, "d": 1, "e": 1, "f": 1.5}


def test_failures_come_first_then_what_cannot_be_judged_then_missing_values() -> None:
    fine = episode("fine", error={"proggen": 1.0, "repeat_last": 2.0})
    bad = episode("bad", error={"proggen": 9.0, "repeat_last": 2.0})
    missing = episode("missing", error={"proggen": None, "repeat_last": 2.0})
    unknown = episode("unknown", error=None)
    failed = episode("failed", failed=True)
    assert ids(fine, bad, missing, unknown, failed) == ["failed", "unknown", "missing", "bad", "fine"]
    assert severities([fine, missing])["missing"] == Severity("error", math.inf)


def test_a_metric_that_no_method_has_here_is_not_missing() -> None:
    defined = episode("a", error={"proggen": 1.0, "repeat_last": 2.0}, psnr=40.0)
    undefined = episode("b", error={"proggen": None, "repeat_last": None}, psnr=40.0)
    assert severities([defined, undefined])["b"] == Severity("psnr", 1.0)


def test_a_metric_that_ours_never_has_ranks_nothing() -> None:
    rows = [episode(i, error={"proggen": None, "released": 1.0}, psnr=40.0) for i in "ab"]
    assert {s.metric for s in severities(rows).values()} == {"psnr"}


def test_of_nearly_perfect_values_the_least_perfect_is_no_fault() -> None:
    """A ball at rest: most errors are rounding, one is a hundred times that and still nothing."""
    rest = [episode(str(i), error=1e-9, psnr=40.0) for i in range(4)]
    off = [episode("x", error=1e-7, psnr=40.0), episode("y", error=1e-9, psnr=30.0)]
    assert severities([*rest, *off])["x"].times == pytest.approx(100)
    floored = severities([*rest, *off], {"error": 1e-3})
    assert floored["x"] == Severity("psnr", 1.0)
    assert floored["y"].metric == "psnr"
    assert floored["y"].times == pytest.approx(math.sqrt(10))


def test_distances_from_the_ideal() -> None:
    assert distance("psnr", 40.0) == pytest.approx(0.01)  # RMSE of 1 % of the range
    assert distance("psnr", 20.0) == pytest.approx(0.1)
    assert distance("ssim", 0.98) == pytest.approx(0.02)
    assert distance("state.ball.x", 0.3) == 0.3
