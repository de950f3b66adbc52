"""Many jobs in a row leave nothing behind. PROGGEN_LEAK_JOBS sets how many (10000 before a release)."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from proggen.errors import ProgramFailure
from proggen.inference import JOBS, calls
from proggen.inference.problems import Rollout
from proggen.sandbox import Limits, Sandbox, wire
from proggen.sandbox.wire import Message

from .programs import FALLING, GREY, dynamics

LEAK_JOBS = int(os.environ.get("PROGGEN_LEAK_JOBS", "1500"))
WARM = 200
START = Rollout({"ball.y": 1.0, "ball.vy": 0.0}, {"gravity": 9.8}, 0.1, 10)
KINDS = [
    FALLING,
    dynamics("raise ValueError"),
    dynamics("import posix\nposix._exit(1)"),
    dynamics("import posix\nposix.abort()"),
    dynamics("bytearray(10**12)"),
]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def memory(pid: int) -> int:
    """Resident kB that belong to the process alone."""
    return status(pid, "RssAnon")


def status(pid: int, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return int(found.group(1))


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def settle(pid: int) -> None:
    """Waits until a server has no more children than the one for the next job, or 10 seconds."""
    time.sleep(0.3)  # the last job may be over before its server has forked the next child
    deadline = time.monotonic() + 10
    while len(children(pid)) > 1 and time.monotonic() < deadline:
        time.sleep(0.05)


def work(sandbox: Sandbox, jobs: int) -> None:
    for k in range(jobs):
        try:
            calls.rollout(sandbox, KINDS[k % 10 if k % 10 < len(KINDS) else 0], [START])
        except ProgramFailure:
            assert 0 < k % 10 < len(KINDS)


@pytest.mark.slow
def test_many_jobs_leave_nothing_behind() -> None:
    places = [Path(p) for p in ("/tmp", "/dev/shm") if Path(p).is_dir()]
    files = {p for place in places for p in place.glob("*proggen-self-test*")}
    with Sandbox(JOBS, limits=Limits(wall_seconds=20)) as sandbox:
        server, me = sandbox.server_pid, os.getpid()
        work(sandbox, WARM)
        before = memory(server), memory(me), len(os.listdir("/proc/self/fd")), status(server, "FDSize")
        work(sandbox, LEAK_JOBS)
        settle(server)
        after = memory(server), memory(me), len(os.listdir("/proc/self/fd")), status(server, "FDSize")
        assert sandbox.server_pid == server
        assert len(children(server)) <= 1  # the child that waits for the next job
    assert after[0] - before[0] < 4096
    assert after[1] - before[1] < 8192
    assert after[2:] == before[2:]
    assert {p for place in places for p in place.glob("*proggen-self-test*")} == files


def test_closing_leaves_no_process_and_no_descriptor() -> None:
    before = len(os.listdir("/proc/self/fd"))
    with Sandbox(JOBS) as sandbox:
        pid = sandbox.server_pid
        calls.describe(sandbox, "rendering", GREY)
    assert not Path(f"/proc/{pid}").exists()
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="the limits keep an ordinary user's job from forking at all")
def test_a_daemon_does_not_outlive_its_job_even_without_isolation() -> None:
    source = dynamics(
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(60)\n"
        "    os._exit(0)\n"
        "time.sleep(0.2)\n"
        "return [{'ball.y': 1.0, 'ball.vy': 1.0}] * n_steps",
        before="import os\nimport time",
    )
    with Sandbox(JOBS, unsafe=True) as sandbox:
        calls.rollout(sandbox, source, [START])
        settle(sandbox.server_pid)
        assert len(children(sandbox.server_pid)) <= 1


def test_a_job_that_stays_after_its_reply_is_ended() -> None:
    reply = b"".join(wire.encode(Message({"status": "ok"}, [np.zeros((10, 2))])))
    source = f"import os\nimport time\nos.write(3, {reply!r})\nos.close(3)\ntime.sleep(60)"
    with Sandbox(JOBS) as sandbox:
        assert len(calls.rollout(sandbox, source, [START])[0]) == 10
        settle(sandbox.server_pid)
        assert len(children(sandbox.server_pid)) <= 1
