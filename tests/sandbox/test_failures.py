"""Every way to fail has its name, and a message that helps to repair the program."""

from __future__ import annotations

import numpy as np
import pytest

from proggen.errors import ProgramFailure
from proggen.inference import calls
from proggen.inference.problems import Rollout
from proggen.sandbox import Limits, Sandbox
from proggen.states import Trajectory

from .programs import FALLING, GREY, dynamics, perception, rendering

STEP = [Rollout({"x": 0.0}, {}, 0.1, 5)]
ONE = Trajectory(("x",), np.zeros((1, 1)))
FRAMES = np.zeros((4, 8, 8, 3), dtype=np.uint8)

DYNAMICS = {
    "no Python": ("def rollout(:", "syntax", "line 1"),
    "unknown library": (dynamics("import cv2"), "import", "cv2"),
    "raises": (
        dynamics("speed = 1 / state['x']"),
        "exception",
        "line 4, in rollout: `speed = 1 / state['x']`",
    ),
    "raises at import": ("1 / 0", "exception", "line 1"),
    "exits": (dynamics("raise SystemExit(0)"), "exception", "SystemExit"),
    "recurses": (dynamics("def f(): return f()\nf()"), "exception", "RecursionError"),
    "ends its process": (dynamics("import posix\nposix._exit(0)"), "crash", "exit code 0"),
    "aborts": (dynamics("import posix\nposix.abort()"), "crash", "SIGABRT"),
    "has no function": ("PARAMS = {}", "contract", "rollout(state, params, dt, n_steps, actions)"),
    "has other arguments": ("def rollout(state, dt): pass", "contract", "not `rollout(state, dt)`"),
    "returns None": (dynamics("return None"), "contract", "NoneType"),
    "returns too few states": (dynamics("return [state] * 3"), "contract", "3 states, expected 5"),
    "returns a huge list": (dynamics("return [state] * 10**7"), "contract", "10000000 states"),
    "returns no dict": (dynamics("return [1.0] * n_steps"), "contract", "step 0"),
    "invents a name": (
        dynamics("return [{'x': 0.0, 'q': 1.0}] * n_steps"),
        "contract",
        "unknown names ['q']",
    ),
    "drops a name": (dynamics("return [{}] * n_steps"), "contract", "lacks ['x']"),
    "returns text": (dynamics("return [{'x': 'far'}] * n_steps"), "contract", "str 'far'"),
    "returns NaN": (dynamics("return [{'x': float('nan')}] * n_steps"), "non-finite", "`x` of step 0"),
    "returns infinity": (dynamics("return [{'x': 10**999}] * n_steps"), "non-finite", "inf"),
    "takes 10 GB as bytes": (dynamics("bytearray(10**10)"), "memory", "line 4"),
    "takes 10 GB as array": (
        dynamics("np.ones(10**10 // 8)", before="import numpy as np"),
        "memory",
        "Unable to allocate",
    ),
}


@pytest.mark.parametrize("case", DYNAMICS)
def test_a_failing_dynamics_program_is_named(sandbox: Sandbox, case: str) -> None:
    source, kind, text = DYNAMICS[case]
    with pytest.raises(ProgramFailure) as failure:
        calls.rollout(sandbox, source, STEP)
    assert failure.value.kind == kind
    assert text in failure.value.message


PERCEPTION = {
    "too few": ("return [{'x': 0.0}]", "contract", "1 states, expected 4"),
    "missing in the context": ("return [{'x': 0.0}, {}, {}, {}]", "contract", "frame 1 lacks ['x']"),
    "unknown name": ("return [{'x': 0.0, 'z': 1.0}] * 4", "contract", "unknown names ['z']"),
    "NaN": ("return [{'x': float('nan')}] * 4", "non-finite", "frame 0"),
}


@pytest.mark.parametrize("case", PERCEPTION)
def test_a_failing_perception_program_is_named(sandbox: Sandbox, case: str) -> None:
    body, kind, text = PERCEPTION[case]
    with pytest.raises(ProgramFailure) as failure:
        calls.perceive(sandbox, perception(body), FRAMES, 10.0, ["x"], 2)
    assert failure.value.kind == kind
    assert text in failure.value.message


