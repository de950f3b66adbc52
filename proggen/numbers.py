"""How numbers are written, in the terminal and on pages alike; docs/assets/numbers.js has the same rules.

Files that programs read (JSON, CSV) and prompts keep Python's own notation: nothing here is for them.

*Precision by the interval.* A mean is as precise as its interval: two significant digits of the half-width decide
the decimals, for the value and for both ends (a third digit would be noise of the bootstrap itself). A value that
has no interval gets three significant digits.

*One precision for a column*, so that decimals line up and values can be compared at a glance: that of the
narrowest interval, because a digit too many on a coarse value claims nothing (its interval stands beside it), while
a digit too few hides what the best method has. If what cells need is three or four digits apart, one digit less: the
narrowest interval keeps one, and the coarse ones get no more than three too many. Further apart, no common number of
decimals serves both ends, and every cell goes by its own. Cells without extent (equal values, rounding noise) and
intervals of fewer than four episodes, which say little about the next one, don't decide.

*Rounding noise is 0.* What is below 1e-9 of the column's scale is written as "0", without decimals: it differs from
"0.000", which is a value too small for the column. States are of order 1 and are rounded at 1e-16; a rollout
leaves some 1e-13 of it, so below 1e-12 a value counts as noise even if nothing larger stands beside it.

*Intervals.* "±" and the half-width where it is symmetric, both ends where one arm is more than 1.25 times the
other: from there on "±" misplaces an end by over a ninth of the half-width, which its two digits show. No interval
where n = 1: there is none.

*Notation.* 1.6 × 10⁻⁵ below 1e-4 and from 1e6 on, a minus sign (U+2212), and a dash for what is missing, infinite or
undefined. Ties round away from zero, as `toFixed` does in browsers. Values of one variable over time have the
digits of their largest.

*Units.* No unit "1" and no empty brackets; "1/1000" is ‰, "1/100" is %; powers are raised. Shares are percent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

DASH = "–"
MINUS = "−"
NOISE = 1e-9  # of the scale; less is rounding noise
SMALLEST = 1e-3  # scale of which rounding noise is judged where nothing larger stands beside a value
MOST = 8  # decimals: five digits of the smallest number that is written without a power of ten
SMALL, LARGE = -4, 6  # powers of ten between which numbers are written without one
SKEW = 1.25  # of an interval's arms
FEW = 4  # episodes that an interval has to be over to decide a precision
FAR, TOO_FAR = 3, 5  # digits between what cells of a column need
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Measured(Protocol):
    """A mean over n episodes with its 95 % interval, such as `MetricValue`."""

    @property
    def mean(self) -> float: ...
    @property
    def ci95(self) -> tuple[float, float]: ...
    @property
    def n(self) -> int: ...


class Parameter(Protocol):
    """A fitted parameter, such as `ParameterRecord`."""

    @property
    def value(self) -> float: ...
    @property
    def init(self) -> float: ...
    @property
    def std_error(self) -> float | None: ...
    @property
    def step(self) -> float | None: ...
    @property
    def identified(self) -> bool: ...


# -- single numbers


def number(value: float | None, digits: int = 3, scale: float = 0.0) -> str:
    """`digits` significant digits; "0" for what is rounding noise beside values of size `scale`."""
    if value is None or not math.isfinite(value):
        return DASH
    if is_noise(value, scale):
        return "0"
    power = _power(value, digits)
    if not SMALL <= power < LARGE:
        return f"{_fixed(value, digits - 1, power)}{_times_ten(power)}"
    return _fixed(value, _within(digits - 1 - power))


def exact(value: float | None) -> str:
    """A number that somebody chose (a bound, a setting, a published value): as it is, no digits added."""
    if value is None or not math.isfinite(value):
        return DASH
    shortest = Decimal(repr(float(value))).normalize()
    digits = min(6, len(shortest.as_tuple().digits))
    power = _power(value, digits) if value else 0
    if not SMALL <= power < LARGE:
        mantissa = _fixed(value, digits - 1, power)
        return _times_ten(power).strip(" ×") if mantissa == "1" else mantissa + _times_ten(power)
    text = _fixed(value, _within(digits - 1 - power))
    return text.rstrip("0").rstrip(".") if "." in text else text


def span(ends: tuple[float, float]) -> str:
    """A range of chosen numbers, "0.015 … 0.030"; one number where both are equal."""
    low, high = (exact(v) for v in ends)
    if low == high or "×" in low + high:
        return low if low == high else f"{low} … {high}"
    decimals = max(len(text.partition(".")[2]) for text in (low, high))
    return " … ".join(_fixed(v, decimals) for v in ends)


def fixed(value: float | None, decimals: int, scale: float = 0.0) -> str:
    """With so many decimals; "0" for rounding noise."""
    if value is None or not math.isfinite(value):
        return DASH
    return "0" if is_noise(value, scale) else _fixed(value, decimals)


def is_noise(value: float, scale: float = 0.0) -> bool:
    return abs(value) <= NOISE * max(abs(scale), SMALLEST)


def _fixed(value: float, decimals: int, power: int = 0) -> str:
    """value / 10^power with so many decimals."""
    rounded = Decimal(value).scaleb(-power).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{rounded if rounded else abs(rounded):f}".replace("-", MINUS)


def _power(value: float, digits: int) -> int:
    """The power of ten of a value that is rounded to `digits` significant digits; 0 for zero."""
    found = Decimal(value)
    power = found.adjusted() if found else 0
    rounded = found.scaleb(-power).quantize(Decimal(1).scaleb(1 - digits), ROUND_HALF_UP)
    return power + (abs(rounded) >= 10)


def _within(decimals: int) -> int:
    return min(MOST, max(0, decimals))


def _times_ten(power: int) -> str:
    return f" × 10{str(power).translate(_RAISED)}"


# -- columns, and values with an interval or an error


@dataclass(frozen=True)
class Column:
    """How the numbers of a column are written; decimals None: each by its own interval.

    `scale` is the largest size in the column, `power` the power of ten that all of it is divided by.
    """

    decimals: int | None
    scale: float = 0.0
    power: int = 0

    def value(self, value: float | None) -> str:
        """A value of the column that has no interval of its own."""
        if self.decimals is None:
            return number(value, scale=self.scale)
        return self._write(value) + self._end(value)

    def mean(self, measured: Measured | None) -> str:
        return DASH if measured is None else self.of(measured).value(measured.mean)

    def interval(self, measured: Measured | None) -> str:
        """Both ends in brackets; empty where n = 1."""
        if measured is None or measured.n < 2:
            return ""
        return self.of(measured).ends(*measured.ci95)

    def ends(self, low: float, high: float) -> str:
        return f"[{self._write(low)}, {self._write(high)}]{self._end(low) or self._end(high)}"

    def with_error(self, value: float, error: float | None) -> str:
        """ "2.50017 ± 0.00011"; the value alone where the error is not known."""
        if error is None or not math.isfinite(error):
            return self.value(value)
        written = self._write(error)
        if not is_noise(error, self.scale) and not any(c in written for c in "123456789"):
            return f"{self.value(value)} ± {number(error, 2)}"
        both, end = f"{self._write(value)} ± {written}", self._end(value) or self._end(error)
        return f"({both}){end}" if end else both

    def text(self, measured: Measured | None) -> str:
        """A mean with its interval, as short as it can be: "±" where that is true."""
        if measured is None:
            return DASH
        low, high = measured.ci95
        if measured.n < 2:
            return self.mean(measured)
        own = self.of(measured)
        if skewed(measured.mean, low, high):
            return f"{own._write(measured.mean)} {own.ends(low, high)}"
        return own.with_error(measured.mean, (high - low) / 2)

    def of(self, measured: Measured) -> Column:
        if self.decimals is not None:
            return self
        return _column([_extent(measured)], 3, scale=self.scale)

    def _write(self, value: float | None) -> str:
        if value is None or not math.isfinite(value):
            return DASH
        if is_noise(value, self.scale):
            return "0"
        return _fixed(value, self.decimals or 0, self.power)

    def _end(self, value: float | None) -> str:
        known = value is not None and math.isfinite(value) and not is_noise(value, self.scale)
        return _times_ten(self.power) if self.power and known else ""


def column(measured: Iterable[Measured | None]) -> Column:
    """The precision that these means and their intervals share."""
    return _column([_extent(m) for m in measured if m is not None], 3)


def values_column(values: Iterable[float | None], digits: int = 3) -> Column:
    """The precision that values without interval share; a digit less if two powers of ten lie between them."""
    return _column([(v, v, v) for v in values if v is not None and math.isfinite(v)], digits, far=2)


def series_column(values: Iterable[float | None], digits: int = 4) -> Column:
    """For one variable over time: `digits` significant digits of the largest value."""
    known = [abs(v) for v in values if v is not None and math.isfinite(v)]
    return values_column([max(known, default=None)], digits)


def compared_column(values: Iterable[float | None], differences: Iterable[float | None]) -> Column:
    """For values beside their differences: at least four digits of the largest value, and two of the difference."""
    found, apart = series_column(values), series_column(differences, 2)
    if found.decimals is None or is_noise(apart.scale, found.scale):
        return found
    needed = max(found.decimals, (apart.decimals or 0) - apart.power + found.power)
    return replace(found, decimals=_within(min(needed, found.decimals + 3)))


def error_column(value: float, error: float | None, digits: int = 4) -> Column:
    """For a value with a standard error; `digits` where there is none."""
    if error is None or not math.isfinite(error):
        return values_column([value], digits)
    return _column([(value, value - abs(error), value + abs(error))], digits)


def fitted(parameter: Parameter) -> str:
    """A fitted value with its standard error; as it was declared where clips did not change or can't tell it."""
    p = parameter
    if p.step is not None or (p.value == p.init and not p.identified):
        return exact(p.value)
    error = p.std_error if p.identified else None
    return error_column(p.value, error).with_error(p.value, error)


