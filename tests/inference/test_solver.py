"""Fitting and refining find what made the data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from proggen.errors import ProgramFailure
from proggen.inference import calls
from proggen.inference.problems import FitProblem, RefineProblem, Rollout, Segment
from proggen.sandbox import Sandbox
from proggen.states import State, Trajectory

from ..sandbox.programs import BOUNCING, FALLING, dynamics

SCALES = {"ball.y": 1.0, "ball.vy": 1.0}
OSCILLATOR = """
from dataclasses import replace

import numpy as np

PARAMS = {}

def rollout(state, params, dt, n_steps, actions=None):
    x, v = state["x"], state["v"]
    states = []
    for _ in range(n_steps):
        for _ in range(10):
            v += (-params["stiffness"] * x - params["damping"] * v) * dt / 10
            x += v * dt / 10
        states.append({"x": x, "v": v})
    return states
"""


def segment(sandbox: Sandbox, source: str, start: State, truth: dict[str, float], n: int = 30) -> Segment:
    (observed,) = calls.rollout(sandbox, source, [Rollout(start, truth, 0.1, n)])
    return Segment(start, observed, 0.1)


def problem(
    segments: list[Segment], scales: dict[str, float], **bounds: tuple[float, float, float]
) -> FitProblem:
    init, low, high = ({n: b[i] for n, b in bounds.items()} for i in range(3))
    return FitProblem(init, low, high, segments, scales)


def test_an_oscillator_is_recovered(sandbox: Sandbox) -> None:
    truth = {"stiffness": 6.0, "damping": 0.3}
    segments = [segment(sandbox, OSCILLATOR, {"x": x, "v": 0.0}, truth) for x in (1.0, -2.0)]
    asked = problem(segments, {"x": 1.0, "v": 2.0}, stiffness=(1.0, 0.1, 50.0), damping=(1.0, 0.0, 5.0))
    solution = calls.fit(sandbox, OSCILLATOR, asked)
    assert solution.values == pytest.approx(truth, rel=1e-3)
    assert solution.rollouts <= asked.max_rollouts


def test_a_bouncing_ball_is_recovered(sandbox: Sandbox) -> None:
    truth = {"restitution": 0.8, "gravity": 9.8}
    segments = [segment(sandbox, BOUNCING, {"ball.y": y, "ball.vy": 0.0}, truth) for y in (3.0, 5.0)]
    asked = problem(segments, SCALES, restitution=(0.5, 0.0, 1.0), gravity=(5.0, 0.0, 20.0))
    assert calls.fit(sandbox, BOUNCING, asked).values == pytest.approx(truth, rel=0.02)


def test_unobserved_and_wild_values_do_not_spoil_a_fit(sandbox: Sandbox) -> None:
    clean = segment(sandbox, FALLING, {"ball.y": 9.0, "ball.vy": 0.0}, {"gravity": 9.8})
    values = clean.observed.values.copy()
    values[::3] = np.nan
    values[4] = 500.0
    spoilt = Segment(clean.state, Trajectory(clean.observed.names, values), clean.dt)
    found = calls.fit(sandbox, FALLING, problem([spoilt], SCALES, gravity=(5.0, 0.0, 20.0)))
    assert found.values["gravity"] == pytest.approx(9.8, rel=0.02)


def test_a_fit_is_the_same_twice(sandbox: Sandbox) -> None:
    truth = {"restitution": 0.7, "gravity": 8.0}
    one = segment(sandbox, BOUNCING, {"ball.y": 4.0, "ball.vy": 0.0}, truth, n=15)
    asked = problem([one], SCALES, restitution=(0.5, 0.0, 1.0), gravity=(5.0, 0.0, 20.0))
    assert calls.fit(sandbox, BOUNCING, asked) == calls.fit(sandbox, BOUNCING, asked)


def test_the_budget_is_kept(sandbox: Sandbox) -> None:
    one = segment(sandbox, FALLING, {"ball.y": 9.0, "ball.vy": 0.0}, {"gravity": 9.8})
    asked = FitProblem({"gravity": 5.0}, {"gravity": 0.0}, {"gravity": 20.0}, [one], SCALES, max_rollouts=10)
    assert calls.fit(sandbox, FALLING, asked).rollouts <= 10


def test_nothing_to_fit_returns_at_once(sandbox: Sandbox) -> None:
    assert calls.fit(sandbox, FALLING, FitProblem({}, {}, {}, [], SCALES)).rollouts == 0


def test_a_program_that_fails_on_its_first_guess_is_named(sandbox: Sandbox) -> None:
    one = segment(sandbox, FALLING, {"ball.y": 9.0, "ball.vy": 0.0}, {"gravity": 9.8})
    with pytest.raises(ProgramFailure) as failure:
        calls.fit(
            sandbox, dynamics("raise ValueError('no')"), problem([one], SCALES, gravity=(5.0, 0.0, 20.0))
        )
    assert failure.value.kind == "exception"


def test_a_program_that_fails_elsewhere_is_fitted(sandbox: Sandbox) -> None:
    fragile = FALLING.replace("    states = []", "    assert params['gravity'] < 12\n    states = []")
    one = segment(sandbox, FALLING, {"ball.y": 9.0, "ball.vy": 0.0}, {"gravity": 9.8})
    found = calls.fit(sandbox, fragile, problem([one], SCALES, gravity=(5.0, 0.0, 20.0)))
    assert found.values["gravity"] == pytest.approx(9.8, rel=1e-3)


def test_refining_improves_a_noisy_start(sandbox: Sandbox) -> None:
    truth = {"ball.y": 9.0, "ball.vy": 1.0}
    (after,) = calls.rollout(sandbox, FALLING, [Rollout(truth, {"gravity": 9.8}, 0.1, 7)])
    rng = np.random.default_rng(0)
    exact = np.vstack([list(truth.values()), after.values])
    observed = Trajectory(after.names, exact + rng.normal(0, 0.02, exact.shape))
    noisy = {"ball.y": 9.2, "ball.vy": 0.4}
    task = RefineProblem(noisy, {"gravity": 9.8}, 0.1, observed, SCALES, ["ball.y", "ball.vy"])
    (found,) = calls.refine(sandbox, FALLING, [task])
    assert found == pytest.approx(truth, abs=0.03)


def test_refining_leaves_other_variables_alone(sandbox: Sandbox) -> None:
    truth = {"ball.y": 9.0, "ball.vy": 1.0}
    (after,) = calls.rollout(sandbox, FALLING, [Rollout(truth, {"gravity": 9.8}, 0.1, 7)])
    observed = Trajectory(after.names, np.vstack([list(truth.values()), after.values]))
    task = RefineProblem(
        {"ball.y": 9.0, "ball.vy": 0.5}, {"gravity": 9.8}, 0.1, observed, SCALES, ["ball.vy"]
    )
    (found,) = calls.refine(sandbox, FALLING, [task])
    assert found["ball.y"] == 9.0
    assert found["ball.vy"] == pytest.approx(1.0, abs=1e-3)


def test_refining_with_a_failing_program_gives_the_start_back(sandbox: Sandbox) -> None:
    observed = Trajectory(("x",), np.zeros((3, 1)))
    task = RefineProblem({"x": 0.5}, {}, 0.1, observed, {"x": 1.0}, ["x"])
    assert calls.refine(sandbox, dynamics("raise ValueError"), [task]) == [{"x": 0.5}]


def test_powell_finds_it_from_random_starts(sandbox: Sandbox) -> None:
    truth = {"stiffness": 6.0, "damping": 0.3}
    one = segment(sandbox, OSCILLATOR, {"x": 1.0, "v": 0.0}, truth)
    asked = problem([one], {"x": 1.0, "v": 2.0}, stiffness=(1.0, 0.1, 50.0), damping=(1.0, 0.0, 5.0))
    solution = calls.fit(sandbox, OSCILLATOR, replace(asked, method="powell", max_rollouts=2000))
    assert solution.values == pytest.approx(truth, rel=1e-2)
    assert solution.rollouts <= 2000


def test_the_trace_tells_what_the_fall_of_the_cost_took(sandbox: Sandbox) -> None:
    one = segment(sandbox, FALLING, {"ball.y": 9.0, "ball.vy": 0.0}, {"gravity": 9.8})
    solution = calls.fit(sandbox, FALLING, problem([one], SCALES, gravity=(5.0, 0.0, 20.0)))
    rollouts, frames, costs = zip(*solution.trace, strict=True)
    assert list(costs) == sorted(costs, reverse=True)
    assert rollouts[-1] <= solution.rollouts
    assert frames[-1] <= solution.frames <= 30 * solution.rollouts


WALL = """
PARAMS = {}

