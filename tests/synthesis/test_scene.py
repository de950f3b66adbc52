from __future__ import annotations

import json
from typing import Any

import pytest

from proggen.errors import ProgramFailure
from proggen.synthesis.scene import parse_scene

from ..world import REPLIES, SCENE


def reply(**changes: Any) -> str:
    return "```json\n" + json.dumps({**SCENE.model_dump(), **changes}) + "\n```"


def variable(name: str, *, constant: bool = False) -> dict[str, Any]:
    return {"name": name, "unit": "u", "meaning": "m", "constant": constant}


def test_valid_scene_is_read() -> None:
    assert parse_scene(REPLIES["scene"]) == SCENE


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"variables": [variable("ball.x")]}, "belongs to no object"),
        ({"variables": [variable("box.x y")]}, "lower_snake_case"),
        ({"variables": [variable("box.x"), variable("box.x")]}, "named twice"),
        ({"variables": [variable("box.x", constant=True)]}, "no variable changes"),
        ({"variables": []}, "1 to 64 variables"),
        ({"rules": []}, "no affordance rule"),
        ({"rules": [{"kind": "flies", "subject": "box", "rule": "r"}]}, "rules.0.kind"),
        ({"extra": 1}, "extra"),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ProgramFailure, match=reason):
        parse_scene(reply(**changes))


def test_broken_json_is_a_failure() -> None:
    with pytest.raises(ProgramFailure, match="not valid"):
        parse_scene("```json\n{]\n```")
