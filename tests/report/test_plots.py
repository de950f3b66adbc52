from __future__ import annotations

from xml.etree import ElementTree

from proggen.report import plots
from proggen.report.plots import Line, Point, Row

SVG = "{}"


def test_ticks_are_round_numbers_within_the_limits() -> None:
    assert plots.ticks(0.13, 1.07) == [0.2, 0.4, 0.6000000000000001, 0.8, 1.0]


def test_a_line_plot_is_well_formed_and_says_in_words_what_it_shows() -> None:
    svg = plots.line_plot([Line("truth", "truth", 0, [1.0, 2.0, 3.0])], title="x", y_label="x [m]", context=1)
    root = ElementTree.fromstring(svg)
    assert root.find("title").text == "x"  # type: ignore[union-attr]
    assert root.find("desc").text == "truth: from 1.00 at frame 0 to 3.00 at frame 2."  # type: ignore[union-attr]
    assert any(text.text == "x [m]" for text in root.iter("text"))


def test_names_in_a_plot_are_escaped() -> None:
    svg = plots.line_plot([Line("<b>&", "truth", 0, [1.0, 2.0])], title='"<i>', y_label="</text><script>")
    assert "<script" not in svg
    ElementTree.fromstring(svg)


def test_missing_values_leave_a_gap() -> None:
    svg = plots.line_plot([Line("t", "truth", 0, [1.0, None, 3.0, 4.0])], title="t", y_label="t")
    path = next(p for p in ElementTree.fromstring(svg).iter("path") if "pg-line" in p.get("class", ""))
    assert path.get("d", "").count("M") == 2


def test_a_prediction_that_runs_away_does_not_flatten_the_truth() -> None:
    truth = Line("truth", "truth", 0, [0.0, 1.0], leads=True)
    low, high = plots.limits([truth, Line("prediction", "prediction", 0, [0.0, 1e30])])
    assert high < 5
    assert low > -5
    assert "leaves the plot" in plots.line_plot(
        [truth, Line("prediction", "prediction", 0, [0.0, 1e30])], title="t", y_label="t"
    )


def test_nothing_to_draw_draws_nothing() -> None:
    assert plots.line_plot([Line("t", "truth", 0, [None, float("nan")])], title="t", y_label="t") == ""
    assert plots.interval_chart([Row("a", [])], title="t", x_label="t") == ""


def test_an_interval_chart_names_every_method_and_value() -> None:
    rows = [Row("ours", [Point("in", 0.01, 0.008, 0.012)]), Row("other", [Point("in", 1.5)])]
    root = ElementTree.fromstring(plots.interval_chart(rows, title="error", x_label="error [u/s]"))
    assert root.find("desc").text == "ours: in 0.0100; other: in 1.50."  # type: ignore[union-attr]
    assert len(list(root.iter("circle"))) == 2
