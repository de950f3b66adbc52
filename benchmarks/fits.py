"""What a fit costs, ours against SciPy's Powell from random starts, on the clips of an archived run.

The unit is a call of the program's `rollout`, and beside it the frames simulated, so that short segments do
not look cheaper than they are. Powell runs with its own tolerances. A fit has reached the best loss when it
is within 1 % of the least that any of them found, or above it by a thousandth of what noise costs.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from proggen.pipeline.fit import Effort, PerceivedClip, noise_scales, pose, segments
from proggen.sandbox import FitProblem, FitSolution, Limits, Sandbox

EFFORT = Effort(starts=4, max_rollouts=200_000, shooting=0)
LIMITS = Limits(wall_seconds=1800, cpu_seconds=900)
CLOSE, NOTHING = 1.01, 1e-3


def compare(
    sandbox: Sandbox, source: str, clips: Sequence[PerceivedClip], *, starts: int
) -> dict[str, Any] | None:
    """Figures of one dynamics program; None if it has no parameters."""
    specs = sandbox.describe("dynamics", source)
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
    solved = {n: [sandbox.fit(source, p, limits=LIMITS) for p in ps] for n, ps in fits.items()}
    rows = sum(int(np.isfinite(s.observed.values).sum()) for s in problem.segments)
    best = min(_loss(s) for solutions in solved.values() for s in solutions)
    good = CLOSE * best + NOTHING * rows
    figures: dict[str, Any] = {n: _figures(solutions, good, rows) for n, solutions in solved.items()}
    ours, powell = solved["ours from random guesses"], solved["Powell from random starts"]
    return figures | {
        "parameters": len(specs),
        "segments": len(problem.segments),
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
    lines = [
        "Fit: rollouts and simulated frames (medians), starts that reached the best loss, and what Powell "
        "spends for one that does over what ours spends",
        "",
        "| benchmark | fit | rollouts | frames | reached | rollouts, ratio | frames, ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, figures in found.get("fit", {}).items():
        for fit, row in figures.items():
            if isinstance(row, dict) and "reached" in row:
                ratios = [_text(figures[k]) for k in ("rollouts_ratio", "frames_ratio")]
                shown = ratios if fit.startswith("Powell") else ["", ""]
                cells = [
                    name,
                    fit,
                    f"{row['rollouts']:g}",
                    f"{row['frames']:g}",
                    f"{row['reached']} of {row['of']}",
                ]
                lines.append(f"| {' | '.join(cells + shown)} |")
    return lines


def _text(ratio: dict[str, Any]) -> str:
    return f"{'> ' if ratio['at_least'] else ''}{ratio['ratio']:g}"
