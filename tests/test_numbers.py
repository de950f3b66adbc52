"""How numbers are written."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from proggen import numbers


@dataclass(frozen=True)
class Mean:
    mean: float
    ci95: tuple[float, float]
    n: int = 12


def around(mean: float, half: float) -> Mean:
    return Mean(mean, (mean - half, mean + half))


# -- single numbers: (function, arguments, text); tests/report/test_numbers.py compares them with the browser's

SINGLE: list[tuple[str, tuple[Any, ...], str]] = [
    ("number", (0.01234,), "0.0123"),
    ("number", (12.345,), "12.3"),
    ("number", (9.996,), "10.0"),
    ("number", (1234.5,), "1235"),  # a tie: away from zero
    ("number", (-0.5,), "−0.500"),
    ("number", (0.125, 2), "0.13"),
    ("number", (0.0,), "0"),
    ("number", (None,), "–"),
    ("number", (0.00009999,), "0.000100"),
    ("number", (1.6e-5, 2), "1.6 × 10⁻⁵"),
    ("number", (-1.25e-5, 2), "−1.3 × 10⁻⁵"),
    ("number", (3e9,), "3.00 × 10⁹"),
    ("number", (999999.7,), "1.00 × 10⁶"),
    ("number", (4.44e-16,), "0"),
    ("number", (2e-9, 3, 0.0), "2.00 × 10⁻⁹"),
    ("number", (2e-9, 3, 4.3), "0"),
    ("fixed", (0.0017, 4), "0.0017"),
    ("fixed", (-0.00004, 4), "0.0000"),  # too small for the column, and no minus zero
    ("fixed", (-3e-17, 4), "0"),
    ("fixed", (2.5, 0), "3"),
    ("fixed", (None, 2), "–"),
    ("times", (2.345,), "2.3 ×"),
    ("times", (1.0,), "1.0 ×"),
    ("times", (1e9,), "≥ 1000 ×"),
    ("times", (None,), "–"),
    ("times", (0.0,), "0 ×"),
    ("tick", (0.6000000000000001, 0.2), "0.6"),
    ("tick", (-0.0002, 0.0001), "−0.0002"),
    ("tick", (1e-19, 0.1), "0"),
    ("tick", (2.4e-6, 2e-7), "2.4 × 10⁻⁶"),
    ("tick", (25.0, 5.0), "25"),
    ("tick", (1.5e7, 5e6), "1.5 × 10⁷"),
]


@pytest.mark.parametrize(("function", "arguments", "text"), SINGLE)
def test_a_single_number(function: str, arguments: tuple[Any, ...], text: str) -> None:
    assert getattr(numbers, function)(*arguments) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_what_is_missing_infinite_or_undefined_is_a_dash(value: float | None) -> None:
    assert {f(value) for f in (numbers.number, numbers.exact)} == {"–"}
    assert {numbers.fixed(value, 2), numbers.seconds(value), numbers.percent(value)} == {"–"}
    assert numbers.column([around(1.0, 0.1)]).value(value) == "–"


@pytest.mark.parametrize(
    ("value", "text"),
    [(10.0, "10"), (0.5, "0.5"), (7.5, "7.5"), (0.015, "0.015"), (0.30000000000000004, "0.3"), (1e-5, "10⁻⁵"),
     (-2.5e-6, "−2.5 × 10⁻⁶"), (0.0, "0"), (1000.0, "1000")],
)  # fmt: skip
def test_a_number_that_somebody_chose_gets_no_digits(value: float, text: str) -> None:
    assert numbers.exact(value) == text


def test_both_ends_of_a_range_have_the_same_decimals() -> None:
    assert numbers.span((0.015, 0.03)) == "0.015 … 0.030"
    assert numbers.span((0.3, 0.3)) == "0.3"


# -- intervals and columns


@pytest.mark.parametrize(
    ("measured", "text"),
    [
        (around(0.00174, 0.0006), "0.00174 ± 0.00060"),
        (around(2.17123, 0.42), "2.17 ± 0.42"),
        (around(49.613, 3.2), "49.6 ± 3.2"),
        (around(1234.5, 67), "1235 ± 67"),
        (around(0.5, 0.0996), "0.50 ± 0.10"),
        (Mean(0.00627, (0.0018, 0.01451)), "0.0063 [0.0018, 0.0145]"),  # skewed
        (Mean(1.4e-5, (1.09e-6, 3.48e-5)), "1.4 [0.1, 3.5] × 10⁻⁵"),
        (around(-0.2, 0.05), "−0.200 ± 0.050"),
        (around(1.7e-5, 3e-7), "(1.700 ± 0.030) × 10⁻⁵"),
        (Mean(2.5, (2.5, 2.5), n=1), "2.50"),
        (around(0.0, 0.0), "0 ± 0"),
        (around(3e-17, 1e-17), "0 ± 0"),
        (around(9.8, 1.6e-15), "9.80 ± 0"),
        (None, "–"),
    ],
)
def test_an_interval_decides_the_decimals_of_value_and_ends(measured: Mean | None, text: str) -> None:
    assert numbers.column([measured]).text(measured) == text


def test_a_mean_of_one_episode_has_no_interval() -> None:
    one, many = Mean(2.5, (2.5, 2.5), n=1), around(2.5, 0.5)
    column = numbers.column([one, many])
    assert (column.interval(one), column.interval(many)) == ("", "[2.00, 3.00]")
    assert column.interval(None) == ""


def test_a_column_shares_the_precision_of_its_narrowest_interval() -> None:
    cells = [around(0.0063, 0.0064), around(0.0167, 0.0075), around(0.78, 0.25)]
    column = numbers.column(cells)
    assert [column.mean(c) for c in cells] == ["0.0063", "0.0167", "0.7800"]


def test_intervals_of_few_episodes_do_not_decide() -> None:
    few = Mean(0.00743712, (0.007434, 0.007441), n=2)
    column = numbers.column([few, Mean(0.432, (0.361, 0.503), n=2)])
    assert (column.mean(few), column.interval(few)) == ("0.00744", "[0.00743, 0.00744]")


def test_where_intervals_are_far_apart_it_has_one_digit_less() -> None:
    cells = [around(0.00174, 0.0006), around(0.0167, 0.0075), around(2.17, 0.42), around(2.03, 1.1)]
    column = numbers.column(cells)
    assert [column.mean(c) for c in cells] == ["0.0017", "0.0167", "2.1700", "2.0300"]
    assert column.interval(cells[0]) == "[0.0011, 0.0023]"


def test_cells_without_extent_do_not_decide() -> None:
    cells = [around(0.25, 0.03), Mean(1 / 3, (1 / 3, 1 / 3), n=1), around(0.0, 0.0), around(2.0, 1e-15)]
    column = numbers.column([*cells, None])
    assert [column.mean(c) for c in cells] == ["0.250", "0.333", "0", "2.000"]


def test_cells_too_far_apart_go_by_their_own_intervals() -> None:
    tiny, large, noise = Mean(1.4e-6, (1e-7, 3.5e-6)), around(1.65, 0.4), around(4e-16, 1e-16)
    column = numbers.column([tiny, large, noise])
    assert [column.text(c) for c in (tiny, large, noise)] == ["1.4 [0.1, 3.5] × 10⁻⁶", "1.65 ± 0.40", "0 ± 0"]


def test_noise_is_judged_by_the_scale_of_the_column() -> None:
    assert numbers.column([around(4.3, 0.5), around(2e-9, 1e-9)]).mean(around(2e-9, 1e-9)) == "0"
    assert numbers.column([around(2e-9, 1e-10)]).mean(around(2e-9, 1e-10)) == "2.00 × 10⁻⁹"


def test_the_mean_lies_within_the_ends_as_they_are_written() -> None:
    draw = random.Random(0)
    for _ in range(500):
        mean = draw.uniform(-10, 10) * 10 ** draw.randint(-6, 5)
        half = abs(mean) * 10 ** draw.uniform(-6, 2)
        cell = Mean(mean, (mean - half * draw.random(), mean + half))
        column = numbers.column([cell])
        low, high = (read(t) for t in re.split(r"\[|, |\]", column.interval(cell))[1:3])
        power = re.search(r" × 10(\S+)$", column.interval(cell))
        factor = 10.0 ** int((power[1] if power else "⁰").translate(_LOWERED))
        written = column.mean(cell).split(" ×")[0]
        assert low <= read(written) <= high
        assert abs(read(written) * factor - mean) <= max(0.06 * half, 1e-8)


_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def read(text: str) -> float:
    return float(text.replace("−", "-"))


def test_values_without_interval_share_a_precision_too() -> None:
    column = numbers.values_column([0.00112, 0.0107, 0.00312, None, math.nan])
    assert [column.value(v) for v in (0.00112, 0.0107, None)] == ["0.00112", "0.01070", "–"]


def test_a_series_has_the_digits_of_its_largest_value() -> None:
    column = numbers.series_column([0.001, -8.7, None])
    assert [column.value(v) for v in (0.001, -8.7)] == ["0.001", "−8.700"]


def test_values_beside_their_differences_show_these() -> None:
    column = numbers.compared_column([8.0021, 13.251], [0.0031, None])
    assert [column.value(v) for v in (8.0021, 13.251, 0.0031)] == ["8.0021", "13.2510", "0.0031"]
    assert numbers.compared_column([5.123, 3.011], [2.112]).value(5.123) == "5.123"
    assert numbers.compared_column([9.8], [1e-15]).value(9.8) == "9.800"
    assert numbers.compared_column([], []).value(None) == "–"


def test_values_of_very_different_size_lose_a_digit() -> None:
    column = numbers.values_column([0.00109, 0.0009114, 0.0000121, 0.0])
    assert [column.value(v) for v in (0.00109, 0.0009114, 0.0000121, 0.0)] == [
        "0.001090",
        "0.000911",
        "0.000012",
        "0",
    ]


def test_an_error_that_the_cap_on_decimals_hides_has_its_own_notation() -> None:
    assert numbers.error_column(0.98, 4e-9).with_error(0.98, 4e-9) == "0.98000000 ± 4.0 × 10⁻⁹"
    assert numbers.error_column(2.50017, 0.00011).with_error(2.50017, 0.00011) == "2.50017 ± 0.00011"


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        ({"value": 9.80018, "std_error": 0.00056}, "9.80018 ± 0.00056"),
        ({"value": 9.80018}, "9.800"),
        ({"value": 10.0, "step": 1.0}, "10"),
        ({"value": 7.5, "init": 7.5, "identified": False, "std_error": 3.0}, "7.5"),
        ({"value": 7.51234, "identified": False, "std_error": 3.0}, "7.512"),
    ],
)
def test_a_fitted_parameter(parameter: dict[str, Any], text: str) -> None:
    given = {"init": 1.0, "std_error": None, "step": None, "identified": True, **parameter}
    assert numbers.fitted(SimpleNamespace(**given)) == text


# -- with words and units


@pytest.mark.parametrize(
    ("given", "text"),
    [("1", ""), ("", ""), (" 1 ", ""), ("dimensionless", ""), ("1/1000", "‰"), ("u/s", "u/s"), ("m/s^2", "m/s²"),
     ("kg*m**2", "kg*m²"), ("s^-1", "s⁻¹"), ("1/s", "1/s"), ("10", "10"), (" <b>^2", " <b>^2")],
)  # fmt: skip
def test_units(given: str, text: str) -> None:
    assert numbers.unit(given) == text


def test_there_are_no_empty_brackets_and_no_unit_one() -> None:
    assert numbers.labelled("bounce", "1") == "bounce"
    assert numbers.labelled("x", "u") == "x [u]"
    assert numbers.with_unit("7.5", "1/1000") == "7.5 ‰"
    assert numbers.with_unit("0.8", "1") == "0.8"


def test_shares_counts_bytes_and_seconds() -> None:
    assert [numbers.percent(v) for v in (0, 0.000234, 0.0667, 0.875, 1)] == [
        "0 %",
        "0.023 %",
        "6.7 %",
        "88 %",
        "100 %",
    ]
    assert numbers.count(1, "line") == "1 line"
    assert numbers.count(12345, "frame") == "12,345 frames"
    assert [numbers.size(n) for n in (999, 12_345, 999_600, 2_500_000)] == [
        "999 B",
        "12 kB",
        "1.0 MB",
        "2.5 MB",
    ]
    said = [numbers.seconds(v) for v in (0.0123, 4.26, 59.7, 119.8, 7384.0)]
    assert said == ["0.012 s", "4.3 s", "1 min 0 s", "2 min 0 s", "2 h 3 min"]
