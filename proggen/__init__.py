"""ProgGen: video prediction by programs that a language model writes.

import proggen

run = proggen.run("phyworld/uniform_motion", episodes=5)
print(run.summary.benchmarks["phyworld/uniform_motion"]["in"]["vel_error"]["proggen"].mean)
episode = run.benchmarks["phyworld/uniform_motion"].episodes()[0]
proggen.counterfactual(run, f"phyworld/uniform_motion/{episode.record.id}", ["red_ball.vx*=2"])
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .archive import Run, list_runs, load_run
from .audit.imagine import counterfactual
from .audit.studies import study
from .audit.verify import verify
from .errors import ProggenError
from .run.runner import run as run_settings
from .run.settings import Settings


def run(*benchmarks: str, **options: Any) -> Run:
    """Run the named benchmarks, or all of them, and open the archive.

    Options are the fields of `proggen.Settings` (episodes=24, seed=42, llm="recorded", runs, name, ...).
    Raises ProggenError, whose text is one sentence for a person.
    """
    return run_settings(Settings(benchmarks=tuple(benchmarks), **options))


def build(runs: str | Path = "runs", site: str | Path = ".") -> list[Path]:
    """Render archived runs as pages in `site`/docs/results; returns the pages."""
    from .report.build import build as build_pages

    return build_pages(Path(runs), Path(site))


__all__ = [
    "ProggenError", "Run", "Settings", "build", "counterfactual", "list_runs", "load_run", "run", "study",
    "verify",
]  # fmt: skip
