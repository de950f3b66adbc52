"""What is asked of a world's programs in the sandbox, and what is believed of the answers.

Every function raises `ProgramFailure` if the program fails, for whatever reason, and `SandboxError` if the
sandbox itself cannot work. Without `limits` the sandbox's own hold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..archive.records import ProgramName
from ..clips import Frames
from ..errors import ProgramFailure
from ..sandbox import Limits, Sandbox, checked, expect, printable
from ..sandbox.wire import Message, mask_missing, unmask_missing
from ..states import State, Trajectory
from .problems import FitProblem, FitSolution, ParameterSpec, PixelProblem, RefineProblem, Rollout

Actions = NDArray[np.float64] | None


def describe(
    sandbox: Sandbox, program: ProgramName, source: str, *, limits: Limits | None = None
) -> dict[str, ParameterSpec]:
    """Loads a program and checks its function; the parameters of a dynamics program, else {}."""
    reply = sandbox.run("describe", {"program": program, "source": source}, [], limits=limits)
    with checked():
        return {n: _spec(n, p) for n, p in reply.body["params"].items()}


def perceive(
    sandbox: Sandbox,
    source: str,
    frames: Frames,
    fps: float,
    names: Sequence[str],
    context: int,
    *,
    limits: Limits | None = None,
) -> Trajectory:
    """The states of frames uint8 (T, H, W, 3), columns as in `names`, NaN where not observed.

    Every name is observed in the first `context` frames.
    """
    body = {"source": source, "fps": fps, "names": list(names), "context": context}
    reply = sandbox.run("perceive", body, [np.asarray(frames, dtype=np.uint8)], limits=limits)
    with checked():
        values, mask = reply.arrays
        observed = unmask_missing(values, mask)
        expect(observed.shape == (len(frames), len(names)), "perceive's states have another shape")
        expect(bool(np.isfinite(observed[:context]).all()), "perceive left out names in the context")
    return Trajectory(tuple(names), observed)


def rollout(
    sandbox: Sandbox, source: str, rollouts: Sequence[Rollout], *, limits: Limits | None = None
) -> list[Trajectory]:
    """The states after each rollout's initial state, (n_steps, N); columns as in the initial state."""
    arrays: list[NDArray[Any]] = []
    entries = [
        {
            "state": _numbers(r.state, "the initial state"),
            "params": _numbers(r.params, "the parameters"),
            "dt": float(r.dt),
            "n_steps": int(r.n_steps),
            "actions": _attach(arrays, r.actions),
        }
        for r in rollouts
    ]
    reply = sandbox.run("rollout", {"source": source, "rollouts": entries}, arrays, limits=limits)
    with checked():
        expect(len(reply.arrays) == len(rollouts), "rollout gave another number of results")
        for values, r in zip(reply.arrays, rollouts, strict=True):
            fits = values.shape == (r.n_steps, len(r.state)) and values.dtype == np.float64
            expect(fits, "rollout's states have another shape")
    return [Trajectory(tuple(r.state), v.copy()) for r, v in zip(rollouts, reply.arrays, strict=True)]


def render(
    sandbox: Sandbox,
    source: str,
    states: Trajectory,
    height: int,
    width: int,
    *,
    limits: Limits | None = None,
) -> Frames:
    """One frame a state, uint8 (T, height, width, 3)."""
    size = {"height": int(height), "width": int(width)}
    body = {"source": source, "names": list(states.names), **size}
    reply = sandbox.run("render", body, mask_missing(states.values), limits=limits)
    with checked():
        (frames,) = reply.arrays
        fits = frames.shape == (len(states), height, width, 3) and frames.dtype == np.uint8
        expect(fits, "render's frames have another shape")
    return frames


def fit(sandbox: Sandbox, source: str, problem: FitProblem, *, limits: Limits | None = None) -> FitSolution:
    """The parameters, within their bounds, whose rollouts are nearest to the observed segments."""
    arrays: list[NDArray[Any]] = []
    segments = [
        {
            "state": _numbers(s.state, "a segment's initial state"),
            "names": list(s.observed.names),
            "observed": _attach_observed(arrays, s.observed),
            "dt": float(s.dt),
            "actions": _attach(arrays, s.actions),
        }
        for s in problem.segments
    ]
    body = {"source": source, "problem": {**_fit_fields(problem), "segments": segments}}
    reply = sandbox.run("fit", body, arrays, limits=limits)
    with checked():
        values = {n: float(reply.body["values"][n]) for n in problem.init}
        inside = all(problem.low[n] <= v <= problem.high[n] for n, v in values.items())
        expect(inside, "a fitted parameter is outside its bounds")
        counts = {n: (values[n] - problem.low[n]) / step for n, step in problem.steps.items()}
        on_grid = all(abs(k - round(k)) < 1e-6 for k in counts.values())
        expect(on_grid, "a fitted parameter is not one of the values that its step allows")
        rollouts = min(max(int(reply.body["rollouts"]), 0), problem.max_rollouts + len(segments))
        longest = max((len(s.observed) for s in problem.segments), default=0)
        frames = min(max(int(reply.body["frames"]), 0), rollouts * longest)
        trace = tuple((int(n), int(f), float(c)) for n, f, c in reply.body["trace"])
        expect(all(math.isfinite(c) for _, _, c in trace), "a fit's cost is not finite")
    return FitSolution(values, rollouts, frames, trace)


