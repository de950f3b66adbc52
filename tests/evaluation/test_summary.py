from __future__ import annotations

import math

from proggen.archive.records import CurveRecord, EpisodeRecord, OverTimeRecord
from proggen.evaluation.summary import compare, curves, summarise


def episode(id_: str, split: str, **methods: float | None) -> EpisodeRecord:
    return EpisodeRecord(
        id=id_,
        benchmark="toy",
        split=split,
        attributes={},
        context=3,
        length=32,
        metrics={"error": dict(methods)},
        counterfactuals=[],
        digests={},
    )


EPISODES = [
    episode("a", "in", proggen=1.0, repeat_last=5.0),
    episode("b", "in", proggen=3.0, repeat_last=None),
    episode("c", "far", proggen=4.0, repeat_last=6.0),
    episode("d", "zero", proggen=None, repeat_last=8.0),
]


def test_splits_ood_and_all() -> None:
    splits = summarise(EPISODES, ("in", "far", "zero"), ("far", "zero"), 0)
    assert list(splits) == ["in", "far", "zero", "ood", "all"]
    assert splits["in"]["error"]["proggen"].mean == 2.0
    assert splits["ood"]["error"]["repeat_last"].mean == 7.0
    assert splits["all"]["error"]["repeat_last"].n == 3


def test_undefined_values_are_not_counted() -> None:
    splits = summarise(EPISODES, ("in", "far", "zero"), ("far", "zero"), 0)
    assert splits["ood"]["error"]["proggen"].n == 1
    assert "proggen" not in splits["zero"]["error"]


def test_metric_without_any_value_is_left_out() -> None:
    splits = summarise(
        [episode("a", "in", proggen=None), episode("b", "in", proggen=math.nan)], ("in",), (), 0
    )
    assert splits == {"in": {}, "all": {}}


def test_empty_splits_are_left_out() -> None:
    assert list(summarise(EPISODES[:2], ("in", "far"), ("far",), 0)) == ["in", "all"]


def test_order_of_the_episodes_does_not_count() -> None:
    one, two = (summarise(e, ("in", "far"), ("far",), 3) for e in (EPISODES, EPISODES[::-1]))
    assert one == two


def test_no_episode_no_split() -> None:
    assert summarise([], ("in",), (), 0) == {}


def test_baselines_are_compared_on_the_same_episodes() -> None:
    found = compare(EPISODES, ("in", "far", "zero"), ("far", "zero"), 0, {})
    assert set(found) == {"in", "far", "zero", "ood", "all"}
    assert found["all"]["error"]["repeat_last"].n == 2  # a and c; b and d lack one of the two
    assert found["all"]["error"]["repeat_last"].mean == 3.0
    assert found["zero"] == {}


def test_a_difference_is_judged_by_the_smallest_effect_of_its_metric() -> None:
    members = [episode(f"{i}", "in", proggen=1.0, repeat_last=1.0 + 1.4e-5) for i in range(8)]
    verdicts = [
        compare(members, ("in",), (), 0, {"error": least})["in"]["error"]["repeat_last"].verdict
        for least in (0.0, 1e-3)
    ]
    assert verdicts == ["better", "equal"]


def test_measurements_and_ablations_are_no_rivals() -> None:
    members = [episode("a", "in", proggen=1.0, parser_on_truth=2.0, true_start=0.5, repeat_last=2.0)]
    assert list(compare(members, ("in",), (), 0, {})["in"]["error"]) == ["repeat_last"]


def test_where_our_method_has_no_value_nothing_is_compared() -> None:
    assert compare([episode("a", "in", repeat_last=2.0)], ("in",), (), 0, {})["in"] == {}


def pooled(*rows: tuple[str, list[float | None]]) -> dict[str, CurveRecord]:
    """Curves of "error" of our method from (split, series), by pool."""
    members = [
        (episode(str(i), s), OverTimeRecord(values={"error": {"proggen": v}}))
        for i, (s, v) in enumerate(rows)
    ]
    return {k: v["error"]["proggen"] for k, v in curves(members, ("far",), 0).curves.items()}


def test_curves_are_means_frame_by_frame() -> None:
    curve = pooled(("in", [1.0, 2.0]), ("in", [3.0, 6.0]), ("far", [9.0, 9.0]))["in"]
    assert (curve.start, curve.mean, curve.n) == (3, [2.0, 4.0], [2, 2])
    assert (curve.low, curve.high) == ([1.0, 2.0], [3.0, 6.0])


def test_curve_ends_where_fewer_than_half_of_the_episodes_go_on() -> None:
    curve = pooled(("far", [1.0]), ("far", [1.0, 2.0]), ("far", [1.0, 4.0]), ("far", [1.0, 3.0, 8.0]))["ood"]
    assert (curve.mean, curve.n) == ([1.0, 3.0], [4, 3])
    assert len(pooled(("in", [1.0]), ("in", [1.0, 2.0]))["in"].mean) == 2


def test_undefined_frames_are_gaps() -> None:
    curve = pooled(("in", [None, 1.0]), ("in", [None, None]))["in"]
    assert (curve.mean, curve.low, curve.n) == ([None, 1.0], [None, 1.0], [0, 1])


def test_numbers_of_curves_have_six_digits() -> None:
    assert pooled(("in", [1 / 3]))["in"].mean == [0.333333]


def test_episodes_without_a_prediction_have_no_part_in_curves() -> None:
    assert curves([(episode("a", "in"), OverTimeRecord())], (), 0).curves == {}
