"""`proggen build`: every run of an archive becomes pages below `docs/results/`.

docs/results/
  index.md                              headline numbers of the newest run, all runs
  .navigation.json                      titles and pages of the newest run, for the plugin
  <run>/index.md                        configuration, versions, sandbox, times
  <run>/<benchmark>/index.md            metrics, scene, programs, parameters, episodes
  <run>/<benchmark>/programs.md         every candidate, prompt and reply
  <run>/<benchmark>/notebook.ipynb      the headline table from the archive, by the public API
  <run>/<benchmark>/files/*.txt         programs, prompts and replies for download
  <run>/<benchmark>/pictures/*.png      pictures of the prompts, by digest
  <run>/<benchmark>/episodes/<id>.md    one episode; its media in the folder <id>/
"""

from __future__ import annotations

import json
from pathlib import Path

from ..archive.files import whole_folder
from ..archive.store import Run, list_runs, load_run
from ..progress import Progress, Silent
from .benchmark_pages import BenchmarkPages
from .pages import Pages
from .words import slug


def build(runs: Path, site: Path = Path("."), progress: Progress | None = None) -> list[Path]:
    """Render all runs in the folder `runs` into `site`/docs/results/ and return the pages written.

    The folder is made beside the old one and swapped in at the end, so pages of removed runs go and a
    build that was stopped leaves the old pages. Raises ArchiveError for a damaged run.
    """
    results = Path(site) / "docs" / "results"
    shown = progress or Silent()
    opened = [load_run(path) for path in list_runs(Path(runs))]
    with whole_folder(results) as folder:
        pages = Pages(folder, Path(site))
        parts = {run.name: _run_pages(pages, run, shown) for run in opened}
        _index(pages, opened, parts)
        written = [path.relative_to(folder) for path in pages.written]
    return [results / path for path in written]


def _run_pages(pages: Pages, run: Run, progress: Progress) -> list[BenchmarkPages]:
    parts = [BenchmarkPages(pages, run, benchmark) for benchmark in run.benchmarks.values()]
    total = sum(part.count for part in parts)
    with progress.task(f"pages of {run.name}", total) as task:
        for part in parts:
            part.write(task)
    pages.write(
        f"{slug(run.name)}/index.md", "run.md.j2", title=f"Run {slug(run.name)}", run=run, parts=parts,
        hide=("navigation",),
    )  # fmt: skip
    return parts


def _index(pages: Pages, runs: list[Run], parts: dict[str, list[BenchmarkPages]]) -> None:
    finished = [run for run in runs if parts[run.name]]
    newest = finished[-1] if finished else None
    shown = parts[newest.name] if newest else []
    pages.write(
        "index.md", "results.md.j2", title="Results", runs=runs[::-1], parts=parts, newest=newest, shown=shown,
        hide=("toc",),
    )  # fmt: skip
    entries = [[part.name, f"results/{part.page}"] for part in shown]
    if newest:
        entries.append(["This run", f"results/{slug(newest.name)}/index.md"])
    (pages.root / ".navigation.json").write_text(json.dumps(entries), encoding="ascii")
