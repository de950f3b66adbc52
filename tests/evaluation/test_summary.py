from __future__ import annotations

import math

from proggen.archive.records import EpisodeRecord
from proggen.evaluation.summary import summarise


def episode(id_: str, split: str, **methods: float | None) -> EpisodeRecord:
    return EpisodeRecord(
        id=id_,
        benchmark="toy",
        split=split,
        attributes={},
        context=3,
        length=32,
        metrics={"error": dict(methods)},
        over_time={},
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
