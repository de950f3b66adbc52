"""Parameters with a step: the substeps and the stepping scheme of a Box2D program are found like others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from proggen.errors import ProgramFailure
from proggen.inference import calls
from proggen.inference.problems import FitProblem, Rollout, Segment
from proggen.sandbox import Sandbox
from proggen.states import Trajectory

BOX2D = """
import Box2D

PARAMS = {
    "gravity": {"init": 7.0, "low": 0.0, "high": 20.0, "unit": "m/s^2", "meaning": "downwards"},
    "substeps": {"init": 1, "low": 1, "high": 20, "step": 1, "unit": "1", "meaning": "steps a frame"},
    "explicit": {"init": 0, "low": 0, "high": 1, "step": 1, "unit": "1", "meaning": "position before velocity"},
}

def rollout(state, params, dt, n_steps, actions=None):
    explicit = params["explicit"] > 0.5
    gravity, n = params["gravity"], int(params["substeps"])
    world = Box2D.b2World(gravity=(0, 0 if explicit else -gravity))
    ball = world.CreateDynamicBody(position=(0, state["y"]), linearVelocity=(0, state["vy"]))
    ball.CreateCircleFixture(radius=0.5)
    states = []
    for _ in range(n_steps):
        for _ in range(n):
            world.Step(dt / n, 8, 3)
            if explicit:
                ball.linearVelocity = (0, ball.linearVelocity.y - gravity * dt / n)
        states.append({"y": ball.position.y, "vy": ball.linearVelocity.y})
    return states
"""
TRUTH = {"gravity": 9.8, "substeps": 4.0, "explicit": 1.0}
NOISE = {"y": 0.01, "vy": 0.02}


def problem(sandbox: Sandbox, truth: dict[str, float]) -> FitProblem:
    specs, rng = calls.describe(sandbox, "dynamics", BOX2D), np.random.default_rng(0)
    starts = [{"y": y, "vy": vy} for y, vy in ((90.0, 0.0), (60.0, 12.0), (70.0, 5.0))]
    segments = []
    for start in starts:
        (clean,) = calls.rollout(sandbox, BOX2D, [Rollout(start, truth, 0.1, 30)])
        noisy = clean.values + rng.normal(0, list(NOISE.values()), clean.values.shape)
        segments.append(Segment(start, Trajectory(clean.names, noisy), 0.1))
    init, low, high = ({n: getattr(s, k) for n, s in specs.items()} for k in ("init", "low", "high"))
    steps = {n: s.step for n, s in specs.items() if s.step is not None}
    return FitProblem(init, low, high, segments, NOISE, steps=steps)


@pytest.mark.parametrize(("substeps", "explicit"), [(4.0, 1.0), (7.0, 0.0), (1.0, 1.0)])
def test_substeps_and_scheme_of_a_box2d_program_are_found(
    sandbox: Sandbox, substeps: float, explicit: float
) -> None:
    truth = {"gravity": 9.8, "substeps": substeps, "explicit": explicit}
    found = calls.fit(sandbox, BOX2D, problem(sandbox, truth))
    assert found.values == pytest.approx(truth, rel=1e-3)
    assert found.rollouts < 3 * 130


def test_stepped_parameters_of_a_fit_have_values_of_their_grid(sandbox: Sandbox) -> None:
    found = calls.fit(sandbox, BOX2D, problem(sandbox, TRUTH)).values
    assert found["substeps"] == int(found["substeps"])
    assert found["explicit"] in (0.0, 1.0)


def test_a_long_grid_is_searched_in_part(sandbox: Sandbox) -> None:
    asked = problem(sandbox, {**TRUTH, "substeps": 23.0})
    many = replace(asked, high={**asked.high, "substeps": 40.0})
    found = calls.fit(sandbox, BOX2D, many)
    assert found.values["explicit"] == 1.0
    assert found.values["substeps"] == pytest.approx(23, abs=3)  # noise allows as much
    assert found.rollouts < 3 * 250


@pytest.mark.parametrize("step", [0, -1, 7, 2])
def test_a_step_that_misses_the_first_value_or_the_bounds_is_a_contract_error(
    sandbox: Sandbox, step: float
) -> None:
    source = BOX2D.replace(
        '"init": 1, "low": 1, "high": 20, "step": 1', f'"init": 4, "low": 1, "high": 6, "step": {step}'
    )
    with pytest.raises(ProgramFailure, match="step") as failure:
        calls.describe(sandbox, "dynamics", source)
    assert failure.value.kind == "contract"


def test_the_step_is_told(sandbox: Sandbox) -> None:
    assert {n: s.step for n, s in calls.describe(sandbox, "dynamics", BOX2D).items()} == {
        "gravity": None,
        "substeps": 1.0,
        "explicit": 1.0,
    }