def skewed(mean: float, low: float, high: float) -> bool:
    """Whether "±" would misplace the ends of an interval."""
    short, long = sorted((mean - low, high - mean))
    return long > 0 and not is_noise(long, mean) and long > SKEW * short


Extent = tuple[float, float, float]  # value, low, high; low = high where there is no interval


def _extent(measured: Measured) -> Extent:
    low, high = measured.ci95 if measured.n >= FEW else (measured.mean, measured.mean)
    return measured.mean, low, high


def _column(extents: Sequence[Extent], digits: int, far: int = FAR, scale: float = 0.0) -> Column:
    sizes = [abs(v) for extent in extents for v in extent if math.isfinite(v)]
    scale = max([scale, *sizes])
    largest = max(sizes, default=0.0)
    power = 0
    if not is_noise(largest, scale):
        found = _power(largest, digits)
        power = 0 if SMALL <= found < LARGE else found
    wide = [half for _, low, high in extents if not is_noise(half := (high - low) / 2, scale)]
    needs = [1 - _power(half, 2) for half in wide]
    needs = needs or [digits - 1 - _power(v, digits) for v, _, _ in extents if not is_noise(v, scale)]
    shared = _shared(needs or [digits - 1], far)
    return Column(None if shared is None else _within(shared + power), scale, power)


