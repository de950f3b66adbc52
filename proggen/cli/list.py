"""`proggen list benchmarks` and `proggen list runs`."""

from __future__ import annotations

from pathlib import Path

import click

from .. import benchmarks
from ..archive import list_runs, load_run
from ..numbers import exact
from .options import runs_option
from .tables import aligned


@click.command("list")
@click.argument("what", type=click.Choice(["benchmarks", "runs"]), default="benchmarks")
@runs_option
def list_(what: str, runs: Path) -> None:
    """List the benchmarks, or the archived runs."""
    click.echo(aligned(_benchmarks() if what == "benchmarks" else _runs(runs)))


def _benchmarks() -> list[list[str]]:
    rows = [["name", "context", "frames", "fps", "splits", "title"]]
    for name in benchmarks.names():
        info = benchmarks.get(name).info
        rows.append(
            [name, str(info.context), str(info.length), exact(info.fps), ",".join(info.splits), info.title]
        )
    return rows


def _runs(folder: Path) -> list[list[str]]:
    rows = [["run", "created", "finished", "model", "benchmarks"]]
    for path in list_runs(folder):
        run = load_run(path)
        done = ",".join(n for n, b in run.benchmarks.items() if b.record.metrics) or "-"
        rows.append([run.name, run.record.created, run.record.finished or "no", run.record.config.llm, done])
    return rows
