"""The server: what it holds, and what happens when it dies."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from proggen.errors import ProgramFailure, SandboxError
from proggen.inference import JOBS, calls
from proggen.inference.problems import Rollout
from proggen.sandbox import Limits, Sandbox

from .programs import GREY, dynamics, perception

STEP = [Rollout({"x": 0.0}, {}, 0.1, 1)]
SLOW = dynamics("import time\ntime.sleep(1.0)\nreturn [{'x': 1.0}]")


def test_the_environment_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_KEY", "sk-canary")
    source = perception("import posix\nraise ValueError(repr(dict(posix.environ)))")
    with Sandbox(JOBS) as sandbox, pytest.raises(ProgramFailure) as failure:
        calls.perceive(sandbox, source, np.zeros((1, 2, 2, 3), np.uint8), 1.0, ["x"], 1)
    assert "canary" not in failure.value.message


def test_a_killed_server_is_started_again() -> None:
    with Sandbox(JOBS) as sandbox:
        assert calls.describe(sandbox, "rendering", GREY) == {}
        os.kill(sandbox.server_pid, signal.SIGKILL)
        assert calls.describe(sandbox, "rendering", GREY) == {}


def test_a_job_under_a_killed_server_is_tried_once_more() -> None:
    with Sandbox(JOBS) as sandbox:
        pid = sandbox.server_pid
        killer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
        killer.start()
        assert calls.rollout(sandbox, SLOW, STEP)[0]["x"] == 1.0
        assert sandbox.server_pid != pid


def test_a_closed_sandbox_refuses() -> None:
    sandbox = Sandbox(JOBS)
    sandbox.close()
    with pytest.raises(SandboxError, match="closed"):
        calls.describe(sandbox, "rendering", GREY)


def test_closing_ends_the_server_and_its_jobs() -> None:
    sandbox = Sandbox(JOBS)
    pid = sandbox.server_pid
    thread = threading.Thread(target=_ignore_failure, args=(sandbox,))
    thread.start()
    time.sleep(0.3)
    sandbox.close()
    thread.join(10)
    assert not thread.is_alive()
    assert not Path(f"/proc/{pid}").exists()


def _ignore_failure(sandbox: Sandbox) -> None:
    with pytest.raises((ProgramFailure, SandboxError)):
        calls.rollout(sandbox, dynamics("while True: pass"), STEP, limits=Limits(wall_seconds=20))
