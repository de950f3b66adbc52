"""Which parameters perception holds itself, and numbers that are equal by chance."""

from __future__ import annotations

import pytest

from proggen.archive.records import CombinationRecord, FitRecord, ParameterRecord, SceneObject, SceneRecord
from proggen.sources import held, mark_held, named_numbers, significant_digits

SCENE = SceneRecord(
    objects=[SceneObject(name=n, looks="", can="") for n in ("cart", "pole")], variables=[], rules=[]
)


def parameter(name: str, value: float, **changes: object) -> ParameterRecord:
    fields = {
        "name": name,
        "value": value,
        "init": value,
        "low": 0.0,
        "high": 50.0,
        "unit": "",
        "meaning": "",
    }
    return ParameterRecord.model_validate({**fields, **changes})


GRAVITY = parameter("gravity", 9.8, std_error=1e-3)
HALF_LENGTH = parameter("half_length", 0.5)
PUSH = parameter("push_force", 10.0)
EVERYONE = [GRAVITY, HALF_LENGTH, PUSH]


@pytest.mark.parametrize(
    ("source", "who"),
    [
        ("G = 9.8", GRAVITY),
        ("def perceive(frames, fps, gravity=9.8): pass", GRAVITY),
        ("fit(gravity=9.8)", GRAVITY),
        ("D = {'gravity': 9.8}", GRAVITY),
        ("G0, TAU = 9.8, 0.1", GRAVITY),
        ("LH = 0.5", HALF_LENGTH),
        ("def f():\n    length = 1.0 / 2", HALF_LENGTH),
        ("DEF = (10.0 / 1.1, 9.8)", PUSH),
    ],
)
def test_value_that_perception_holds_is_found(source: str, who: ParameterRecord) -> None:
    assert held(who, EVERYONE, source, SCENE)


@pytest.mark.parametrize(
    ("source", "who"),
    [
        ("G = 9.7", GRAVITY),  # another value
        ("SIGMA = 9.8", GRAVITY),  # another quantity
        ("EDGE = 0.5", HALF_LENGTH),
        ("P = 10.0", PUSH),  # a letter and a round number say nothing
        ("POLE_WIDTH = 0.1", parameter("pole_mass", 0.1)),  # things are no quantities
        ("SIZES = (10.0, 0.5)", PUSH),  # two round numbers
        ("WINDOW = (9.8, 3.0)", GRAVITY),  # one value alone, in a statement about something else
        ("x = (", GRAVITY),
    ],
)
def test_number_that_is_equal_by_chance_is_not(source: str, who: ParameterRecord) -> None:
    assert held(who, EVERYONE, source, SCENE) == []


def test_declared_parameters_are_no_fixed_numbers() -> None:
    found = named_numbers("PARAMS = {'g': {'init': 9.8}}\nCART_MASS = 1.0\n")
    assert [(n.name, n.value, n.line) for n in found] == [("CART_MASS", 1.0, 2)]


def test_held_parameter_has_no_interval_and_no_combination() -> None:
    combined = [
        CombinationRecord(text=t, value=1, unit="", relative_std_error=1e-3)
        for t in ("push_force / gravity", "push_force * half_length")
    ]
    fit = FitRecord(
        parameters=EVERYONE,
        combinations=combined,
        loss_initial=1,
        loss_fitted=1,
        rollouts=1,
        starts=1,
        clips=[],
    )
    found = mark_held(fit, "G = 9.8", SCENE)
    assert [p.status for p in found.parameters] == ["held", "identified", "identified"]
    assert found.parameters[0].std_error is None
    assert [c.text for c in found.combinations] == ["push_force * half_length"]


def test_digits_are_those_of_the_shortest_decimal() -> None:
    assert [significant_digits(v) for v in (9.8, 10.0, 0.5, 1e-9, 0.125)] == [2, 1, 1, 1, 3]
