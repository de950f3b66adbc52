"""`proggen build`."""

from __future__ import annotations

from pathlib import Path

import click

from ..progress import open_progress
from ..report.build import build as build_pages
from .options import quiet_option, runs_option


@click.command("build")
@runs_option
@click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("."),
    show_default=True,
    help="Folder with mkdocs.yml and docs/.",
)
@quiet_option
def build(runs: Path, site: Path, quiet: bool) -> None:
    """Render the archived runs as pages in docs/results/."""
    pages = build_pages(runs, site, open_progress(quiet=quiet))
    click.echo(f"Wrote {len(pages)} pages to {site / 'docs' / 'results'}; look at them with 'mkdocs serve'.")
