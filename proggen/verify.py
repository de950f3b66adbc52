"""Verify: derive every archived number again, from the archived programs and the clips."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from . import benchmarks
from .archive import BenchmarkRun, Run
from .archive.records import EpisodeRecord, Splits
from .benchmarks.base import EpisodeKey
from .episodes import EpisodeRunner
from .evaluation import summary
from .imagine import data_options
from .learning import relearn
from .progress import Progress, Silent
from .runner import training_episodes
from .sandbox import Sandbox
from .workers import Workers

_TOLERANCE = 1e-6  # relative; on the machine that made the run the difference is none


def verify(
    run: Run,
    *,
    jobs: int = 1,
    data: Path | None = None,
    train_data: Path | None = None,
    unsafe: bool = False,
    progress: Progress | None = None,
) -> list[str]:
    """What does not agree with the archive, a sentence each; empty if everything does.

    Checks the digests of all files, predicts and scores every episode again, and pools the metrics again.
    """
    found: list[str] = []
    with Sandbox(unsafe=unsafe) as sandbox, Workers(sandbox, jobs) as workers:
        for name, benchmark in run.benchmarks.items():
            found += [f"{name}: {path} was changed after it was archived." for path in benchmark.damaged()]
            found += _episodes(run, benchmark, workers, data, train_data, progress or Silent())
            found += _pooled(benchmark)
        if any(run.summary.benchmarks.get(n) != b.record.metrics for n, b in run.benchmarks.items()):
            found.append("summary.json differs from the benchmarks' metrics.")
    return found


def _episodes(
    run: Run,
    benchmark: BenchmarkRun,
    workers: Workers,
    data: Path | None,
    train_data: Path | None,
    progress: Progress,
) -> list[str]:
    options = data_options(run.record, data, train_data)
    kind = benchmarks.get(benchmark.record.benchmark)
    training = training_episodes(kind, options, run.record.config.training_clips)
    runner = EpisodeRunner(kind.info, relearn(benchmark, training), benchmark.record, workers.sandbox)
    source = kind.evaluation(options)

    def one(archived: EpisodeRecord) -> list[str]:
        episode = source.load(EpisodeKey(archived.id, archived.split))
        again = runner.run(episode, imagine=False)[0]
        return list(_differences(f"{archived.benchmark}/{archived.id}", archived, again))

    records = [e.record for e in benchmark.episodes()]
    with progress.task(f"{benchmark.record.benchmark}: verify", len(records)) as task:
        return [line for lines in workers.map(one, records, task) for line in lines]


def _differences(name: str, archived: EpisodeRecord, again: EpisodeRecord) -> Iterator[str]:
    if archived.failure != again.failure:
        yield f"{name}: the programs failed differently: {archived.failure} then, {again.failure} now."
    for metric in sorted({*archived.metrics, *again.metrics}):
        then, now = archived.metrics.get(metric, {}), again.metrics.get(metric, {})
        for method in sorted({*then, *now}):
            if not _same(then.get(method), now.get(method)):
                both = f"archived as {then.get(method)}, derived as {now.get(method)}"
                yield f"{name}: {metric} of {method} is {both}."


def _same(a: float | None, b: float | None) -> bool:
    return a == b if a is None or b is None else math.isclose(a, b, rel_tol=_TOLERANCE, abs_tol=1e-12)


def _pooled(benchmark: BenchmarkRun) -> list[str]:
    record = benchmark.record
    again: Splits = summary.summarise(
        [e.record for e in benchmark.episodes()], record.splits, record.ood_splits, seed=0
    )
    if again == record.metrics:
        return []
    return [f"{record.benchmark}: the pooled metrics are not those of the archived episodes."]