def rollout(state, params, dt, n_steps, actions=None):
    x, v, states = state["x"], state["v"], []
    for _ in range(n_steps):
        for _ in range(10):
            if v > 0 and x > params["wall"]:
                v *= -params["bounce"]
            x += v * dt / 10
        states.append({"x": x, "v": v})
    return states
"""


@pytest.mark.parametrize("guess", [(1.6, 0.3), (2.9, 0.9), (2.05, 0.75)])
def test_an_impact_in_whole_substeps_is_recovered(sandbox: Sandbox, guess: tuple[float, float]) -> None:
    truth = {"wall": 2.1, "bounce": 0.7}
    segments = [segment(sandbox, WALL, {"x": 0.0, "v": v}, truth) for v in (1.3, 1.7, 2.2, 2.9)]
    asked = problem(segments, {"x": 0.01, "v": 0.01}, wall=(guess[0], 1.0, 3.0), bounce=(guess[1], 0.0, 1.0))
    found = calls.fit(sandbox, WALL, asked)
    assert found.values["bounce"] == pytest.approx(0.7, abs=1e-3)
    assert found.values["wall"] == pytest.approx(2.1, abs=0.02)  # 0.013 to 0.029 a substep
    assert found.rollouts < 150 * len(segments)


def test_a_small_budget_never_makes_the_first_guess_worse(sandbox: Sandbox) -> None:
    one = segment(sandbox, OSCILLATOR, {"x": 1.0, "v": 0.0}, {"stiffness": 6.0, "damping": 0.3})
    asked = problem([one], {"x": 1.0, "v": 2.0}, stiffness=(5.0, 0.1, 50.0), damping=(0.4, 0.0, 5.0))
    for budget in (1, 3, 7):
        costs = [c for _, _, c in calls.fit(sandbox, OSCILLATOR, replace(asked, max_rollouts=budget)).trace]
        assert costs == sorted(costs, reverse=True)
    (first,) = calls.fit(sandbox, OSCILLATOR, replace(asked, max_rollouts=1)).trace
    assert calls.fit(sandbox, OSCILLATOR, replace(asked, max_rollouts=1)).values == asked.init
    assert first[0] == 1


def test_a_good_first_guess_costs_few_rollouts(sandbox: Sandbox) -> None:
    one = segment(sandbox, FALLING, {"ball.y": 9.0, "ball.vy": 0.0}, {"gravity": 9.8})
    assert calls.fit(sandbox, FALLING, problem([one], SCALES, gravity=(9.7, 0.0, 20.0))).rollouts <= 6


def test_another_basin_is_found(sandbox: Sandbox) -> None:
    truth = {"stiffness": 40.0, "damping": 0.1}
    segments = [segment(sandbox, OSCILLATOR, {"x": x, "v": 0.0}, truth) for x in (1.0, -2.0, 1.5)]
    asked = problem(segments, {"x": 0.05, "v": 0.3}, stiffness=(2.0, 0.1, 80.0), damping=(1.0, 0.0, 5.0))
    assert calls.fit(sandbox, OSCILLATOR, asked).values == pytest.approx(truth, rel=1e-3)
