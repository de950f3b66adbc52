"""What confinement costs: the cold start, and a confined job over the same work in this process.

    python speed/sandbox.py [jobs]

Prints a Markdown table, milliseconds, medians. The attacks' table comes from tests/sandbox/battery.py.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from proggen.errors import SandboxError
from proggen.inference import JOBS, calls
from proggen.inference.contract import load
from proggen.inference.problems import Rollout
from proggen.numbers import exact, fixed
from proggen.sandbox import Sandbox
from proggen.states import Trajectory

DYNAMICS = """
PARAMS = {}

def rollout(state, params, dt, n_steps, actions=None):
    states = []
    for _ in range(n_steps):
        state = {"x": state["x"] + state["v"] * dt, "v": state["v"] * (1 - 0.1 * dt)}
        states.append(state)
    return states
"""
RENDERING = """
import numpy as np

def render(state, height, width):
    return np.full((height, width, 3), int(state["grey"]), dtype=np.uint8)
"""
PERCEPTION = """
def perceive(frames, fps):
    return [{"grey": float(frame[0, 0, 0])} for frame in frames]
"""
READING = """
def perceive(frames, fps):
    return [{"grey": float(frame.mean())} for frame in frames]
"""
STATE, STEPS, DT = {"x": 0.0, "v": 1.0}, 30, 0.1
GREYS = Trajectory(("grey",), np.linspace(0, 255, 32)[:, None])
CLIP = np.zeros((32, 400, 600, 3), dtype=np.uint8)
LEVELS: dict[str, dict[str, object]] = {
    "strong": {},
    "without namespaces": {"without": ("namespaces",)},
    "without any layer": {"unsafe": True},
}


def median_ms(work: Callable[[], object], n: int) -> float:
    """Median wall clock of a call, in milliseconds."""
    times = []
    for _ in range(n):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def in_process() -> dict[str, Callable[[], object]]:
    """The same work without any sandbox."""
    perceive, render = load("perception", PERCEPTION), load("rendering", RENDERING)
    return {
        "rollout of 30 steps": lambda: load("dynamics", DYNAMICS)(dict(STATE), {}, DT, STEPS, None),
        "perceive 32 frames of 600 x 400": lambda: perceive(CLIP, 50.0),
        "render 32 frames of 600 x 400": lambda: np.stack(
            [render({"grey": 9.0}, 400, 600) for _ in range(32)]
        ),
    }


def confined(sandbox: Sandbox) -> dict[str, Callable[[], object]]:
    """The work as jobs."""
    job = [Rollout(STATE, {}, DT, STEPS)]
    return {
        "rollout of 30 steps": lambda: calls.rollout(sandbox, DYNAMICS, job),
        "perceive 32 frames of 600 x 400": lambda: calls.perceive(
            sandbox, PERCEPTION, CLIP, 50.0, ["grey"], 32
        ),
        "render 32 frames of 600 x 400": lambda: calls.render(sandbox, RENDERING, GREYS, 400, 600),
    }


def overheads(n: int) -> dict[str, float]:
    """A job in the sandbox, as strong as this machine allows, over the same work in this process.

    The work is of a size that programs do: many rollouts in a job, every pixel read, every pixel written.
    """
    dynamics, perceive = load("dynamics", DYNAMICS), load("perception", READING)
    render, frame = load("rendering", RENDERING), {"grey": 9.0}
    with Sandbox(JOBS) as box:
        pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "1000 rollouts of 30 steps": (
                lambda: [dynamics(dict(STATE), {}, DT, STEPS, None) for _ in range(1000)],
                lambda: calls.rollout(box, DYNAMICS, [Rollout(STATE, {}, DT, STEPS)] * 1000),
            ),
            "perceive 32 frames of 600 x 400": (
                lambda: perceive(CLIP, 50.0),
                lambda: calls.perceive(box, READING, CLIP, 50.0, ["grey"], 32),
            ),
            "render 32 frames of 600 x 400": (
                lambda: np.stack([render(frame, 400, 600) for _ in range(32)]),
                lambda: calls.render(box, RENDERING, GREYS, 400, 600),
            ),
        }
        return {name: round(median_ms(job, n) / median_ms(bare, n), 2) for name, (bare, job) in pairs.items()}


def tables(found: dict[str, Any]) -> list[str]:
    """For `python -m speed`."""
    rows = [f"| {name} | {exact(ratio)} |" for name, ratio in found["sandbox"].items()]
    return [
        "Sandbox: a confined job over the same work in process",
        "",
        "| work | ratio |",
        "|---|---|",
        *rows,
    ]


def cold_start(options: dict[str, object]) -> float:
    """From nothing to the first result."""
    with Sandbox(JOBS, **options) as sandbox:  # type: ignore[arg-type]
        return median_ms(lambda: calls.rollout(sandbox, DYNAMICS, [Rollout(STATE, {}, DT, STEPS)]), 1)


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    base = {name: median_ms(work, n) for name, work in in_process().items()}
    rows: dict[str, list[str]] = {"cold start": ["-"], **{name: [fixed(ms, 1)] for name, ms in base.items()}}
    for name, options in LEVELS.items():
        try:
            rows["cold start"].append(fixed(statistics.median(cold_start(options) for _ in range(3)), 0))
        except SandboxError as error:
            sys.exit(f"{name}: {error}")
        with Sandbox(JOBS, **options) as sandbox:  # type: ignore[arg-type]
            for work_name, work in confined(sandbox).items():
                work()
                rows[work_name].append(fixed(median_ms(work, n), 1))
    print(f"load {fixed(os.getloadavg()[0], 1)} on {os.cpu_count()} processors, {n} jobs each\n")
    print(f"| ms, median | in process | {' | '.join(LEVELS)} |\n{'|---' * (len(LEVELS) + 2)}|")
    for name, cells in rows.items():
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
