from __future__ import annotations

import pytest
from markupsafe import Markup

from proggen.report import words


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.01234, "0.0123"), (12.345, "12.3"), (1234.5, "1234"), (-0.5, "−0.500"), (0.0, "0"), (None, "–"),
     (float("nan"), "–"), (float("inf"), "–"), (1.2e-7, "1.20e−7"), (3e9, "3.00e9")],
)  # fmt: skip
def test_numbers_have_three_digits_and_a_real_minus(value: float | None, text: str) -> None:
    assert words.number(value) == text


def test_an_interval_has_the_decimals_of_its_mean() -> None:
    assert words.interval(0.00912, 0.0114, 0.0102) == "[0.0091, 0.0114]"


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
