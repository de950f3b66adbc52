"""`proggen publish`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from ..errors import ProggenError
from ..numbers import count, size
from ..progress import open_progress
from ..report.budgets import SITE, Weights, weigh
from ..report.build import build as build_pages
from .options import quiet_option, runs_option, site_option

MANY = 5  # heavy pages that are named


@click.command("publish")
@click.option(
    "--site-url",
    default="",
    help="Address the site will have, with its sub-path: for links that others follow.",
)
@runs_option
@site_option
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=SITE // 10**6,
    show_default=True,
    help="MB the site may have.",
)
@quiet_option
def publish(site_url: str, runs: Path, site: Path, most: int, quiet: bool) -> None:
    """Build the whole site and check that a static host can take it.

    Pages of all runs, MkDocs in strict mode, weights against their budgets. The result is the folder site/,
    which works below any path and from disk: copy it to a host.
    """
    build_pages(runs, site, open_progress(quiet=quiet))
    _mkdocs(site, site_url)
    found = weigh(site / "site")
    for remark in _heavy(found):
        click.echo(remark, err=True)
    if found.total > most * 10**6:
        raise ProggenError(
            f"The site has {size(found.total)}, more than {most} MB: publish fewer episodes or raise --most."
        )
    click.echo(
        f"{site / 'site'} is ready: {count(found.pages, 'page')}, {size(found.total)}. Copy it to a static host."
    )


def _mkdocs(site: Path, site_url: str) -> None:
    """MkDocs in a process of its own, as its command does it; its warnings are errors.

    Not with --quiet, under which MkDocs counts no warnings and --strict checks nothing.
    """
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", **({"SITE_URL": site_url} if site_url else {})}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(site / "mkdocs.yml")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("INFO")]
        raise ProggenError(f"MkDocs does not build the site: {' '.join(said)}")


def _heavy(found: Weights) -> list[str]:
    named = [f"{page} has {size(n)}, budgeted {size(limit)}." for page, n, limit in found.heavy]
    return (
        named
        if len(named) <= MANY
        else [*named[:MANY], f"{len(named) - MANY} more pages are over their budget."]
    )
