"""`proggen show RUN`."""

from __future__ import annotations

import math
from pathlib import Path

import click

from ..archive import BenchmarkRun, Run
from ..evaluation.severity import Severity, severities, worst_first
from ..numbers import exact, fitted, number, percent, times, unit
from ..report.knowledge_view import VERDICTS
from .options import open_run, runs_option
from .tables import aligned, headline, plain

_WITH_REASON = 5


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
        rows = [["parameter", "value", "bounds", "unit", "identified by the clips"]]
        for p in record.fit.parameters:
            told = f"{p.told}{', at a bound' if p.at_bound and p.status != 'at_bound' else ''}"
            bounds = f"[{exact(p.low)}, {exact(p.high)}]"
            rows.append([p.name, fitted(p), bounds, unit(p.unit), told])
        for c in record.fit.combinations:
            told = f"identified to {percent(c.relative_std_error)}"
            rows.append([c.text, number(c.value, 4), "", unit(c.unit), told])
        known = benchmark.knowledge()
        verdict = f"what the model already knew: {VERDICTS[known.verdict]}\n" if known else ""
        chosen = ", ".join(record.chosen.values())
        listed = ", ".join(_ranked(benchmark))
        parts.append(
            f"{name}\nchosen: {chosen}\n{verdict}{plain(aligned(rows))}\nepisodes, worst first: {plain(listed)}"
        )
    return parts


def _ranked(benchmark: BenchmarkRun) -> list[str]:
    """Ids; the first few with the metric that they are worst by."""
    records, smallest = [e.record for e in benchmark.episodes()], benchmark.record.smallest
    found, ids = severities(records, smallest), [e.id for e in worst_first(records, smallest)]
    return [f"{i} ({_reason(found[i])})" for i in ids[:_WITH_REASON]] + ids[_WITH_REASON:]


def _reason(found: Severity) -> str:
    if found.failed:
        return "a program failed"
    if found.metric is None:
        return "no metric is defined"
    if math.isinf(found.times):
        return f"{found.metric} has no value"
    return f"{found.metric} {times(found.times)} its split's median"
