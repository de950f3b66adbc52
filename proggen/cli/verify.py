"""`proggen verify`."""

from __future__ import annotations

from pathlib import Path

import click

from ..audit.verify import verify as verify_run
from ..numbers import count
from ..progress import open_progress
from ..run.settings import default_jobs
from .options import data_options, open_run, quiet_option, runs_option, unsafe_option


@click.command("verify")
@click.argument("run")
@click.argument("episode", required=False)
@runs_option
@click.option("--jobs", type=click.IntRange(min=1), default=default_jobs, show_default="cores")
@data_options
@unsafe_option
@quiet_option
def verify(
    run: str,
    episode: str | None,
    runs: Path,
    jobs: int,
    data: Path | None,
    train_data: Path | None,
    unsafe: bool,
    quiet: bool,
) -> int:
    """Derive a run's states, frames and metrics again from programs and clips; exit code 1 if any differs.

    With EPISODE, BENCHMARK/ID as in 'proggen show RUN' or the ID alone where it is unique, those of this one.
    """
    found = open_run(run, runs)
    problems = verify_run(
        found,
        episode,
        jobs=jobs,
        data=data,
        train_data=train_data,
        unsafe=unsafe,
        progress=open_progress(quiet=quiet),
    )
    for line in problems:
        click.echo(line)
    episodes = 1 if episode else sum(len(b.episodes()) for b in found.benchmarks.values())
    click.echo(
        f"{count(len(problems), 'difference')}."
        if problems
        else f"All numbers of {count(episodes, 'episode')} derived again: no difference."
    )
    return 1 if problems else 0
