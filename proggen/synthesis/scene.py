"""The scene: objects, state variables and affordance rules, as a language model sees them, validated."""

from __future__ import annotations

import json
import re

from pydantic import ValidationError

from ..archive.records import SceneRecord
from ..errors import ProgramFailure
from .replies import fenced

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_MOST_VARIABLES = 64


def parse_scene(reply: str) -> SceneRecord:
    """The scene in a reply. ProgramFailure("reply" or "contract") says what is wrong with it."""
    text = fenced(reply, "json")
    try:
        scene = SceneRecord.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise ProgramFailure("reply", f"The JSON is not valid: {error}.") from None
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5]]
        raise ProgramFailure("contract", "The JSON has another form: " + "; ".join(problems)) from None
    problems = _problems(scene)
    if problems:
        raise ProgramFailure("contract", "; ".join(problems))
    return scene


def _problems(scene: SceneRecord) -> list[str]:
    objects = [o.name for o in scene.objects]
    variables = [v.name for v in scene.variables]
    problems = [f"the object name '{n}' is not lower_snake_case" for n in objects if not _NAME.fullmatch(n)]
    problems += [
        f"'{n}' is named twice" for n in {*objects, *variables} if (objects + variables).count(n) > 1
    ]
    for name in variables:
        owner, _, quantity = name.partition(".")
        if owner not in objects:
            problems.append(f"the variable '{name}' belongs to no object")
        if not _NAME.fullmatch(quantity):
            problems.append(f"the variable name '{name}' is not object.quantity in lower_snake_case")
    if not 1 <= len(variables) <= _MOST_VARIABLES:
        problems.append(f"there must be 1 to {_MOST_VARIABLES} variables, not {len(variables)}")
    if all(v.constant for v in scene.variables):
        problems.append("no variable changes")
    if not scene.rules:
        problems.append("there is no affordance rule")
    return problems
