"""`proggen export BENCHMARK FILE`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from .. import benchmarks
from ..benchmarks.base import DataOptions, Episode, Impacts, select
from ..benchmarks.phyworld.files import export as write_file
from ..errors import UsageError
from ..progress import open_progress
from .options import Episodes, impacts_option, quiet_option, seed_option


@click.command("export")
@click.argument("benchmark")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--training", is_flag=True, help="Export training clips and not evaluation episodes.")
@click.option("--episodes", type=Episodes(), default="all", show_default=True, help="How many.")
@seed_option
@impacts_option
@quiet_option
def export(
    benchmark: str,
    file: Path,
    training: bool,
    episodes: int | None,
    seed: int,
    impacts: Impacts,
    quiet: bool,
) -> None:
    """Write a PhyWorld benchmark's videos, positions and initial values in the published HDF5 layout."""
    kind = benchmarks.get(benchmark)
    if kind.info.velocity_protocol is None:
        raise UsageError(f"{benchmark} has no published file layout; the phyworld benchmarks have.")
    options = DataOptions(seed=seed, impacts=impacts)
    source = kind.training(options) if training else kind.evaluation(options)
    keys = list(source.keys)[:episodes] if training else select(source.keys, kind.info.splits, episodes)
    with open_progress(quiet=quiet).task(f"{benchmark}: export", len(keys)) as task:

        def made() -> Iterator[Episode]:
            for key in keys:
                yield source.load(key)
                task.advance()

        write_file(file, made())
    click.echo(f"Wrote {len(keys)} videos to {file}.")
