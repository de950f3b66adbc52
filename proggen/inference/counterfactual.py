"""Counterfactuals: the same past, another law, state or action, and the future that follows from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..archive.records import AffordanceRule, Change, FitRecord, ParameterRecord, SceneRecord, VariableRecord
from ..errors import UsageError
from ..sandbox import Sandbox
from ..states import State, Trajectory
from ..world import WorldProgram
from .predict import predict

_CHANGE = re.compile(
    r"(?P<target>[a-z][\w.]*)(?:\[(?P<start>\d+):(?P<stop>\d+)\])?\s*(?P<operation>=|\*=|\+=)\s*(?P<value>\S+)"
)
_MOST = 4  # counterfactuals suggested a benchmark


@dataclass(frozen=True)
class Beginning:
    """Where prediction starts: the last state of the context, and the actions from there on."""

    state: State
    dt: float
    n_steps: int
    actions: NDArray[np.float64] | None = None


def parse_change(text: str) -> Change:
    """`gravity=0`, `red_ball.vx*=2`, `pole.angle+=0.1`, `actions=1`, `actions[10:20]=0` (frames)."""
    found = _CHANGE.fullmatch(text.strip())
    if not found:
        raise UsageError(f"'{text}' is no change: write NAME=VALUE, NAME*=VALUE or NAME+=VALUE.")
    try:
        value = float(found["value"])
    except ValueError:
        raise UsageError(f"'{found['value']}' in '{text}' is not a number.") from None
    if not np.isfinite(value):
        raise UsageError(f"'{found['value']}' in '{text}' is not a finite number.")
    frames = (int(found["start"]), int(found["stop"])) if found["start"] else None
    if frames and found["target"] != "actions":
        raise UsageError(f"Only actions take frames as in 'actions[10:20]=1', not '{found['target']}'.")
    operation = found["operation"]
    return Change(target=found["target"], operation=operation, value=value, frames=frames)  # type: ignore[arg-type]


def apply(
    world: WorldProgram, beginning: Beginning, changes: Sequence[Change], start: int
) -> tuple[WorldProgram, Beginning]:
    """The changed world and beginning; `start` is the clip's frame of the beginning's state.

    Raises UsageError, naming what can be changed, if a target is neither parameter, variable nor actions.
    """
    parameters, state = dict(world.parameters), dict(beginning.state)
    actions = None if beginning.actions is None else beginning.actions.copy()
    for change in changes:
        if change.target == "actions" and actions is not None:
            first, last = change.frames or (start, start + len(actions))
            part = slice(max(first - start, 0), max(last - start, 0))
            actions[part] = _changed(actions[part], change)
        elif change.target in parameters:
            parameters[change.target] = float(_changed(parameters[change.target], change))
        elif change.target in state:
            state[change.target] = float(_changed(state[change.target], change))
        else:
            names = [*parameters, *state, *(["actions"] if actions is not None else [])]
            raise UsageError(f"There is no '{change.target}' to change here; there are: {', '.join(names)}.")
    changed = Beginning(state, beginning.dt, beginning.n_steps, actions)
    return world.with_parameters(parameters), changed


def _changed(old: float | NDArray[np.float64], change: Change) -> float | NDArray[np.float64]:
    if change.operation == "*=":
        return old * change.value
    if change.operation == "+=":
        return old + change.value
    return old * 0 + change.value


def imagine(
    sandbox: Sandbox, world: WorldProgram, beginning: Beginning, changes: Sequence[Change], start: int
) -> tuple[Trajectory, dict[str, float]]:
    """The counterfactual future (n_steps states) and the parameters it was rolled out with."""
    changed, other = apply(world, beginning, changes, start)
    states = predict(sandbox, changed, other.state, other.n_steps, other.dt, other.actions)
    return states, changed.parameters


def slug(changes: Sequence[Change]) -> str:
    """A folder's name for a set of changes, such as `gravity-set-0` or `red_ball.vx-times-2`."""
    words = {"=": "set", "*=": "times", "+=": "plus"}
    parts = []
    for c in changes:
        span = f"-{c.frames[0]}-{c.frames[1]}" if c.frames else ""
        parts.append(f"{c.target}{span}-{words[c.operation]}-{c.value:g}")
    return re.sub(r"[^a-z0-9_.-]+", "_", "__".join(parts).lower())[:120]