RENDERING = {
    "wrong shape": ("return np.zeros((width, height, 3), np.uint8)", "ndarray uint8 (9, 6, 3)"),
    "wrong dtype": ("return np.zeros((height, width, 3))", "float64"),
    "no array": ("return None", "NoneType"),
}


@pytest.mark.parametrize("case", RENDERING)
def test_a_wrong_frame_is_named(sandbox: Sandbox, case: str) -> None:
    body, text = RENDERING[case]
    with pytest.raises(ProgramFailure) as failure:
        calls.render(sandbox, rendering(body), ONE, 6, 9)
    assert failure.value.kind == "contract"
    assert text in failure.value.message
    assert "(6, 9, 3)" in failure.value.message


PARAMETERS = {
    "no dict": "[]",
    "bad name": "{'a b': {'init': 1, 'low': 0, 'high': 2, 'unit': '', 'meaning': ''}}",
    "missing key": "{'a': {'init': 1, 'low': 0, 'high': 2}}",
    "outside its bounds": "{'a': {'init': 3, 'low': 0, 'high': 2, 'unit': '', 'meaning': ''}}",
    "no range": "{'a': {'init': 1, 'low': 1, 'high': 1, 'unit': '', 'meaning': ''}}",
    "no number": "{'a': {'init': 'x', 'low': 1, 'high': 1, 'unit': '', 'meaning': ''}}",
}


@pytest.mark.parametrize("case", PARAMETERS)
def test_bad_parameters_are_refused(sandbox: Sandbox, case: str) -> None:
    source = FALLING + f"\nPARAMS = {PARAMETERS[case]}\n"
    with pytest.raises(ProgramFailure, match="PARAMS") as failure:
        calls.describe(sandbox, "dynamics", source)
    assert failure.value.kind == "contract"


def test_an_endless_loop_meets_the_clock(sandbox: Sandbox) -> None:
    with pytest.raises(ProgramFailure, match=r"0\.5 seconds") as failure:
        calls.rollout(sandbox, dynamics("while True: pass"), STEP, limits=Limits(wall_seconds=0.5))
    assert failure.value.kind == "timeout"


def test_an_endless_loop_meets_the_cpu_limit(sandbox: Sandbox) -> None:
    with pytest.raises(ProgramFailure, match="CPU time") as failure:
        calls.rollout(sandbox, dynamics("while True: pass"), STEP, limits=Limits(cpu_seconds=1))
    assert failure.value.kind == "timeout"


def test_a_result_above_the_limit_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ProgramFailure, match="1200 bytes") as failure:
        calls.render(
            sandbox,
            rendering("return np.zeros((height, width, 3), np.uint8)"),
            ONE,
            20,
            20,
            limits=Limits(output_bytes=1000),
        )
    assert failure.value.kind == "output"


def test_messages_are_bounded_and_printable(sandbox: Sandbox) -> None:
    source = dynamics(r"raise ValueError('\x1b[31m' + 'long ' * 10**6)")
    with pytest.raises(ProgramFailure) as failure:
        calls.rollout(sandbox, source, STEP)
    assert len(failure.value.message) <= 2000
    assert "\x1b" not in failure.value.message
    assert r"\x1b[31m" in failure.value.message


def test_a_start_that_is_not_finite_is_the_state_s_fault(sandbox: Sandbox) -> None:
    with pytest.raises(ProgramFailure, match="initial state") as failure:
        calls.rollout(
            sandbox, FALLING, [Rollout({"ball.y": float("inf"), "ball.vy": 0.0}, {"gravity": 1.0}, 0.1, 2)]
        )
    assert failure.value.kind == "non-finite"


def test_the_next_job_is_unharmed(sandbox: Sandbox) -> None:
    with pytest.raises(ProgramFailure):
        calls.rollout(sandbox, dynamics("import posix\nposix.abort()"), STEP)
    assert calls.describe(sandbox, "rendering", GREY) == {}
