"""Which name in a program is which true constant of a benchmark."""

from __future__ import annotations

from collections.abc import Sequence

from ...benchmarks.base import TrueConstant
from ...inference.identify import read_unit
from ...sources import words


def is_constant(true: TrueConstant, name: str, unit: str | None = None) -> int:
    """How well a name (and unit, if it is known) fits a true constant: words of the alias in it, 0 if none."""
    mine = words(name)
    if unit is not None and not _units_agree(true.unit, unit):
        return 0
    fits = [words(alias) for alias in (true.name, *true.also)]
    return max(
        (len(w) for w in fits if (mine == w if len("".join(w)) == 1 else set(w) <= set(mine))), default=0
    )


def _units_agree(one: str, other: str) -> bool:
    """Also where one of them can't be read; no unit is the unit 1."""
    first, second = read_unit(one), read_unit(other)
    return first is None or second is None or first == second


def which(constants: Sequence[TrueConstant], name: str, unit: str | None = None) -> TrueConstant | None:
    """The true constant that a name fits best."""
    best = max(constants, key=lambda c: is_constant(c, name, unit), default=None)
    return best if best is not None and is_constant(best, name, unit) else None
