from __future__ import annotations

import pytest

from proggen import benchmarks
from proggen.benchmarks import DataOptions, EpisodeKey
from proggen.errors import UsageError

OWN = [
    "phyworld/uniform_motion",
    "phyworld/parabola",
    "phyworld/collision",
    "cartpole/push",
    "cartpole/actions",
]


def test_own_benchmarks_come_first_in_table_order() -> None:
    assert benchmarks.names()[:5] == OWN


@pytest.mark.parametrize("name", OWN)
def test_a_benchmark_carries_the_name_it_is_registered_under(name: str) -> None:
    assert benchmarks.get(name).info.name == name


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"phyworld/colision.*phyworld/collision.*cartpole/actions"):
        benchmarks.get("phyworld/colision")


@pytest.mark.parametrize("name", OWN)
def test_ood_splits_are_the_splits_but_in(name: str) -> None:
    info = benchmarks.get(name).info
    assert info.splits == ("in", *info.ood_splits)


@pytest.mark.parametrize("name", OWN)
def test_ids_are_unique_and_splits_are_declared(name: str) -> None:
    benchmark = benchmarks.get(name)
    keys = benchmark.evaluation(DataOptions()).keys
    assert len({k.id for k in keys}) == len(keys)
    assert {k.split for k in keys} == set(benchmark.info.splits)


@pytest.mark.parametrize("name", OWN)
def test_a_loaded_clip_fits_its_description(name: str) -> None:
    info = benchmarks.get(name).info
    source = benchmarks.get(name).training(DataOptions())
    episode = source.load(source.keys[0])
    assert len(episode.clip) == info.length
    assert episode.clip.fps == info.fps
    assert (episode.clip.actions is not None) == info.takes_actions
    assert episode.truth.names == tuple(v.name for v in info.truth_variables)
    assert len(episode.truth) == info.length


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_no_generator_takes_is_refused(name: str, seed: int) -> None:
    with pytest.raises(UsageError, match="seed"):
        benchmarks.get(name).evaluation(DataOptions(seed=seed))


@pytest.mark.parametrize("name", OWN)
def test_an_unknown_episode_is_refused(name: str) -> None:
    source = benchmarks.get(name).evaluation(DataOptions())
    with pytest.raises(UsageError, match="99999-0000"):
        source.load(EpisodeKey("99999-0000", "in"))


def test_selection_is_spread_over_splits_and_order() -> None:
    benchmark = benchmarks.get("phyworld/collision")
    keys = benchmark.evaluation(DataOptions()).keys
    chosen = benchmarks.select(keys, benchmark.info.splits, 24)
    counts = {s: sum(k.split == s for k in chosen) for s in benchmark.info.splits}
    assert counts == {"in": 6, "r_out": 6, "v_out": 5, "rv_out": 2, "zero": 5}
    assert chosen == [k for k in keys if k in chosen]
    first_in = [k for k in keys if k.split == "in"]
    assert first_in[0] in chosen
    assert first_in[-1] in chosen


def test_selection_of_none_is_everything() -> None:
    benchmark = benchmarks.get("cartpole/push")
    keys = benchmark.evaluation(DataOptions()).keys
    assert benchmarks.select(keys, benchmark.info.splits, None) == list(keys)