def _shared(needs: Sequence[int], far: int) -> int | None:
    """The decimals of a column whose cells need these; one less if needs are `far` apart."""
    apart = max(needs) - min(needs)
    if apart >= TOO_FAR:
        return None
    return max(needs) - 1 if apart >= far else max(needs)


# -- numbers with words and units

_PER = {"1/1000": "‰", "0.001": "‰", "1e-3": "‰", "per mille": "‰", "1/100": "%", "percent": "%"}
_UNIT = re.compile(r"[\w°%/*·.() ^-]{1,40}")
_NONE = {"", "1", "-", "–", "none", "dimensionless", "unitless", "1/1"}


def unit(text: str) -> str:
    """A unit as it is written; empty for a plain number. Text that is no unit stays as it is."""
    plain = text.strip()
    if plain.lower() in _NONE:
        return ""
    if plain.lower() in _PER:
        return _PER[plain.lower()]
    if not _UNIT.fullmatch(plain):
        return text
    return re.sub(r"(?:\^|\*\*)\(?(-?\d)\)?", lambda match: match[1].translate(_RAISED), plain)


def with_unit(text: str, of: str) -> str:
    """A number's text and its unit, if it has one."""
    return f"{text} {found}" if (found := unit(of)) else text


def labelled(name: str, of: str) -> str:
    """ "position [u]"; the name alone where there is no unit."""
    return f"{name} [{found}]" if (found := unit(of)) else name


def percent(share: float | None, digits: int = 2) -> str:
    """A share of one, in percent."""
    if share is None or not math.isfinite(share):
        return DASH
    return f"{number(100 * share, digits)} %" if abs(share) < 1 else f"{fixed(100 * share, 0)} %"


def times(value: float | None) -> str:
    """A multiple: "2.3 ×"."""
    if value is None or math.isnan(value):
        return DASH
    return "≥ 1000 ×" if value >= 1000 else f"{number(value, 2)} ×"


def whole(number_of: int) -> str:
    """A count: "1,200"."""
    return f"{number_of:,}"


def count(number_of: int, noun: str) -> str:
    """ "1 line", "1,200 lines"."""
    return f"{whole(number_of)} {noun}{'' if number_of == 1 else 's'}"


def size(count_of: int) -> str:
    """Bytes for people, in powers of 1000."""
    if count_of < 1000:
        return f"{count_of} B"
    if count_of < 999_500:
        return f"{fixed(count_of / 1e3, 0)} kB"
    return f"{fixed(count_of / 1e6, 1)} MB"


def seconds(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return DASH
    whole = math.floor(value + 0.5)
    if whole < 60:
        return f"{number(value, 2)} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


# -- axes


def tick(value: float, step: float | None = None) -> str:
    """A tick's number: as many decimals as the distance of two ticks needs; on a logarithmic axis no step."""
    if step is None:
        return exact(value)
    if abs(value) <= abs(step) * 1e-6:
        return "0"
    places, power = -_power(step, 1), _power(value, 12)
    if places < LARGE and power < LARGE:
        return _fixed(value, max(0, places))
    return _fixed(value, max(0, places + power), power) + _times_ten(power)
