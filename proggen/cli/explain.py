"""`proggen explain RUN EPISODE`."""

from __future__ import annotations

from pathlib import Path

import click

from ..archive.records import BenchmarkRecord
from ..archive.store import EpisodeRun
from ..numbers import error_column, unit
from ..report import budget_view
from .options import open_run, runs_option
from .tables import aligned, plain


@click.command("explain")
@click.argument("run")
@click.argument("episode")
@runs_option
def explain(run: str, episode: str, runs: Path) -> None:
    """Tell where an episode's error comes from: perception, parameters, structure or rendering.

    EPISODE is BENCHMARK/ID as in 'proggen show RUN', or the ID alone where it is unique.
    """
    benchmark, entry = open_run(run, runs).find(episode)
    record = benchmark.record
    parts = [f"{record.benchmark}/{entry.record.id}, split {entry.record.split}"]
    parts += _failed(entry) if entry.record.failure else [*_budget(record, entry), *_start(record, entry)]
    parts += _parameters(record)
    click.echo(plain("\n\n".join(parts)))


def _failed(entry: EpisodeRun) -> list[str]:
    failure = entry.record.failure
    assert failure is not None
    return [f"Nothing was predicted: a program failed ({failure.kind}): {failure.message}"]


def _budget(record: BenchmarkRecord, entry: EpisodeRun) -> list[str]:
    found = budget_view.episode_budgets(record, entry.record)
    if not found:
        return ["No error could be split: no variable of the program stands for a true one."]
    rows = [["metric", "unit", "error", "perception", "parameters", "structure", "own physics"]]
    rows += [
        [
            str(b.words.label),
            str(b.words.unit),
            *(b.precision.value(b.parts.get(c)) for c in budget_view.COLUMNS),
        ]
        for b in found
        if "structure" in b.parts
    ]
    sentences = ["\n".join([f"{b.words.label}:", *(f"  {s}" for s in b.sentences)]) for b in found if b.told]
    missing = (
        []
        if any("physics" in b.parts for b in found)
        else ["No row for the benchmark's own physics: it has none to offer, or a variable has no match."]
    )
    return [aligned(rows), *sentences, *missing]


def _start(record: BenchmarkRecord, entry: EpisodeRun) -> list[str]:
    rows = [["at the end of the given frames", "estimated", "true", "difference", "unit"]]
    for row in budget_view.start_rows(record, entry.states):
        values = (row.precision.value(v) for v in (row.estimated, row.true, row.difference))
        rows.append([row.name, *values, unit(row.unit)])
    return [aligned(rows)]


def _parameters(record: BenchmarkRecord) -> list[str]:
    rows = [
        ["parameter", "fitted", "standard error", "fitted to the truth", "unit", "identified by the clips"]
    ]
    true = {p.name: p.true for p in budget_view.parameter_rows(record)}
    for p in record.fit.parameters:
        column = error_column(p.value, p.std_error, digits=5)
        error = p.std_error if p.identified else None
        values = (column.value(v) for v in (p.value, error, true.get(p.name)))
        rows.append([p.name, *values, unit(p.unit), p.told])
    return [aligned(rows)] if len(rows) > 1 else []
