"""The jobs that a world's programs are run for, by name: the trusted code around them inside the sandbox.

Each job takes the request's message and gives the reply's. The parent checks the reply again (see `calls`),
because the program shares this process and may have changed what stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from ..sandbox.program import show
from ..sandbox.wire import Message, mask_missing, unmask_missing
from ..states import Trajectory
from .contract import call_rollout, check_length, draw_frame, fill, load, parameter
from .problems import FitProblem, PixelProblem, RefineProblem, Rollout, Segment
from .solvers import fit as solve
from .solvers import pixels


def describe(request: Message) -> Message:
    """Loads the program and checks its function; a dynamics program's PARAMS are validated."""
    program = load(request.body["program"], request.body["source"])
    if request.body["program"] != "dynamics":
        return Message({"params": {}})
    params = getattr(program.module, "PARAMS", None)
    if not isinstance(params, dict):
        program.fail("contract", f"PARAMS must be a dict of parameters, not {show(params)}")
    return Message({"params": {str(n): vars(parameter(program, n, p)) for n, p in params.items()}})


def perceive(request: Message) -> Message:
    """One state per frame, as values (T, N) and mask."""
    body, frames = request.body, request.arrays[0]
    program = load("perception", body["source"])
    states = program(frames, body["fps"])
    names: list[str] = body["names"]
    n = check_length(program, states, len(frames), "a state for every frame")
    values = np.full((n, len(names)), np.nan)
    for i, state in enumerate(states):
        needed = names if i < body["context"] else ()
        fill(program, values[i], state, names, needed=needed, place=f"frame {i}")
    return Message({}, mask_missing(values))


def rollout(request: Message) -> Message:
    """The states of every rollout, float64 (n_steps, N) each."""
    program = load("dynamics", request.body["source"])
    return Message({}, [call_rollout(program, r) for r in read_rollouts(request)])


def render(request: Message) -> Message:
    """Frames uint8 (T, H, W, 3)."""
    body = request.body
    height, width = body["height"], body["width"]
    trajectory = Trajectory(tuple(body["names"]), unmask_missing(*request.arrays))
    program = load("rendering", body["source"])
    frames = np.empty((len(trajectory), height, width, 3), dtype=np.uint8)
    for i in range(len(trajectory)):
        frames[i] = draw_frame(program, trajectory.state(i), frames.shape[1:], f" for frame {i}")
    return Message({}, [frames])


def fit(request: Message) -> Message:
    """The fitted parameters."""
    program = load("dynamics", request.body["source"])
    problem = read_fit(request)
    solution = solve.fit(lambda r: call_rollout(program, r), problem)
    return Message(dict(vars(solution)))


def refine(request: Message) -> Message:
    """The refined states, one float64 array (len(free),) a problem."""
    program = load("dynamics", request.body["source"])
    problems = read_refinements(request)
    found = [solve.refine(lambda r: call_rollout(program, r), p) for p in problems]
    return Message({}, [np.array([s[n] for n in p.free]) for s, p in zip(found, problems, strict=True)])


def refine_pixels(request: Message) -> Message:
    """The refined states, one float64 array of the free variables a problem."""
    body = request.body
    dynamics = load("dynamics", body["dynamics"])
    rendering = load("rendering", body["rendering"])
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
