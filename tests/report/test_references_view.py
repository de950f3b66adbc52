"""Numbers from elsewhere: under which columns they stand, and which of ours stands beside them."""

from __future__ import annotations

from proggen.archive.records import BenchmarkRecord
from proggen.evaluation.references import READING, references
from proggen.numbers import number
from proggen.report import metrics_view, references_view

from .archive import benchmark_record, plain

COLLISION = "phyworld/collision"
METRIC = READING[COLLISION]
RECORD = benchmark_record(plain, COLLISION)
REAL = RECORD.model_copy(update={"references": references(COLLISION)})


def with_ours(mean: float) -> BenchmarkRecord:
    """The record with another error of ours from states."""
    metrics = {s: dict(m) for s, m in REAL.metrics.items()}
    for split, values in metrics.items():
        value = values[METRIC]["proggen"].model_copy(update={"mean": mean})
        metrics[split] = values | {METRIC: values[METRIC] | {"proggen": value}}
    return REAL.model_copy(update={"metrics": metrics})


def test_beside_published_models_stands_our_prediction_drawn_and_parsed() -> None:
    shown = references_view.beside(REAL, REAL.headline)
    assert shown is not None
    for side, split in zip(shown.sides, ("in", "ood"), strict=True):
        assert side.ours == REAL.metrics[split][METRIC]["proggen_parsed"]
        assert side.ours != REAL.metrics[split][METRIC]["proggen"]
        assert side.floor == REAL.metrics[split][METRIC]["parser_on_truth"]
    assert [side.published for side in shown.sides] == [(0.015, 0.030), (0.153, 0.270)]
    assert shown.count == 9


def test_nothing_stands_beside_where_no_model_was_published() -> None:
    assert references_view.beside(REAL.model_copy(update={"references": []}), REAL.headline) is None
    assert references_view.beside(REAL, ["post_vel_error", "psnr"]) is None


def test_published_rows_stand_under_their_metric_alone() -> None:
    for metric in metrics_view.metric_names(REAL):
        groups = metrics_view.table(REAL, [metric], brief=False).references
        chips = {str(group.chip) for group in groups}
        code = metric in ("post_vel_error", "pre_vel_error")
        assert chips == ({"published"} if metric == METRIC else {"not published"} if code else set())


def test_a_brief_table_has_one_range_of_models_and_the_rest_by_name() -> None:
    models, others, code = metrics_view.table(REAL, [METRIC, "post_vel_error"], brief=True).references
    [line] = models.lines
    assert line.label == "9 published models, range"
    assert [(c.low, c.high) for c in line.cells if c] == [(0.015, 0.030), (0.153, 0.270)]
    assert [str(line.label) for line in others.lines] == [
        "true video after the VAE of the DiT models",
        "true video",
    ]
    assert [str(line.label) for line in code.lines] == ["released code of arXiv 2505.14948"]
    assert [c and c.low for c in code.lines[0].cells] == [None, None, 0.0684, 0.0586]


def test_a_value_without_a_split_spans_those_of_its_metric() -> None:
    _, others, _ = metrics_view.table(REAL, ["post_vel_error", METRIC], brief=True).references
    assert [c and (c.low, c.span) for c in others.lines[1].cells] == [None, None, (0.0117, 2)]


def test_points_of_the_chart_are_models_only() -> None:
    row = metrics_view.chart(REAL, METRIC)
    assert row.count("published") >= 18
    assert "published, 9 models" in row
    only = REAL.model_copy(update={"references": [r for r in REAL.references if r.kind != "model"]})
    assert "published" not in metrics_view.chart(only, METRIC)


def test_a_table_says_that_ours_from_states_lies_below_the_parsers_own_error() -> None:
    first, _ = references_view.remarks(with_ours(0.001), [METRIC])
    assert "ProgGen, drawn and parsed" in first
    assert "lies below that parser's own error" in first


def test_and_does_not_where_it_lies_above() -> None:
    first, _ = references_view.remarks(with_ours(9.0), [METRIC])
    assert "ProgGen, drawn and parsed" in first
    assert "lies below" not in first


def test_what_is_open_is_said_with_both_readings_of_the_true_videos() -> None:
    _, opened = references_view.remarks(REAL, [METRIC])
    floor = REAL.metrics["all"]
    for value in (
        0.0117,
        floor[METRIC]["parser_on_truth"].mean,
        floor["post_vel_error"]["parser_on_truth"].mean,
    ):
        assert number(value) in opened


def test_there_is_no_remark_under_other_metrics() -> None:
    assert references_view.remarks(REAL, ["post_vel_error", "pre_vel_error", "psnr"]) == []


def test_errors_near_the_parsers_own_are_not_ranked() -> None:
    """Of the archive's parser: 0.12 u/s, above the published 0.015 in and below 0.153 out of distribution."""
    shown = references_view.beside(REAL, [METRIC])
    assert shown is not None
    assert [side.unranked for side in shown.sides] == [True, False]
    _, opened = references_view.remarks(REAL, [METRIC])
    assert "The lowest published error (in distribution, 0.0150) lies below the parser's own here" in opened
    assert "out of distribution, 0.153" not in opened
