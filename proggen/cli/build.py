"""`proggen build`."""

from __future__ import annotations

from pathlib import Path

import click

from ..progress import open_progress
from ..report.build import build as build_pages
from .options import quiet_option, runs_option, site_option


@click.command("build")
@runs_option
@site_option
@click.option(
    "--compare",
    nargs=2,
    multiple=True,
    metavar="RUN RUN",
    help="Set these two runs side by side (can be repeated); by default each and the newest that shares a benchmark.",
)
@quiet_option
def build(runs: Path, site: Path, compare: tuple[tuple[str, str], ...], quiet: bool) -> None:
    """Render the archived runs as pages in docs/results/. What has not changed since the last time stays."""
    pages = build_pages(runs, site, open_progress(quiet=quiet), compare)
    click.echo(f"Wrote {len(pages)} pages to {site / 'docs' / 'results'}; look at them with 'mkdocs serve'.")
