"""The contract of a world's three programs, checked where they run: functions, PARAMS, and all they return."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..sandbox.program import Program, show
from ..states import State
from .problems import ParameterSpec, Rollout

Values = NDArray[np.float64]
FUNCTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "perception": ("perceive", ("frames", "fps")),
    "dynamics": ("rollout", ("state", "params", "dt", "n_steps", "actions")),
    "rendering": ("render", ("state", "height", "width")),
}


def load(name: str, source: str) -> Program:
    """The program called `name` ("perception", "dynamics" or "rendering"), run, its function checked."""
    return Program(f"{name}.py", source, *FUNCTIONS[name])


def draw_frame(program: Program, state: State, shape: tuple[int, ...], place: str = "") -> NDArray[np.uint8]:
    """One picture, uint8 of the shape (H, W, 3)."""
    height, width = shape[:2]
    frame = program(state, height, width)
    if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8 or frame.shape != shape:
        wanted = f"a uint8 array of shape ({height}, {width}, 3)"
        program.fail("contract", f"render returned {show(frame)}{place}, expected {wanted}")
    return frame


def call_rollout(program: Program, rollout: Rollout) -> Values:
    """One rollout's states, float64 (n_steps, N), columns in the order of its initial state."""
    actions = None if rollout.actions is None else rollout.actions.copy()
    states = program(dict(rollout.state), dict(rollout.params), rollout.dt, rollout.n_steps, actions)
    names = list(rollout.state)
    n = check_length(program, states, rollout.n_steps, "n_steps states")
    values = np.empty((n, len(names)))
    for i, state in enumerate(states):
        fill(program, values[i], state, names, needed=names, place=f"step {i}")
    return values


def check_length(program: Program, states: Any, wanted: int, meaning: str) -> int:
    """The number of states, if it is the one wanted."""
    name = program.function_name
    if not isinstance(states, (list, tuple)):
        program.fail("contract", f"{name} returned {show(states)}, expected a list of states (dicts)")
    if len(states) != wanted:
        program.fail("contract", f"{name} returned {len(states)} states, expected {wanted} ({meaning})")
    return wanted


def fill(
    program: Program, row: Values, state: Any, names: Sequence[str], *, needed: Sequence[str], place: str
) -> None:
    """Writes a returned state into a row, after checking its names and numbers."""
    if not isinstance(state, dict):
        text = f"{program.function_name} returned {show(state)} for {place}, expected a dict"
        program.fail("contract", text)
    unknown = [n for n in state if n not in names]
    missing = [n for n in needed if n not in state]
    if unknown or missing:
        program.fail("contract", _names_text(program.function_name, place, unknown, missing, names))
    for column, name in enumerate(names):
        if name in state:
            row[column] = _number(program, state[name], name, place)


def _names_text(
    function: str, place: str, unknown: Sequence[Any], missing: Sequence[str], names: Sequence[str]
) -> str:
    parts = [f"lacks {missing[:20]}"] if missing else []
    parts += [f"has unknown names {[str(n)[:40] for n in unknown[:20]]}"] if unknown else []
    faults = " and ".join(parts)
    return f"the state that {function} returned for {place} {faults}; the names are {list(names)}"


def _number(program: Program, value: Any, name: str, place: str) -> float:
    if isinstance(value, np.ndarray) and value.shape == ():
        value = value.item()
    if not isinstance(value, (int, float, np.integer, np.floating)):
        text = f"{program.function_name} returned {show(value)} for `{name}` of {place}, expected a number"
        program.fail("contract", text)
    number = _float(value)
    if not math.isfinite(number):
        program.fail("non-finite", f"{program.function_name} returned {number} for `{name}` of {place}")
    return number


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def parameter(program: Program, name: Any, entry: Any) -> ParameterSpec:
    """A validated entry of PARAMS."""
    label = f"PARAMS[{str(name)[:60]!r}]"
    if not isinstance(name, str) or not name.isidentifier():
        program.fail("contract", f"{label}: a parameter's name must be an identifier")
    fields = ("init", "low", "high", "unit", "meaning")
    if not isinstance(entry, dict) or set(entry) - {"step"} != set(fields):
        text = f"{label} must be a dict with exactly the keys {list(fields)}, and 'step' if it has one"
        program.fail("contract", text)
    init, low, high = (_number(program, entry[f], f, label) for f in fields[:3])
    if not (low <= init <= high and low < high):
        text = f"{label} needs low <= init <= high and low < high, not {low}, {init}, {high}"
        program.fail("contract", text)
    step = _step(program, entry, label, init, low, high) if "step" in entry else None
    return ParameterSpec(init, low, high, str(entry["unit"])[:60], str(entry["meaning"])[:300], step)


def _step(program: Program, entry: Any, label: str, init: float, low: float, high: float) -> float:
    """The distance of the values that a parameter may have, of which `init` must be one."""
    step = _number(program, entry["step"], "step", label)
    count = (init - low) / step if step > 0 else math.nan
    if not (0 < step <= high - low and abs(count - round(count)) < 1e-6):
        text = f"{label} needs 0 < step <= high - low and an init of low + k * step, not {step} and {init}"
        program.fail("contract", text)
    return step
