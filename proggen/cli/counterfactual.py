"""`proggen counterfactual`."""

from __future__ import annotations

from pathlib import Path

import click

from ..audit.imagine import counterfactual as imagine
from .options import data_option, open_run, runs_option, unsafe_option


@click.command("counterfactual")
@click.argument("run")
@click.argument("episode")
@click.option(
    "--set",
    "changes",
    multiple=True,
    required=True,
    help="NAME=VALUE, NAME*=VALUE or NAME+=VALUE; NAME: parameter, state variable or actions[FROM:TO].",
)
@runs_option
@data_option
@unsafe_option
def counterfactual(
    run: str, episode: str, changes: tuple[str, ...], runs: Path, data: Path | None, unsafe: bool
) -> None:
    """Change parameters, initial state or actions of an archived episode and predict it again.

    EPISODE is BENCHMARK/ID as in 'proggen show RUN', or the ID alone where it is unique.
    """
    path = imagine(open_run(run, runs), episode, changes, data=data, unsafe=unsafe)
    click.echo(f"Archived in {path}; 'proggen build' puts it on the episode's page.")
