from __future__ import annotations

import pytest
from markupsafe import Markup

from proggen import numbers
from proggen.archive.records import MetricValue
from proggen.report import words


@pytest.mark.parametrize("text", ["../x", "<script>", "a b", ".hidden", "", "x" * 200, "\ud800", "con:"])
def test_a_slug_is_safe_and_says_that_it_was_changed(text: str) -> None:
    made = words.slug(text)
    assert words.slug(made) == made
    assert made != text
    assert "/" not in made
    assert not made.startswith(".")


def test_a_good_name_is_its_own_slug() -> None:
    assert words.slug("00001-0012") == "00001-0012"


def test_different_names_have_different_slugs() -> None:
    assert words.slug("a<b") != words.slug("a>b")


def test_unknown_metrics_and_units_are_not_trusted() -> None:
    assert not isinstance(words.metric_words("state.<b>", {"<b>": "<i>"}).label, Markup)
    assert not isinstance(words.metric_words("<b>").label, Markup)
    assert "<" not in words.split_words("<b>")
    assert "<" not in words.method_words("<b>")


def test_a_unit_that_a_model_wrote_is_not_trusted_and_none_is_empty() -> None:
    assert not isinstance(words.unit("<b>"), Markup)
    assert words.unit("1") == words.metric_words("state.x", {"x": "1"}).unit == Markup("")
    assert words.unit("1/1000") == Markup("‰")


def test_a_table_cell_shows_an_interval_only_if_there_is_one() -> None:
    one, many = (MetricValue(mean=2.5, ci95=(2.0, 3.0), n=n) for n in (1, 9))
    column = numbers.column([one, many])
    assert words.measured(one, column) == "<b>2.50</b>"
    assert words.measured(many, column) == "<b>2.50</b> <small>[2.00, 3.00]</small>"
