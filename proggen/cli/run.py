"""`proggen run-all` and `proggen run BENCHMARK`."""

from __future__ import annotations

from typing import Any

import click

from ..archive import Run
from ..progress import open_progress
from ..run.runner import run as run_benchmarks
from .options import run_options, settings
from .tables import headline


@click.command("run-all")
@run_options
def run_all(quiet: bool, **options: Any) -> None:
    """Run every benchmark and archive it under runs/."""
    _run((), quiet, options)


@click.command("run")
@click.argument("benchmark", nargs=-1, required=True)
@run_options
def run(benchmark: tuple[str, ...], quiet: bool, **options: Any) -> None:
    """Run one benchmark, or several, and archive them under runs/."""
    _run(benchmark, quiet, options)


def _run(names: tuple[str, ...], quiet: bool, options: dict[str, Any]) -> None:
    done = run_benchmarks(settings(names, options), open_progress(quiet=quiet))
    click.echo(report(done))


def report(done: Run) -> str:
    lines = [headline(done), "", f"Archived in {done.path}."]
    lines += [f"No results for {name}: {reason}" for name, reason in done.record.failures.items()]
    return "\n".join([*lines, "Make its pages with 'proggen build', look at them with 'mkdocs serve'."])
