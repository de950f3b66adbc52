"""`proggen show RUN`."""

from __future__ import annotations

from pathlib import Path

import click

from ..archive import Run
from ..numbers import exact, fitted, number, percent, unit
from .options import open_run, runs_option
from .tables import aligned, headline, plain


@click.command("show")
@click.argument("run")
@click.option("--headline", "only_headline", is_flag=True, help="Print the headline numbers alone.")
@click.option("--json", "as_json", is_flag=True, help="Print summary.json.")
@runs_option
def show(run: str, only_headline: bool, as_json: bool, runs: Path) -> None:
    """Show an archived run: headline numbers, programs, parameters, episodes."""
    found = open_run(run, runs)
    if as_json:
        click.echo(found.summary.model_dump_json(indent=1))
        return
    if only_headline:
        click.echo(headline(found))
        return
    click.echo(f"{found.name}: {found.record.command}")
    click.echo(f"model {found.record.config.llm}, sandbox level {found.record.sandbox.level}\n")
    click.echo(headline(found))
    for text in _benchmarks(found):
        click.echo(f"\n{text}")


def _benchmarks(run: Run) -> list[str]:
    parts = []
    for name, benchmark in run.benchmarks.items():
        record = benchmark.record
        rows = [["parameter", "value", "bounds", "unit", "identified"]]
        for p in record.fit.parameters:
            bounds = f"[{exact(p.low)}, {exact(p.high)}]"
            rows.append([p.name, fitted(p), bounds, unit(p.unit), "yes" if p.identified else "no"])
        for c in record.fit.combinations:
            known = f"yes, to {percent(c.relative_std_error)}"
            rows.append([c.text, number(c.value, 4), "", unit(c.unit), known])
        chosen = ", ".join(record.chosen.values())
        ids = ", ".join(e.record.id for e in benchmark.episodes())
        parts.append(f"{name}\nchosen: {chosen}\n{plain(aligned(rows))}\nepisodes: {ids}")
    return parts
