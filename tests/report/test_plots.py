from __future__ import annotations

from xml.etree import ElementTree

from proggen.report import plots
from proggen.report.plots import Point, Row


def test_ticks_are_round_numbers_within_the_limits() -> None:
    assert plots.ticks(0.13, 1.07) == [0.2, 0.4, 0.6000000000000001, 0.8, 1.0]


def test_names_in_a_plot_are_escaped() -> None:
    svg = plots.interval_chart([Row("<b>&", [Point("in", 0.1)])], title='"<i>', x_label="</text><script>")
    assert "<script" not in svg
    ElementTree.fromstring(svg)


def test_nothing_to_draw_draws_nothing() -> None:
    assert plots.interval_chart([Row("a", [])], title="t", x_label="t") == ""


def test_an_interval_chart_names_every_method_and_value() -> None:
    rows = [Row("ours", [Point("in", 0.01, 0.008, 0.012)]), Row("other", [Point("in", 1.5)])]
    root = ElementTree.fromstring(plots.interval_chart(rows, title="error", x_label="error [u/s]"))
    assert root.find("desc").text == "ours: in 0.0100; other: in 1.50."  # type: ignore[union-attr]
    assert len(list(root.iter("circle"))) == 2