def suggest(scene: SceneRecord, fit: FitRecord, *, takes_actions: bool) -> list[tuple[Change, str]]:
    """A few changes that question what the scene says about the world: (change, the rule it comes from).

    moves -> the mover twice as fast; acts -> the influence gone; touches -> a touching object another size or
    mass; joined -> the joint's parameter doubled. Actions, where given, are all turned one way.
    """
    found: dict[str, tuple[Change, str]] = {}
    if takes_actions:
        found["actions"] = (Change(target="actions", operation="=", value=1.0), "actions act on the world")
    for rule in _mixed(scene.rules):
        change = _suggest_one(rule, scene, fit)
        if change is not None:
            found.setdefault(change.target, (change, f"{rule.kind}: {rule.rule}"))
    return list(found.values())[:_MOST]


def _mixed(rules: Sequence[AffordanceRule]) -> list[AffordanceRule]:
    """One rule of each kind first, then a second one of each, so that a few suggestions differ."""
    seen: Counter[str] = Counter()
    ranked = []
    for rule in rules:
        ranked.append((seen[rule.kind], rule))
        seen[rule.kind] += 1
    return [rule for _, rule in sorted(ranked, key=lambda r: r[0])]


def _suggest_one(rule: AffordanceRule, scene: SceneRecord, fit: FitRecord) -> Change | None:
    own = [v for v in scene.variables if v.name.partition(".")[0] in (rule.subject, rule.object)]
    if rule.kind == "moves":
        rates = [v for v in own if v.unit.endswith("/s") and not v.constant]
        return Change(target=rates[0].name, operation="*=", value=2.0) if rates else None
    if rule.kind == "acts":
        influence = _influence(rule, own)
        if influence is not None:
            return Change(target=influence.name, operation="*=", value=-1.0)
    named = _parameter_in(rule, fit)
    if named is not None:
        return Change(target=named.name, operation="*=", value=_factor(rule, named))
    sizes = [v for v in own if v.constant and _words(v.name.partition(".")[2]) & _SIZES]
    return (
        Change(target=sizes[0].name, operation="*=", value=1.5) if rule.kind == "touches" and sizes else None
    )


def _factor(rule: AffordanceRule, parameter: ParameterRecord) -> float:
    """What acts is taken away if the program allows it (no gravity), else halved; a joint's constant doubles."""
    if rule.kind not in ("acts", "touches"):
        return 2.0
    return 0.0 if parameter.low <= 0 <= parameter.high else 0.5


def _influence(rule: AffordanceRule, own: Sequence[VariableRecord]) -> VariableRecord | None:
    """A constant variable that stands for what acts (a push's direction), not for a size."""
    words = _words(rule.rule) | _words(rule.subject)
    for v in own:
        if v.constant and not is_size(v) and _words(v.name.partition(".")[2]) & words:
            return v
    return None


def _parameter_in(rule: AffordanceRule, fit: FitRecord) -> ParameterRecord | None:
    """The parameter whose name and meaning share most words with the rule."""
    words = _words(f"{rule.rule} {rule.subject} {rule.object or ''}")
    scored = [(len(_words(f"{p.name} {p.meaning}") & words), p) for p in fit.parameters]
    best = max(scored, default=(0, None), key=lambda s: s[0])
    return best[1] if best[0] > 0 else None


def influence(variable: VariableRecord, scene: SceneRecord) -> bool:
    """Whether a constant variable stands for what acts on an object, such as the direction of a push."""
    own = [
        r
        for r in scene.rules
        if r.kind == "acts" and variable.name.partition(".")[0] in (r.subject, r.object)
    ]
    return any(_influence(rule, [variable]) for rule in own)


def is_size(variable: VariableRecord) -> bool:
    return bool(_words(variable.name.partition(".")[2]) & _SIZES)


def rule_of(name: str, scene: SceneRecord, fit: FitRecord | None = None) -> str:
    """The affordance rule that speaks of a variable or, with `fit`, of a parameter; "" if none does."""
    meanings = {v.name: v.meaning for v in scene.variables} | (
        {p.name: p.meaning for p in fit.parameters} if fit else {}
    )
    words, owner = _words(f"{name} {meanings.get(name, '')}"), name.partition(".")[0]
    own = [r for r in scene.rules if fit is not None or owner in (r.subject, r.object)]
    scored = [(len(words & _words(f"{r.rule} {r.subject} {r.object or ''}")), -i) for i, r in enumerate(own)]
    most, place = max(scored, default=(0, 0))
    return f"{own[-place].kind}: {own[-place].rule}" if most else ""


_SIZES = frozenset(("radius", "diameter", "size", "length", "width", "mass"))
_COMMON = frozenset(("the", "and", "its", "with", "for", "from", "that", "this", "ball", "object"))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", text.lower().replace("_", " "))) - _COMMON
