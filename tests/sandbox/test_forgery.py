"""A program that writes the reply itself gains nothing: the parent checks every reply against the question."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from proggen.errors import ProgramFailure
from proggen.inference import calls
from proggen.inference.problems import FitProblem, PixelProblem, RefineProblem, Segment
from proggen.sandbox import Sandbox, wire
from proggen.sandbox.wire import Message
from proggen.states import Trajectory

from .programs import FALLING

TWO = Trajectory(("ball.y", "ball.vy"), np.zeros((2, 2)))
START = {"ball.y": 1.0, "ball.vy": 0.0}
SCALES = {"ball.y": 1.0, "ball.vy": 1.0}
PROBLEM = FitProblem({"g": 1.0}, {"g": 0.0}, {"g": 2.0}, [Segment(START, TWO, 0.1)], SCALES)


def forger(body: dict[str, Any], arrays: list[Any] | None = None) -> str:
    """A program that answers with this message as soon as it is loaded."""
    reply = b"".join(wire.encode(Message({"status": "ok", **body}, arrays or [])))
    return f"import os\nos.write(3, {reply!r})\nos._exit(0)"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"values": {}, "rollouts": 1},
        {"values": {"g": 3.0}, "rollouts": 1},
        {"values": {"g": "much"}, "rollouts": 1},
        {"values": {"g": 10**17}, "rollouts": 1},
        {"values": [1.0], "rollouts": 1},
        {"values": {"g": 1.0}, "rollouts": None},
        {"values": {"g": 1.0}, "rollouts": 1, "frames": "all", "trace": []},
        {"values": {"g": 1.0}, "rollouts": 1, "frames": 1, "trace": [[1, 2]]},
        {"values": {"g": 1.0}, "rollouts": 1, "frames": 1, "trace": [[1, 2, "low"]]},
    ],
)
def test_a_forged_fit_is_refused(sandbox: Sandbox, body: dict[str, Any]) -> None:
    with pytest.raises(ProgramFailure) as failure:
        calls.fit(sandbox, forger(body), PROBLEM)
    assert failure.value.kind == "crash"


def test_a_forged_number_of_rollouts_is_cut(sandbox: Sandbox) -> None:
    forged = {"values": {"g": 1.0}, "rollouts": 10**9, "frames": 10**12, "trace": []}
    found = calls.fit(sandbox, forger(forged), PROBLEM)
    most = PROBLEM.max_rollouts + len(PROBLEM.segments)
    assert found.rollouts <= most
    assert found.frames <= most * max(len(s.observed) for s in PROBLEM.segments)


def test_a_forged_value_between_the_steps_is_refused(sandbox: Sandbox) -> None:
    forged = {"values": {"g": 1.3}, "rollouts": 1, "frames": 1, "trace": []}
    with pytest.raises(ProgramFailure):
        calls.fit(sandbox, forger(forged), replace(PROBLEM, steps={"g": 0.5}))


@pytest.mark.parametrize("arrays", [[], [np.zeros(3)], [np.zeros(2, np.uint8)], [np.zeros(2), np.zeros(2)]])
def test_a_forged_refinement_is_refused(sandbox: Sandbox, arrays: list[Any]) -> None:
    problem = RefineProblem(START, {}, 0.1, TWO, SCALES, ["ball.y", "ball.vy"])
    with pytest.raises(ProgramFailure) as failure:
        calls.refine(sandbox, forger({}, arrays), [problem])
    assert failure.value.kind == "crash"


@pytest.mark.parametrize("arrays", [[], [np.zeros(3)], [np.zeros(1, np.uint8)], [np.zeros(1), np.zeros(1)]])
def test_a_forged_pixel_refinement_is_refused(sandbox: Sandbox, arrays: list[Any]) -> None:
    frames = np.zeros((2, 4, 4, 3), dtype=np.uint8)
    problem = PixelProblem(START, {}, 0.1, frames, {"ball.y": 0.1}, ["ball.y"])
    with pytest.raises(ProgramFailure) as failure:
        calls.refine_pixels(sandbox, forger({}, arrays), forger({}, arrays), [problem])
    assert failure.value.kind == "crash"


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        {"g": {}},
        {"g": {"init": 3, "low": 0, "high": 2, "unit": "", "meaning": ""}},
        {"g": {"init": "1", "low": [], "high": 2, "unit": "", "meaning": ""}},
        {"no name": {"init": 1, "low": 0, "high": 2, "unit": "", "meaning": ""}},
    ],
)
def test_forged_parameters_are_refused(sandbox: Sandbox, params: Any) -> None:
    with pytest.raises(ProgramFailure) as failure:
        calls.describe(sandbox, "dynamics", forger({"params": params}))
    assert failure.value.kind == "crash"


@pytest.mark.parametrize("arrays", [[], [np.zeros((1, 4, 4, 3))], [np.zeros((2, 4, 4, 3), np.uint8)]])
def test_forged_frames_are_refused(sandbox: Sandbox, arrays: list[Any]) -> None:
    with pytest.raises(ProgramFailure) as failure:
        calls.render(sandbox, forger({}, arrays), Trajectory(("x",), np.zeros((1, 1))), 4, 4)
    assert failure.value.kind == "crash"


@pytest.mark.parametrize(
    "arrays",
    [
        [],
        [np.zeros((1, 1))],
        [np.zeros((1, 1)), np.zeros((1, 1))],
        [np.zeros((1, 1)), np.zeros((1, 1), np.uint8)],
        [np.zeros((1, 2)), np.ones((1, 2), np.uint8)],
    ],
)
def test_forged_perceptions_are_refused(sandbox: Sandbox, arrays: list[Any]) -> None:
    with pytest.raises(ProgramFailure) as failure:
        calls.perceive(sandbox, forger({}, arrays), np.zeros((1, 2, 2, 3), np.uint8), 1.0, ["x"], 1)
    assert failure.value.kind == "crash"


def test_an_honest_program_is_not_disturbed(sandbox: Sandbox) -> None:
    assert "gravity" in calls.describe(sandbox, "dynamics", FALLING)
