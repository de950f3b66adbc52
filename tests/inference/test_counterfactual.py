from __future__ import annotations

import numpy as np
import pytest

from proggen.archive.records import (
    AffordanceRule,
    Change,
    FitRecord,
    ParameterRecord,
    SceneRecord,
    VariableRecord,
)
from proggen.errors import UsageError
from proggen.inference.counterfactual import Beginning, apply, imagine, parse_change, slug, suggest
from proggen.sandbox import Sandbox

from ..world import SCENE, world_program

STATE = {"box.x": 1.0, "box.y": 2.0, "box.vx": 3.0}
START = Beginning(STATE, 0.1, 5)
FIT = FitRecord(
    parameters=[
        ParameterRecord(name="drag", value=0.3, init=0.5, low=0, high=2, unit="", meaning="Slows it.")
    ],
    loss_initial=2,
    loss_fitted=1,
    rollouts=1,
    starts=1,
    clips=[],
)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("gravity=0", Change(target="gravity", operation="=", value=0)),
        ("red_ball.vx*=2", Change(target="red_ball.vx", operation="*=", value=2)),
        ("pole.angle += -0.1", Change(target="pole.angle", operation="+=", value=-0.1)),
        ("actions[10:20]=1", Change(target="actions", operation="=", value=1, frames=(10, 20))),
    ],
)
def test_changes_are_read(text: str, change: Change) -> None:
    assert parse_change(text) == change


@pytest.mark.parametrize(
    "text", ["gravity", "=1", "gravity=much", "gravity=nan", "x[1:2]=3", "gravity/=2", ""]
)
def test_what_is_no_change_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse_change(text)


def test_parameter_and_state_are_changed_and_nothing_else() -> None:
    changes = [parse_change("drag=0"), parse_change("box.vx*=2")]
    world, start = apply(world_program(), START, changes, 2)
    assert world.parameters == {"drag": 0.0}
    assert start.state == {**STATE, "box.vx": 6.0}
    assert STATE["box.vx"] == 3.0


def test_actions_change_in_the_frames_named() -> None:
    start = Beginning(STATE, 0.1, 5, np.zeros(5))
    _, changed = apply(world_program(), start, [parse_change("actions[4:6]=1")], 2)
    assert changed.actions is not None
    assert changed.actions.tolist() == [0, 0, 1, 1, 0]
    assert start.actions is not None
    assert start.actions.sum() == 0


def test_unknown_target_names_what_there_is() -> None:
    with pytest.raises(UsageError, match=r"drag, box\.x, box\.y, box\.vx"):
        apply(world_program(), START, [parse_change("mass=1")], 2)


def test_without_drag_the_speed_stays(sandbox: Sandbox) -> None:
    states, parameters = imagine(sandbox, world_program(), START, [parse_change("drag=0")], 2)
    assert states["box.vx"].tolist() == [3.0] * 5
    assert parameters == {"drag": 0.0}


def test_slug_is_a_file_name() -> None:
    assert slug([parse_change("red_ball.vx*=2"), parse_change("gravity=-1.5")]) == (
        "red_ball.vx-times-2__gravity-set--1.5"
    )


def test_suggestions_come_from_the_rules() -> None:
    found = {c.text(): why for c, why in suggest(SCENE, FIT, takes_actions=False)}
    assert found == {"box.vx*=2": "moves: The box slides.", "drag*=0": "acts: Drag slows the box."}


def test_actions_are_questioned_where_they_are_given() -> None:
    assert suggest(SCENE, FIT, takes_actions=True)[0][0].target == "actions"


def test_touching_things_change_size_where_no_parameter_fits() -> None:
    rule = AffordanceRule(kind="touches", subject="box", object="wall", rule="It bumps.")
    width = VariableRecord(name="box.width", unit="u", meaning="Width.", constant=True)
    scene = SceneRecord(objects=SCENE.objects, variables=[*SCENE.variables, width], rules=[rule])
    assert [c.text() for c, _ in suggest(scene, FIT, takes_actions=False)] == ["box.width*=1.5"]
