"""`proggen build`: every run of an archive becomes pages below `docs/results/`.

docs/results/
  index.md                              headline numbers of the newest run, all runs, all episodes
  .navigation.json                      titles and pages of the newest run, for the plugin
  .build.json                           what each part was made from, see `output`
  compare/index.md                      pairs of runs
  compare/<run>--<run>.md               two runs side by side
  <run>/index.md                        configuration, versions, sandbox, times
  <run>/<benchmark>/index.md            metrics, scene, programs, parameters, episodes
  <run>/<benchmark>/programs.md         every candidate, prompt and reply
  <run>/<benchmark>/notebook.ipynb      the headline table from the archive, by the public API
  <run>/<benchmark>/episodes.js         the list of episodes, for tables that sort and filter
  <run>/<benchmark>/list-2.md           the same list without scripts, by the hundred
  <run>/<benchmark>/programs/<reply>.js  prompt, reply, program and differences, shown on demand; downloads beside
  <run>/<benchmark>/files/*.txt         the chosen programs for download
  <run>/<benchmark>/episodes/<id>.md    one episode; its media in the folder <id>/
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..archive.store import Run, list_runs, load_run
from ..progress import Progress, Silent
from . import compare_pages
from .benchmark_pages import BenchmarkPages
from .output import output
from .pages import Pages
from .words import count, slug

Parts = dict[str, list[BenchmarkPages]]  # run -> its benchmarks


def build(
    runs: Path,
    site: Path = Path("."),
    progress: Progress | None = None,
    compare: Sequence[tuple[str, str]] = (),
) -> list[Path]:
    """Render all runs in the folder `runs` into `site`/docs/results/ and return the pages made.

    Episodes that have not changed since the last build are neither made again nor touched, pages of removed
    runs go, and a build that fails leaves the old pages. `compare` names the pairs of runs to set side by
    side; without any, each beside the newest later one with a benchmark in common. Raises ArchiveError for a
    damaged run.
    """
    results = Path(site) / "docs" / "results"
    shown = progress or Silent()
    opened = [load_run(path) for path in list_runs(Path(runs))]
    with output(results) as found:
        pages = Pages(found, Path(site))
        parts = {run.name: _run_pages(pages, run, shown) for run in opened}
        pairs = compare_pages.write(pages, opened, parts, compare)
        _index(pages, opened, parts, pairs)
        written = [path.relative_to(found.root) for path in pages.written]
    return [results / path for path in written]


def _run_pages(pages: Pages, run: Run, progress: Progress) -> list[BenchmarkPages]:
    parts = [BenchmarkPages(pages, run, benchmark) for benchmark in run.benchmarks.values()]
    total = sum(part.count for part in parts)
    with progress.task(f"pages of {run.name}", total) as task:
        for part in parts:
            part.write(task)
    pages.write(
        f"{slug(run.name)}/index.md", "run.md.j2", title=f"Run {slug(run.name)}", run=run, parts=parts,
        description=f"Run {slug(run.name)}: {count(len(parts), 'benchmark')}, configuration, versions and times.",
        hide=("navigation",),
    )  # fmt: skip
    return parts


def _index(pages: Pages, runs: list[Run], parts: Parts, pairs: list[compare_pages.Pair]) -> None:
    finished = [run for run in runs if parts[run.name]]
    newest = finished[-1] if finished else None
    shown = parts[newest.name] if newest else []
    sources = [part.data for run in runs[::-1] for part in parts[run.name]]
    pages.write(
        "index.md", "results.md.j2", title="Results", runs=runs[::-1], parts=parts, newest=newest, shown=shown,
        description="Video prediction by programs that a language model wrote: numbers, baselines, every episode.",
        pairs=pairs, sources=sources, hide=("toc",),
    )  # fmt: skip
    entries = [[part.name, f"results/{part.page}"] for part in shown]
    if newest:
        entries.append(["This run", f"results/{slug(newest.name)}/index.md"])
    if pairs:
        entries.append(["Compare runs", "results/compare/index.md"])
    (pages.root / ".navigation.json").write_text(json.dumps(entries), encoding="ascii")
