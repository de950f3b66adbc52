from __future__ import annotations

import pytest

from proggen.evaluation.published import FIGURE, METRIC, TABLE, TEXT, published

PHYWORLD = ("phyworld/uniform_motion", "phyworld/parabola", "phyworld/collision")


@pytest.mark.parametrize("benchmark", PHYWORLD)
def test_nine_models_in_two_splits_and_the_measurement(benchmark: str) -> None:
    rows = published(benchmark)
    assert [sum(r.split == s for r in rows) for s in ("in", "ood", "all")] == [9, 9, 1]
    assert {r.metric for r in rows} == {METRIC}
    assert len({(r.method, r.split) for r in rows}) == 19


def test_text_and_figure_are_told_apart() -> None:
    rows = published("phyworld/uniform_motion")
    assert sorted(r.value for r in rows if r.source == TEXT) == [0.012, 0.022, 0.328, 0.358, 0.427, 0.433]
    assert sum(r.source == FIGURE for r in rows) == 12


def test_nothing_of_the_other_scenarios_stands_in_the_text() -> None:
    assert all(r.source in (FIGURE, TABLE) for b in PHYWORLD[1:] for r in published(b))


def test_a_cell_by_its_names() -> None:
    rows = {(r.method, r.split): r.value for r in published("phyworld/collision")}
    assert rows["DiT-L (310M), 300K videos", "ood"] == 0.173
    assert rows["parser on the true video", "all"] == 0.0117


@pytest.mark.parametrize("benchmark", ["cartpole/push", "cartpole/actions", "unknown"])
def test_nothing_was_published_for_others(benchmark: str) -> None:
    assert published(benchmark) == []


def test_no_row_is_proggens() -> None:
    assert not [r for b in PHYWORLD for r in published(b) if "proggen" in r.method.lower()]
