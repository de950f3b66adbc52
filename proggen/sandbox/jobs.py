"""The trusted code inside a job: it calls the program and checks everything that the program returns.

Each job takes the request's message and gives the reply's; `run` finds it by name. The parent checks the
reply again, because the program shares this process and may have changed what stands here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ProgramFailure
from ..states import State, Trajectory
from .api import FitProblem, ParameterSpec, PixelProblem, RefineProblem, Rollout, Segment
from .program import Program, show
from .wire import Message, mask_missing, unmask_missing

Values = NDArray[np.float64]


def run(request: Message, output_bytes: int) -> Message:
    """The reply to a request: `status` is "ok", or "failure" with kind and message."""
    try:
        reply = JOBS[request.body["job"]](request)
        size = sum(a.nbytes for a in reply.arrays)
        if size > output_bytes:
            raise ProgramFailure("output", f"the result has {size} bytes, at most {output_bytes} are allowed")
    except ProgramFailure as failure:
        return Message({"status": "failure", "kind": failure.kind, "message": failure.message})
    return Message({"status": "ok", **reply.body}, reply.arrays)


def describe(request: Message) -> Message:
    """Loads the program and checks its function; a dynamics program's PARAMS are validated."""
    program = Program(request.body["program"], request.body["source"])
    if request.body["program"] != "dynamics":
        return Message({"params": {}})
    params = getattr(program.module, "PARAMS", None)
    if not isinstance(params, dict):
        program.fail("contract", f"PARAMS must be a dict of parameters, not {show(params)}")
    return Message({"params": {str(n): vars(_parameter(program, n, p)) for n, p in params.items()}})


def perceive(request: Message) -> Message:
    """One state a frame, as values (T, N) and mask."""
    body, frames = request.body, request.arrays[0]
    program = Program("perception", body["source"])
    states = program(frames, body["fps"])
    names: list[str] = body["names"]
    n = check_length(program, states, len(frames), "a state for every frame")
    values = np.full((n, len(names)), np.nan)
    for i, state in enumerate(states):
        needed = names if i < body["context"] else ()
        _fill(program, values[i], state, names, needed=needed, place=f"frame {i}")
    return Message({}, mask_missing(values))


def rollout(request: Message) -> Message:
    """The states of every rollout, float64 (n_steps, N) each."""
    program = Program("dynamics", request.body["source"])
    return Message({}, [call_rollout(program, r) for r in read_rollouts(request)])


def render(request: Message) -> Message:
    """Frames uint8 (T, H, W, 3)."""
    body = request.body
    height, width = body["height"], body["width"]
    trajectory = Trajectory(tuple(body["names"]), unmask_missing(*request.arrays))
    program = Program("rendering", body["source"])
    frames = np.empty((len(trajectory), height, width, 3), dtype=np.uint8)
    for i in range(len(trajectory)):
        frames[i] = draw_frame(program, trajectory.state(i), frames.shape[1:], f" for frame {i}")
    return Message({}, [frames])


def fit(request: Message) -> Message:
    """The fitted parameters."""
    from . import optimise

    program = Program("dynamics", request.body["source"])
    problem = read_fit(request)
    solution = optimise.fit(lambda r: call_rollout(program, r), problem)
    return Message(dict(vars(solution)))


def refine(request: Message) -> Message:
    """The refined states, one float64 array (len(free),) a problem."""
    from . import optimise

    program = Program("dynamics", request.body["source"])
    problems = read_refinements(request)
    found = [optimise.refine(lambda r: call_rollout(program, r), p) for p in problems]
    return Message({}, [np.array([s[n] for n in p.free]) for s, p in zip(found, problems, strict=True)])


def refine_pixels(request: Message) -> Message:
    """The refined states, one float64 array of the free variables a problem."""
    from . import pixels

    body = request.body
    dynamics = Program("dynamics", body["dynamics"])
    rendering = Program("rendering", body["rendering"])
    found = []
    for problem in read_pixel_problems(request):
        shape = problem.frames.shape[1:]
        draw = partial(draw_frame, rendering, shape=shape)
        state = pixels.refine(partial(call_rollout, dynamics), draw, problem)
        found.append(np.array([state[n] for n in problem.steps]))
    return Message({}, found)


JOBS: dict[str, Callable[[Message], Message]] = {
    "describe": describe,
    "perceive": perceive,
    "rollout": rollout,
    "render": render,
    "fit": fit,
    "refine": refine,
    "refine_pixels": refine_pixels,
}


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
        _fill(program, values[i], state, names, needed=names, place=f"step {i}")
    return values


def check_length(program: Program, states: Any, wanted: int, meaning: str) -> int:
    """The number of states, if it is the one wanted."""
    name = program.function_name
    if not isinstance(states, (list, tuple)):
        program.fail("contract", f"{name} returned {show(states)}, expected a list of states (dicts)")
    if len(states) != wanted:
        program.fail("contract", f"{name} returned {len(states)} states, expected {wanted} ({meaning})")
    return wanted


def read_rollouts(request: Message) -> list[Rollout]:
    """The rollouts of a request."""
    return [
        Rollout(r["state"], r["params"], r["dt"], r["n_steps"], _array(request, r["actions"]))
        for r in request.body["rollouts"]
    ]


def read_fit(request: Message) -> FitProblem:
    """The fit problem of a request."""
    fields = dict(request.body["problem"])
    segments = [
        Segment(s["state"], _observed(request, s), s["dt"], _array(request, s["actions"]))
        for s in fields.pop("segments")
    ]
    return FitProblem(segments=segments, **fields)


def read_refinements(request: Message) -> list[RefineProblem]:
    """The refinement problems of a request."""
    problems = []
    for entry in request.body["problems"]:
        fields = {n: entry[n] for n in ("state", "params", "dt", "scales", "free")}
        actions = _array(request, entry["actions"])
        problems.append(RefineProblem(observed=_observed(request, entry), actions=actions, **fields))
    return problems


def read_pixel_problems(request: Message) -> list[PixelProblem]:
    """The pixel problems of a request."""
    return [
        PixelProblem(
            **{n: entry[n] for n in ("state", "params", "dt", "steps", "drawn")},
            frames=request.arrays[entry["frames"]],
            actions=_array(request, entry["actions"]),
        )
        for entry in request.body["problems"]
    ]


def _array(request: Message, index: int | None) -> Any:
    return None if index is None else request.arrays[index]


def _observed(request: Message, entry: Mapping[str, Any]) -> Trajectory:
    index = entry["observed"]
    return Trajectory(tuple(entry["names"]), unmask_missing(request.arrays[index], request.arrays[index + 1]))


def _fill(
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


def _parameter(program: Program, name: Any, entry: Any) -> ParameterSpec:
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
