"""Whose knowledge a fitted value is: the rule for a parameter, and the one for a benchmark."""

from __future__ import annotations

from collections.abc import Sequence

from ...archive.knowledge import ConstantKnowledge, ParameterKnowledge, Reason, Verdict
from ...archive.records import ParameterRecord

SAME = 0.01  # relative difference of values that are one value: a start this near was known
_NORMAL = 1.96  # standard errors on either side of a 95 % interval


def half_width(p: ParameterRecord) -> float | None:
    """Of the 95 % interval of a parameter that the clips tell, in its unit."""
    return None if p.std_error is None or not p.identified else _NORMAL * p.std_error


def starts_where_it_ends(p: ParameterRecord) -> bool:
    """Whether the start value is the fitted one: within the 95 % interval, or nearer than `SAME`."""
    gap = abs(p.value - p.init)
    return gap <= max(half_width(p) or 0.0, SAME * max(abs(p.value), abs(p.init)))


def judge(p: ParameterRecord) -> tuple[Verdict, Reason]:
    """Verdict on one parameter, and why.

    assumed: perception holds it or its equations, or the clips can't tell it and it is where it started.
    confirmed: it started at its value, and the clips tell that value without perception's help.
    learned: it started elsewhere, and the clips tell it.
    untold: it started elsewhere, and the clips moved it without telling where it belongs.
    """
    if p.status in ("exact", "held"):
        return "assumed", p.status
    same = starts_where_it_ends(p)
    if p.status != "identified":
        return "assumed" if same else "untold", p.status
    return ("confirmed", "start") if same else ("learned", "moved")


def judge_benchmark(
    parameters: Sequence[ParameterKnowledge], constants: Sequence[ConstantKnowledge]
) -> Verdict:
    """The weakest verdict among the parameters and the true constants that stand fixed in the dynamics.

    A benchmark none of whose parameters the clips tell, or that has none, is assumed: nothing in its dynamics
    could have come out otherwise.
    """
    verdicts = {p.verdict for p in parameters}
    fixed = any(c.equal and c.parameter is None for c in constants)
    if fixed or "assumed" in verdicts or not verdicts & {"confirmed", "learned"}:
        return "assumed"
    return "confirmed" if "confirmed" in verdicts else "learned"
