"""`proggen study RUN`."""

from __future__ import annotations

from pathlib import Path

import click

from ..audit.studies import EPISODES
from ..audit.studies import study as study_run
from ..progress import open_progress
from ..run.settings import default_jobs
from .options import data_options, open_run, quiet_option, runs_option, unsafe_option


@click.command("study")
@click.argument("run")
@runs_option
@click.option(
    "--episodes",
    type=click.IntRange(min=1),
    default=EPISODES,
    show_default=True,
    help="Episodes of the run to compare on, spread over its splits.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=default_jobs, show_default="cores")
@data_options
@unsafe_option
@quiet_option
def study(
    run: str,
    runs: Path,
    episodes: int,
    jobs: int,
    data: Path | None,
    train_data: Path | None,
    unsafe: bool,
    quiet: bool,
) -> None:
    """Add to a run what fewer training clips, candidates or repair rounds would have changed."""
    found = open_run(run, runs)
    study_run(
        found,
        episodes=episodes,
        jobs=jobs,
        data=data,
        train_data=train_data,
        unsafe=unsafe,
        progress=open_progress(quiet=quiet),
    )
    click.echo(f"Added studies.json to {', '.join(found.benchmarks)}; 'proggen build' shows it.")
