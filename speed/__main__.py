"""Speed figures as ratios, so that they mean the same on another machine.

    python -m speed [--quick] [--run runs/NAME] [--output FILE]

Every ratio is of two things measured in this run. Works on an archived run, or on one that it makes from the
recorded replies in a folder that is removed. Prints Markdown tables and writes the same numbers to
speed/results/<version>.json; a quick one writes no file unless it is told where.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import proggen
from proggen.archive import Run
from proggen.inference import JOBS
from proggen.run.versions import versions
from proggen.sandbox import Sandbox
from proggen.world import WorldProgram

from . import fits, sandbox, stages
from .loading import perceived_clips

RESULTS = Path(__file__).parent / "results"
QUICK = ("phyworld/parabola", "cartpole/actions")


def main() -> None:
    chosen = arguments()
    with tempfile.TemporaryDirectory(prefix="proggen-") as folder:
        if chosen.run:
            run = proggen.load_run(chosen.run)
        else:
            names, episodes = (QUICK, 2) if chosen.quick else ((), 5)
            run = proggen.run(*names, episodes=episodes, runs=Path(folder), name="benchmarks")
        found = measure(run, quick=chosen.quick)
    for part in (fits, stages, sandbox):
        print("\n".join(part.tables(found)), end="\n\n")
    if output := chosen.output or (None if chosen.quick else RESULTS / f"{versions()['proggen']}.json"):
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(found, indent=1) + "\n")
        print(f"Written to {output}.")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m speed", description="Speed figures as ratios.")
    parser.add_argument("--quick", action="store_true", help="two benchmarks, fewer starts and repeats")
    parser.add_argument("--run", type=Path, help="folder of an archived run, instead of making one")
    parser.add_argument("--output", type=Path, help="where to write the numbers")
    return parser.parse_args()


def measure(run: Run, *, quick: bool) -> dict[str, Any]:
    """All figures; one part after the other, so that they do not slow each other down."""
    found: dict[str, Any] = {"versions": versions(), "processors": os.cpu_count(), "quick": quick}
    with Sandbox(JOBS) as box:
        for name, benchmark in run.benchmarks.items():
            print(f"{name} ...", file=sys.stderr)
            options = run.record.config
            world = WorldProgram.from_archive(benchmark)
            clips = perceived_clips(box, world, benchmark, options)
            source, starts = world.sources["dynamics"], 3 if quick else 8
            found.setdefault("fit", {}).update(fits.compare_all(box, name, source, clips, starts=starts))
            found.setdefault("stages", {})[name] = stages.shares(
                box, benchmark, options, count=2 if quick else 5
            )
    found["sandbox"] = sandbox.overheads(20 if quick else 100)
    return found


if __name__ == "__main__":
    main()
