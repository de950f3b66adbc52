"""The jobs give what they promise for honest programs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from proggen.inference import JOBS, calls
from proggen.inference.problems import Rollout
from proggen.sandbox import Sandbox
from proggen.states import Trajectory

from .programs import BRIGHTNESS, FALLING, GREY, dynamics, perception, rendering

START = {"ball.y": 10.0, "ball.vy": 0.0}


def test_describe_gives_the_parameters(sandbox: Sandbox) -> None:
    spec = calls.describe(sandbox, "dynamics", FALLING)["gravity"]
    assert (spec.init, spec.low, spec.high, spec.unit) == (5.0, 0.0, 20.0, "m/s^2")


def test_describe_gives_nothing_for_other_programs(sandbox: Sandbox) -> None:
    assert calls.describe(sandbox, "rendering", GREY) == {}


def test_rollouts_keep_the_order_of_names(sandbox: Sandbox) -> None:
    reversed_start = {"ball.vy": 0.0, "ball.y": 10.0}
    jobs = [Rollout(START, {"gravity": 10.0}, 0.1, 3), Rollout(reversed_start, {"gravity": 0.0}, 0.1, 2)]
    falling, resting = calls.rollout(sandbox, FALLING, jobs)
    assert falling["ball.vy"] == pytest.approx([-1.0, -2.0, -3.0])
    assert resting.names == ("ball.vy", "ball.y")
    assert resting["ball.y"] == pytest.approx([10.0, 10.0])


def test_actions_reach_the_program(sandbox: Sandbox) -> None:
    actions = np.array([10.0, 10.0, 0.0])
    (motion,) = calls.rollout(sandbox, FALLING, [Rollout(START, {"gravity": 10.0}, 0.1, 3, actions)])
    assert motion["ball.vy"] == pytest.approx([0.0, 0.0, -1.0])


def test_perception_sees_every_pixel(sandbox: Sandbox) -> None:
    frames = np.zeros((3, 4, 5, 3), dtype=np.uint8)
    frames[1] = 255
    states = calls.perceive(sandbox, BRIGHTNESS, frames, 10.0, ["brightness"], 3)
    assert states["brightness"].tolist() == [0.0, 255.0, 0.0]


def test_what_is_not_observed_after_the_context_is_nan(sandbox: Sandbox) -> None:
    source = perception("return [{'x': 1.0, 'y': 2.0}, {'x': 3.0}]")
    states = calls.perceive(sandbox, source, np.zeros((2, 4, 4, 3), np.uint8), 10.0, ["x", "y"], 1)
    assert states["x"].tolist() == [1.0, 3.0]
    assert np.isnan(states["y"][1])


def test_rendering_gives_one_frame_a_state(sandbox: Sandbox) -> None:
    frames = calls.render(sandbox, GREY, Trajectory(("brightness",), np.array([[0.0], [7.0]])), 6, 5)
    assert frames.shape == (2, 6, 5, 3)
    assert frames[1].min() == frames[1].max() == 7


def test_an_unobserved_variable_is_left_out_of_the_rendered_state(sandbox: Sandbox) -> None:
    source = rendering("return np.full((height, width, 3), len(state), dtype=np.uint8)")
    frames = calls.render(sandbox, source, Trajectory(("x", "y"), np.array([[1.0, np.nan]])), 2, 2)
    assert frames[0, 0, 0, 0] == 1


def test_a_frame_that_is_a_flipped_view_arrives_unchanged(sandbox: Sandbox) -> None:
    source = rendering(
        "column = np.arange(height, dtype=np.uint8)[:, None, None]\n"
        "return np.broadcast_to(column, (height, width, 3))[::-1]"
    )
    frames = calls.render(sandbox, source, Trajectory(("x",), np.zeros((1, 1))), 3, 2)
    assert frames[0, :, 0, 0].tolist() == [2, 1, 0]


def test_a_program_can_not_change_the_state_it_was_given(sandbox: Sandbox) -> None:
    source = dynamics("state['x'] += 1\nreturn [dict(state) for _ in range(n_steps)]")
    first, second = calls.rollout(sandbox, source, [Rollout({"x": 0.0}, {}, 1.0, 1)] * 2)
    assert first["x"].tolist() == second["x"].tolist() == [1.0]


def test_printing_is_harmless(sandbox: Sandbox) -> None:
    source = dynamics("print('x' * 2**30)\nreturn [dict(state)] * n_steps")
    assert len(calls.rollout(sandbox, source, [Rollout({"x": 0.0}, {}, 1.0, 2)])[0]) == 2


def test_the_same_job_gives_the_same_random_numbers(sandbox: Sandbox) -> None:
    source = dynamics(
        "rng = np.random.default_rng()\n"
        "names = list({'a', 'b', 'c', 'd', 'e'})\n"
        "return [{'x': rng.normal() + np.random.rand() + names.index('c')}]",
        before="import numpy as np",
    )
    job = [Rollout({"x": 0.0}, {}, 1.0, 1)]
    with Sandbox(JOBS) as other:
        assert calls.rollout(sandbox, source, job)[0].values == calls.rollout(other, source, job)[0].values


def test_nothing_stays_for_the_next_job(sandbox: Sandbox) -> None:
    source = dynamics(
        "import math\nmath.visits = getattr(math, 'visits', 0) + 1\nreturn [{'x': math.visits}]",
    )
    job = [Rollout({"x": 0.0}, {}, 1.0, 1)]
    values = [calls.rollout(sandbox, source, job)[0]["x"][0] for _ in range(3)]
    assert values == [1.0, 1.0, 1.0]


def test_four_threads_share_a_sandbox(sandbox: Sandbox) -> None:
    def fall(gravity: float) -> float:
        (motion,) = calls.rollout(sandbox, FALLING, [Rollout(START, {"gravity": gravity}, 1.0, 1)])
        return float(motion["ball.vy"][0])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(fall, range(24))) == [-g for g in range(24)]
