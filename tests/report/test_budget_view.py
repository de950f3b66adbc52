from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from proggen.archive import load_run
from proggen.archive.records import MatchRecord, MetricValue
from proggen.report import bar_plot, budget_view
from proggen.report.build import build
from proggen.report.plots import Point, Row
from proggen.report.words import metric_words

from .archive import benchmark_record, budgets, make_run, plain

RECORD = benchmark_record(plain, "phyworld/collision")
PARTS = {"total": 0.01, "perception": 0.006, "parameters": 0.003, "structure": 0.001}


def said(**changed: tuple[float, float, float]) -> list[str]:
    """Sentences on the split "in" with some parts changed to (mean, low, high)."""
    parts = budgets()["in"]["post_vel_error"]
    parts.update({p: MetricValue(mean=m, ci95=(a, b), n=24) for p, (m, a, b) in changed.items()})
    record = RECORD.model_copy(update={"budgets": {"in": {"post_vel_error": parts}}})
    return budget_view.tables(record, ["post_vel_error"])[0].sentences


def test_the_sentence_names_the_part_that_is_clearly_largest() -> None:
    [sentence] = said()
    assert sentence.startswith(
        "In distribution, most of the error of the mean velocity after the impact comes from perception: "
        "0.00700 ± 0.00050 of 0.0100 u/s."
    )


def test_it_says_so_where_the_parts_cannot_be_told_apart() -> None:
    [sentence] = said(structure=(0.006, 0.004, 0.008))
    assert "the largest part of the error of the mean velocity after the impact is perception" in sentence
    assert "24 episodes do not tell the parts clearly apart" in sentence


def test_parts_that_cancel_are_told_as_such_and_none_as_the_largest() -> None:
    [sentence] = said(perception=(0.03, 0.02, 0.04), parameters=(-0.024, -0.03, -0.01))
    assert "parts of the error of the mean velocity after the impact cancel" in sentence
    assert "parameters \N{MINUS SIGN}0.024 [\N{MINUS SIGN}0.030, \N{MINUS SIGN}0.010]" in sentence
    assert "most of" not in sentence
    assert "largest" not in sentence


def test_parts_that_may_cancel_are_neither_cancelled_nor_most_of_the_error() -> None:
    """A negative mean whose interval holds zero says neither."""
    [sentence] = said(perception=(0.03, 0.02, 0.04), parameters=(-0.024, -0.06, 0.01))
    assert "cancel" not in sentence
    assert "most of" not in sentence
    assert "do not tell the parts clearly apart" in sentence


def test_a_table_has_the_parts_in_order_and_checks_in_grey() -> None:
    [table] = budget_view.tables(RECORD, ["post_vel_error", "pre_vel_error"])
    assert [(str(r.label), r.kind) for r in table.rows] == [
        ("error of ProgGen", "ours"), ("perception", "part"), ("parameters", "part"), ("structure", "part"),
        ("benchmark's own physics", "measurement"),
    ]  # fmt: skip
    assert [str(label) for label, n in table.columns] == ["in distribution", "out of distribution"]


def test_pictures_say_what_is_lost_to_motion() -> None:
    [sentence, _] = budget_view.tables(RECORD, ["psnr"])[0].sentences
    assert "the true motion has a PSNR of 41.50 dB, ours 38.00 dB: 3.50 dB are lost" in sentence


def drawn(lost: float, half: float, n: int = 24) -> str:
    """The sentence on PSNR in distribution where 41.5 dB - `lost` are left, known to `half` a dB."""
    means = {"total": 41.5 - lost, "limit": 41.5, "lost": lost}
    parts = {p: MetricValue(mean=v, ci95=(v - half, v + half), n=n) for p, v in means.items()}
    record = RECORD.model_copy(update={"budgets": {"in": {"psnr": parts}}})
    return budget_view.tables(record, ["psnr"])[0].sentences[0]


def test_pictures_are_lost_or_made_up_for_only_beyond_what_matters() -> None:
    assert "are lost" in drawn(0.3, 0.1)
    assert "makes up for something" in drawn(-0.3, 0.1)
    assert "no difference that matters" in drawn(-0.01, 0.005)
    assert "no clear difference" in drawn(-0.3, 0.5)
    assert "no clear difference" in drawn(3.0, 0.1, n=5)
    one = {"total": 41.51, "limit": 41.5, "lost": -0.01}
    assert "no difference that matters" in budget_view.sentences(metric_words("psnr"), one, 0.1)[0]


def test_an_episodes_sentences_say_what_each_link_would_change() -> None:
    perception, parameters, structure = budget_view.sentences(metric_words("vel_error"), PARTS)
    assert "0.00400 u/s instead of 0.0100 u/s" in perception
    assert "would make that 0.00100 u/s" in parameters
    assert structure.startswith("Structure: 0.00100 u/s")


def test_start_rows_are_in_the_truths_convention(tmp_path: Path) -> None:
    make_run(tmp_path, episodes=2)
    run = load_run(tmp_path / "demo").benchmarks["phyworld/collision"]
    mirrored = MatchRecord(truth="red_ball.x", truth_unit="u", variable="red_ball.x", sign=-1, offset=9.0)
    record = run.record.model_copy(update={"matches": [mirrored]})
    states = run.episodes()[0].states
    [row] = budget_view.start_rows(record, states)
    assert row.true == states.truth.values[2][0]
    assert row.estimated == 9.0 - float(states.estimated.values[2][0] or 0)


def test_pages_show_the_budget(tmp_path: Path) -> None:
    make_run(tmp_path / "runs", episodes=2)
    build(tmp_path / "runs", tmp_path)
    part = tmp_path / "docs/results/demo/phyworld-collision"
    page = (part / "index.md").read_text()
    assert "Where the error comes from<" in page
    texts = json.loads((part / ".index.md.texts.json").read_text()).values()
    assert any("comes from perception" in t["text"] for t in texts)
    assert "Where its error comes from<" in (part / "episodes/00000-in.md").read_text()


def test_a_run_without_ablations_has_no_budget_section(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "runs", episodes=1) / "phyworld/collision"
    record = RECORD.model_copy(update={"budgets": {}, "fit_on_truth": None})
    (folder / "benchmark.json").write_text(record.model_dump_json())
    build(tmp_path / "runs", tmp_path)
    page = (tmp_path / "docs/results/demo/phyworld-collision/index.md").read_text()
    assert "Where the error comes from" not in page


def test_bars_start_at_zero_and_negative_ones_go_left() -> None:
    rows = [Row("a", [Point("in", 2.0, 1.0, 3.0)]), Row("b", [Point("in", -1.0)])]
    root = ElementTree.fromstring(bar_plot.bar_chart(rows, title="t", x_label="x"))
    right, left = root.iter("rect")
    assert float(left.get("x", "")) + float(left.get("width", "")) == float(right.get("x", ""))
    assert float(right.get("width", "")) == 2 * float(left.get("width", ""))
    assert root.find("desc").text == "a: in 2.00; b: in \N{MINUS SIGN}1.00."  # type: ignore[union-attr]


def test_no_bars_without_values() -> None:
    assert bar_plot.bar_chart([Row("a", [])], title="t", x_label="x") == ""
