"""The rule for whose knowledge a value is, with cases that make each verdict false."""

from __future__ import annotations

import pytest

from proggen.archive.knowledge import ConstantKnowledge, ParameterKnowledge, PlaceRecord
from proggen.archive.records import ParameterRecord
from proggen.evaluation.knowledge.panel import parameter_knowledge
from proggen.evaluation.knowledge.verdicts import judge, judge_benchmark


def parameter(**changes: object) -> ParameterRecord:
    """One that started far from where the clips told it to be."""
    values = {
        "name": "g",
        "value": 2.5,
        "init": 1.0,
        "low": 0.0,
        "high": 10.0,
        "unit": "u/s^2",
        "meaning": "m",
    }
    return ParameterRecord.model_validate({**values, "std_error": 1e-3, **changes})


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, ("learned", "moved")),
        ({"init": 2.4}, ("learned", "moved")),  # 4 % away, and the interval is narrow
        ({"init": 2.4, "std_error": 0.06}, ("confirmed", "start")),  # within the interval
        ({"init": 2.48}, ("confirmed", "start")),  # within 1 %: who starts there knew it
        ({"init": 2.5}, ("confirmed", "start")),
        ({"init": 2.5, "status": "exact"}, ("assumed", "exact")),
        ({"init": 1.0, "status": "exact"}, ("assumed", "exact")),
        ({"init": 2.5, "status": "held"}, ("assumed", "held")),
        ({"init": 2.5, "status": "untold"}, ("assumed", "untold")),
        ({"init": 1.0, "status": "untold"}, ("untold", "untold")),
        ({"init": 10.0, "value": 10.0, "status": "at_bound"}, ("assumed", "at_bound")),
        ({"init": 1.0, "value": 10.0, "status": "at_bound"}, ("untold", "at_bound")),
        ({"init": 2.5, "step": 0.5, "status": "narrowed"}, ("assumed", "narrowed")),
    ],
)
def test_verdict_on_a_parameter(changes: dict[str, object], verdict: tuple[str, str]) -> None:
    assert judge(parameter(**changes)) == verdict


def known(**changes: object) -> ParameterKnowledge:
    return parameter_knowledge(parameter(**changes), [])


LEARNED, CONFIRMED = known(), known(init=2.5)
ASSUMED, UNTOLD = known(init=2.5, status="exact"), known(status="untold")
FIXED = ConstantKnowledge(
    name="restitution", value=1, unit="1", equal=True,
    places=[PlaceRecord(program="dynamics", line=1, name="E", value=1)],
)  # fmt: skip
STARTED = FIXED.model_copy(update={"parameter": "g", "places": []})
ABSENT = FIXED.model_copy(update={"equal": False, "places": []})


@pytest.mark.parametrize(
    ("parameters", "constants", "verdict"),
    [
        ([LEARNED, LEARNED], [], "learned"),
        ([LEARNED, CONFIRMED], [], "confirmed"),
        ([LEARNED, CONFIRMED, ASSUMED], [], "assumed"),
        ([LEARNED, UNTOLD], [], "learned"),
        ([UNTOLD], [], "assumed"),
        ([], [], "assumed"),
        ([LEARNED], [FIXED], "assumed"),
        ([LEARNED], [STARTED, ABSENT], "learned"),
    ],
)
def test_benchmark_has_the_weakest_verdict(
    parameters: list[ParameterKnowledge], constants: list[ConstantKnowledge], verdict: str
) -> None:
    assert judge_benchmark(parameters, constants) == verdict


def test_interval_is_given_only_where_the_clips_tell_the_value() -> None:
    assert known().half_width == pytest.approx(1.96e-3)
    assert ASSUMED.half_width is None
    assert UNTOLD.half_width is None