def refine(
    sandbox: Sandbox, source: str, problems: Sequence[RefineProblem], *, limits: Limits | None = None
) -> list[State]:
    """For each problem the initial state that explains the observed frames best."""
    arrays: list[NDArray[Any]] = []
    free = [[n for n in p.free if n in p.state] for p in problems]
    entries = [
        {
            "state": _numbers(p.state, "the initial state"),
            "params": _numbers(p.params, "the parameters"),
            "dt": float(p.dt),
            "names": list(p.observed.names),
            "observed": _attach_observed(arrays, p.observed),
            "scales": _numbers(p.scales, "the scales"),
            "free": names,
            "actions": _attach(arrays, p.actions),
        }
        for p, names in zip(problems, free, strict=True)
    ]
    reply = sandbox.run("refine", {"source": source, "problems": entries}, arrays, limits=limits)
    with checked():
        return _refined(reply, problems, free)


def refine_pixels(
    sandbox: Sandbox,
    dynamics: str,
    rendering: str,
    problems: Sequence[PixelProblem],
    *,
    limits: Limits | None = None,
) -> list[State]:
    """For each problem the initial state whose rollout, drawn, is nearest to the frames."""
    arrays: list[NDArray[Any]] = []
    free = [[n for n in p.steps if n in p.state] for p in problems]
    entries = []
    for p, names in zip(problems, free, strict=True):
        arrays.append(np.asarray(p.frames, dtype=np.uint8))
        entries.append(
            {
                "state": _numbers(p.state, "the initial state"),
                "params": _numbers(p.params, "the parameters"),
                "dt": float(p.dt),
                "frames": len(arrays) - 1,
                "steps": _numbers({n: p.steps[n] for n in names}, "the steps"),
                "drawn": list(p.drawn),
                "actions": _attach(arrays, p.actions),
            }
        )
    body = {"dynamics": dynamics, "rendering": rendering, "problems": entries}
    reply = sandbox.run("refine_pixels", body, arrays, limits=limits)
    with checked():
        return _refined(reply, problems, free)


def _refined(
    reply: Message, problems: Sequence[RefineProblem | PixelProblem], free: Sequence[Sequence[str]]
) -> list[State]:
    """The problems' states with their free variables as the reply has them."""
    expect(len(reply.arrays) == len(problems), "refinement gave another number of states")
    for found, names in zip(reply.arrays, free, strict=True):
        fits = found.shape == (len(names),) and found.dtype == np.float64
        expect(fits, "refined states have another shape")
    return [
        {**p.state, **dict(zip(names, found.tolist(), strict=True))}
        for p, names, found in zip(problems, free, reply.arrays, strict=True)
    ]


def _spec(name: str, entry: Mapping[str, Any]) -> ParameterSpec:
    expect(name.isidentifier(), "a parameter's name is no identifier")
    init, low, high = (float(entry[f]) for f in ("init", "low", "high"))
    expect(low <= init <= high and low < high, "a parameter's bounds are not in order")
    unit, meaning = printable(str(entry["unit"])[:60]), printable(str(entry["meaning"])[:300])
    step = None if entry["step"] is None else float(entry["step"])
    expect(step is None or 0 < step <= high - low, "a parameter's step is not within its bounds")
    return ParameterSpec(init, low, high, unit, meaning, step)


def _numbers(values: Mapping[str, float], what: str) -> dict[str, float]:
    result = {n: float(v) for n, v in values.items()}
    bad = [n for n, v in result.items() if not math.isfinite(v)]
    if bad:
        raise ProgramFailure("non-finite", f"{what} given to the program is not finite in {bad[:10]}")
    return result


def _fit_fields(problem: FitProblem) -> dict[str, Any]:
    numbers = {n: _numbers(getattr(problem, n), f"`{n}`") for n in ("init", "low", "high", "scales", "steps")}
    whole = {n: int(getattr(problem, n)) for n in ("starts", "max_rollouts", "seed")}
    return {**numbers, **whole, "method": problem.method}


def _attach(arrays: list[NDArray[Any]], actions: Actions) -> int | None:
    if actions is None:
        return None
    arrays.append(np.asarray(actions, dtype=np.float64))
    return len(arrays) - 1


def _attach_observed(arrays: list[NDArray[Any]], observed: Trajectory) -> int:
    arrays.extend(mask_missing(observed.values))
    return len(arrays) - 2
