from __future__ import annotations

from collections import Counter

import pytest

from proggen import benchmarks
from proggen.evaluation.references import (
    FIGURE,
    PAPER,
    READING,
    RELEASED_CODE,
    SCRIPTS,
    TABLE,
    TEXT,
    model_range,
    models,
    references,
)

UNIFORM, PARABOLA, COLLISION = PHYWORLD = tuple(READING)
PUBLISHED = {b: [r for r in references(b) if r.kind != "code"] for b in PHYWORLD}


@pytest.mark.parametrize("benchmark", PHYWORLD)
def test_published_rows_stand_only_under_the_reading_of_the_text(benchmark: str) -> None:
    expected = "post_vel_error_per_frame" if benchmark == COLLISION else "vel_error_per_frame"
    assert {r.metric for r in PUBLISHED[benchmark]} == {expected}


@pytest.mark.parametrize("benchmark", PHYWORLD)
def test_no_published_row_stands_under_what_the_script_computes(benchmark: str) -> None:
    scripts = {metric for metrics in SCRIPTS.values() for metric in metrics}
    assert not [r for r in PUBLISHED[benchmark] if r.metric in scripts]


@pytest.mark.parametrize("benchmark", PHYWORLD)
def test_a_row_is_named_by_what_it_is_once_per_split(benchmark: str) -> None:
    rows = references(benchmark)
    assert len({(r.method, r.metric, r.split) for r in rows}) == len(rows)
    kinds = Counter(r.kind for r in PUBLISHED[benchmark])
    more = benchmark == UNIFORM  # a fine-tuned model and its VAE were published for uniform motion alone
    assert kinds == {
        "model": 20 if more else 18, "reconstruction": 3 if more else 1, "measurement": 2 if more else 1
    }  # fmt: skip


def test_text_figure_and_table_are_told_apart() -> None:
    rows = references(UNIFORM)
    assert sorted(r.value for r in rows if r.source == TEXT) == [0.012, 0.022, 0.328, 0.358, 0.427, 0.433]
    assert sum(r.source == FIGURE for r in rows) == 12
    assert {r.value for r in rows if r.source == TABLE} == {0.0099, 0.0104}
    assert not [r for b in (PARABOLA, COLLISION) for r in references(b) if r.source == TEXT]
    assert all(r.source.startswith(PAPER) for b in PHYWORLD for r in PUBLISHED[b])


def test_cells_by_their_names() -> None:
    uniform = {(r.method, r.split): r.value for r in references(UNIFORM)}
    collision = {(r.method, r.split): r.value for r in references(COLLISION)}
    assert collision["DiT-L (310M), 300K videos", "ood"] == 0.173
    assert collision["true video", None] == 0.0117
    assert uniform["Stable Video Diffusion, fine-tuned", "ood"] == 0.9081
    assert uniform["true video", "ood"] == 0.0104


def test_a_range_of_models_holds_neither_measurements_nor_reconstructions() -> None:
    rows, metric = references(UNIFORM), READING[UNIFORM]
    assert model_range(rows, metric, "in") == (0.012, 0.0505)  # true videos are lower: 0.0099
    assert model_range(rows, metric, "ood") == (0.288, 0.9081)
    assert min(r.value for r in rows if r.metric == metric and r.split == "in") < 0.012
    assert model_range([r for r in rows if r.kind != "model"], metric, "in") is None
    assert {r.kind for r in models(rows, metric)} == {"model"}


def test_the_released_code_is_measured_and_no_publication() -> None:
    rows = [r for b in PHYWORLD for r in references(b) if r.kind == "code"]
    assert {r.method for r in rows} == {RELEASED_CODE}
    assert all("no publication" in r.source and "github.com/metro-smiles/ProgGen" in r.source for r in rows)
    assert not [r for b in PHYWORLD for r in PUBLISHED[b] if "2505.14948" in r.method + r.source]
    values = {(r.metric, r.split): r.value for r in rows}
    assert values["post_vel_error", "in"] == 0.0684


@pytest.mark.parametrize("benchmark", PHYWORLD)
def test_rows_stand_under_metrics_that_the_benchmark_shows_first(benchmark: str) -> None:
    headline = benchmarks.get(benchmark).info.headline
    assert headline[0] == READING[benchmark]
    assert {r.metric for r in references(benchmark)} <= set(headline)


@pytest.mark.parametrize("benchmark", ["cartpole/push", "cartpole/actions", "unknown"])
def test_there_is_nothing_for_others(benchmark: str) -> None:
    assert references(benchmark) == []
