"""What a fit costs, ours against SciPy's Powell from random starts, on the clips of an archived run.

The unit is a call of the program's `rollout`, and beside it the frames simulated, so that short segments do
not look cheaper than they are. Powell runs with its own tolerances. A fit has reached the best loss when it
is within 1 % of the least that any of them found, or above it by a thousandth of what noise costs.
"""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from proggen.errors import ProgramFailure
from proggen.inference import calls
from proggen.inference.fit import Effort, PerceivedClip, noise_scales, pose, segments
from proggen.inference.problems import FitProblem, FitSolution
from proggen.numbers import exact
from proggen.sandbox import Limits, Sandbox

EFFORT = Effort(starts=4, max_rollouts=200_000, shooting=0)
LIMITS = Limits(wall_seconds=1800, cpu_seconds=900)
CLOSE, NOTHING = 1.01, 1e-3
PROGRAMS = Path(__file__).parent / "programs"


def compare_all(
    sandbox: Sandbox, benchmark: str, source: str, clips: Sequence[PerceivedClip], *, starts: int
) -> dict[str, Any]:
    """By name: the figures of a benchmark's program, and of one of ours if there is one and the states fit it."""
    found = {benchmark: compare(sandbox, source, clips, starts=starts)}
    fixed = PROGRAMS / f"{benchmark.rpartition('/')[2]}.py"
    if fixed.exists():
        with contextlib.suppress(ProgramFailure):
            name = f"{benchmark}, {fixed.parent.name}/{fixed.name}"
            found[name] = compare(sandbox, fixed.read_text(encoding="utf-8"), clips, starts=starts)
    return {name: figures for name, figures in found.items() if figures}


def compare(
    sandbox: Sandbox, source: str, clips: Sequence[PerceivedClip], *, starts: int
) -> dict[str, Any] | None:
    """Figures of one dynamics program; None if it has no parameters."""
    specs = calls.describe(sandbox, "dynamics", source)
    if not specs:
        return None
    problem = pose(specs, segments(clips), noise_scales(clips), EFFORT, 0)
    fits = {
        "ours from the program's guess": [problem],
        "ours from random guesses": [_elsewhere(problem, seed) for seed in range(starts)],
        "Powell from random starts": [
            replace(problem, method="powell", starts=1, seed=seed) for seed in range(starts)
        ],
    }
    solved = {n: [calls.fit(sandbox, source, p, limits=LIMITS) for p in ps] for n, ps in fits.items()}
    rows = sum(int(np.isfinite(s.observed.values).sum()) for s in problem.segments)
    best = min(_loss(s) for solutions in solved.values() for s in solutions)
    good = CLOSE * best + NOTHING * rows
    figures: dict[str, Any] = {n: _figures(solutions, good, rows) for n, solutions in solved.items()}
    ours, powell = solved["ours from random guesses"], solved["Powell from random starts"]
    return figures | {
        "parameters": len(specs),
        "segments": len(problem.segments),
        "whole_fit": _whole_fit(powell, solved["ours from the program's guess"][0]),
        "rollouts_ratio": _ratio(powell, ours, good, 0),
        "frames_ratio": _ratio(powell, ours, good, 1),
    }


def _elsewhere(problem: FitProblem, seed: int) -> FitProblem:
    """The problem from a random first guess within the bounds, on the grid of a stepped parameter."""
    rng, init = np.random.default_rng(seed), {}
    for n, low in problem.low.items():
        value, step = rng.uniform(low, problem.high[n]), problem.steps.get(n)
        init[n] = float(value if step is None else low + step * np.floor((value - low) / step))
    return replace(problem, init=init, seed=seed)


def _loss(solution: FitSolution) -> float:
    return solution.trace[-1][2]


def _figures(solutions: Sequence[FitSolution], good: float, rows: int) -> dict[str, Any]:
    return {
        "rollouts": statistics.median(s.rollouts for s in solutions),
        "frames": statistics.median(s.frames for s in solutions),
        "mean_loss": [_loss(s) / rows for s in solutions],
        "reached": sum(_loss(s) <= good for s in solutions),
        "of": len(solutions),
    }


def _whole_fit(powell: Sequence[FitSolution], ours: FitSolution) -> dict[str, Any]:
    """A fit as a run makes it, which starts from the program's guess and looks for other basins itself, against
    as many of Powell's starts as it may have: nobody knows beforehand which of them will do."""
    several = powell[: EFFORT.starts]
    spent = sum(s.rollouts for s in several)
    return {
        "starts": len(several),
        "ratio": round(spent / ours.rollouts, 1),
        "loss_ratio": round(_loss(ours) / min(_loss(s) for s in several), 4),
    }


def _ratio(
    powell: Sequence[FitSolution], ours: Sequence[FitSolution], good: float, unit: int
) -> dict[str, Any]:
    """What Powell spends on reaching the best loss, over what ours does; at least that if it never does.

    Both are restarted until one reaches it: all that the starts cost, over how many were good.
    """

    def spent(solutions: Sequence[FitSolution]) -> float:
        good_ones = max(sum(_loss(s) <= good for s in solutions), 1)
        return sum((s.rollouts, s.frames)[unit] for s in solutions) / good_ones

    return {
        "ratio": round(spent(powell) / spent(ours), 1),
        "at_least": not any(_loss(s) <= good for s in powell),
    }


def tables(found: dict[str, Any]) -> list[str]:
    fits = found.get("fit", {})
    return [*_whole_table(fits), "", *_start_table(fits)]


def _whole_table(fits: dict[str, Any]) -> list[str]:
    lines = [
        "Whole fits: ours from the program's guess against Powell from random starts",
        "",
        "| benchmark | parameters | ours, rollouts | Powell's starts | rollouts, ratio | our loss over its least |",
        "|---|---|---|---|---|---|",
    ]
    for name, figures in fits.items():
        whole, ours = figures["whole_fit"], figures["ours from the program's guess"]["rollouts"]
        cells = [name, figures["parameters"], ours, whole["starts"], whole["ratio"], whole["loss_ratio"]]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def _start_table(fits: dict[str, Any]) -> list[str]:
    lines = [
        "Start for start: rollouts and simulated frames (medians), starts that reached the best loss, and what "
        "Powell spends for one that does over what ours spends",
        "",
        "| benchmark | fit | rollouts | frames | reached | rollouts, ratio | frames, ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, figures in fits.items():
        for fit, row in figures.items():
            if isinstance(row, dict) and "reached" in row:
                ratios = [_text(figures[k]) for k in ("rollouts_ratio", "frames_ratio")]
                shown = ratios if fit.startswith("Powell") else ["", ""]
                cells = [
                    name,
                    fit,
                    exact(row["rollouts"]),
                    exact(row["frames"]),
                    f"{row['reached']} of {row['of']}",
                ]
                lines.append(f"| {' | '.join(cells + shown)} |")
    return lines


def _text(ratio: dict[str, Any]) -> str:
    return f"{'> ' if ratio['at_least'] else ''}{exact(ratio['ratio'])}"
