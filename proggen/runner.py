"""One benchmark from clips to archive, and all of them in a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from . import benchmarks, versions
from .archive import load_run, store, writer
from .archive.records import BenchmarkRecord, MatchRecord, RunRecord, Splits, Summary
from .archive.store import BenchmarkRun, Run
from .benchmarks.base import Benchmark, DataOptions, Episode, EpisodeKey, EpisodeSource, select
from .episodes import EpisodeRunner
from .errors import DataError, ProggenError, RecordingError, SynthesisError, UsageError
from .evaluation import matching, summary
from .evaluation.published import published
from .learning import Learned, learn, relearn
from .llm import LanguageModel, open_model
from .progress import Progress, Silent
from .sandbox import Sandbox
from .settings import Settings
from .workers import Workers


def run(settings: Settings, progress: Progress | None = None) -> Run:
    """Run the benchmarks of `settings` into an archive; a run of that name that was stopped goes on.

    A benchmark whose programs can't be had is told in the archive and does not stop the others; if none has
    results, its error is raised.
    """
    tell = progress or Silent()
    model = open_model(
        settings.llm, recordings=settings.recordings, timeout=settings.timeout, retries=settings.retries
    )
    name = settings.run_name()
    path = settings.runs / name
    with Sandbox(unsafe=settings.unsafe) as sandbox, Workers(sandbox, settings.jobs) as workers:
        record = _begin(path, name, settings, sandbox)

        def one(benchmark: str) -> None:
            with _timed(record.seconds, benchmark):
                try:
                    run_benchmark(benchmarks.get(benchmark), path, settings, model, workers, tell)
                    record.failures.pop(benchmark, None)
                except (SynthesisError, RecordingError, DataError) as error:
                    if len(record.config.benchmarks) == 1:
                        raise
                    record.failures[benchmark] = str(error)
                    tell.say(f"{benchmark}: no results: {error}")

        _side_by_side(one, record.config.benchmarks, workers)
    return _end(path, record)


def _side_by_side(work: Callable[[str], None], names: list[str], workers: Workers) -> None:
    """Benchmarks overlap, so that the cores are busy while one of them waits for its model or a long fit."""
    with ThreadPoolExecutor(min(workers.jobs, len(names))) as pool:
        futures = [pool.submit(work, name) for name in names]
        try:
            for done in as_completed(futures):
                done.result()
        except BaseException:
            for future in futures:
                future.cancel()
            workers.stop()
            raise


def run_benchmark(
    benchmark: Benchmark,
    run_path: Path,
    settings: Settings,
    model: LanguageModel,
    workers: Workers,
    progress: Progress,
) -> BenchmarkRecord:
    """Learn the programs, then estimate, predict, render and score every episode."""
    info = benchmark.info
    out = writer.BenchmarkWriter(run_path / info.name)
    done = BenchmarkRun(out.path) if (out.path / "benchmark.json").exists() else None
    if done and done.record.metrics:
        return done.record
    seconds: dict[str, float] = dict(done.record.seconds) if done else {}
    source = benchmark.evaluation(settings.options())
    keys = select(source.keys, info.splits, settings.episodes)
    training = training_episodes(benchmark, settings.options(), settings.config().training_clips)
    with _timed(seconds, "learn"):
        if done:
            learned, record = relearn(done, training), done.record
        else:
            learned = learn(info, training, model, workers, out, settings, progress)
            record = learned.record(
                info, training, _matches(benchmark, training, learned), published(info.name)
            )
            record = record.model_copy(update={"problems": list(out.notes)})
            out.benchmark(record)
    with _timed(seconds, "episodes"):
        problems = _episodes(benchmark, source, keys, learned, record, out, workers, progress)
    metrics = _metrics(out, record, keys)
    problems = [*record.problems, *source.problems, *problems]
    record = record.model_copy(
        update={"metrics": metrics, "seconds": seconds, "problems": list(dict.fromkeys(problems))}
    )
    out.benchmark(record)
    return record


def _matches(benchmark: Benchmark, training: list[Episode], learned: Learned) -> list[MatchRecord]:
    """The program's variables against the truth's, on the training clips."""
    clip = training[0].clip
    return matching.match(
        [e.truth for e in training],
        [c.whole for c in learned.perceived],
        benchmark.info.truth_variables,
        clip.camera,
        frame_size=(clip.height, clip.width),
        fps=clip.fps,
    )


def training_episodes(benchmark: Benchmark, options: DataOptions, count: int) -> list[Episode]:
    """The first `count` training clips that can be read. DataError if fewer than two can."""
    found: list[Episode] = []
    problems: list[str] = []
    source = benchmark.training(options)
    for key in source.keys:
        if len(found) == count:
            break
        try:
            found.append(source.load(key))
        except DataError as error:
            problems.append(str(error))
    if len(found) < 2:
        why = "; ".join([*source.problems, *problems]) or "there are none"
        raise DataError(f"{benchmark.info.name} needs at least 2 training clips: {why}")
    return found


def _episodes(
    benchmark: Benchmark,
    source: EpisodeSource,
    keys: list[EpisodeKey],
    learned: Learned,
    record: BenchmarkRecord,
    out: writer.BenchmarkWriter,
    workers: Workers,
    progress: Progress,
) -> list[str]:
    """Run what is not archived yet; returns why episodes had to be left out."""
    runner = EpisodeRunner(benchmark.info, learned, record, workers.sandbox)
    first = {k.split: k.id for k in reversed(keys)}
    todo = [k for k in keys if not out.has_episode(k.id)]

    def one(key: EpisodeKey) -> str | None:
        try:
            episode = source.load(key)
        except DataError as error:
            return str(error)
        out.episode(*runner.run(episode, imagine=first[key.split] == key.id))
        return None

    with progress.task(f"{benchmark.info.name}: episodes", len(todo)) as task:
        return [p for p in workers.map(one, todo, task) if p]


def _metrics(out: writer.BenchmarkWriter, record: BenchmarkRecord, keys: list[EpisodeKey]) -> Splits:
    episodes = [e.record for e in BenchmarkRun(out.path).episodes()]
    wanted = {k.id for k in keys}
    return summary.summarise(
        [e for e in episodes if e.id in wanted], record.splits, record.ood_splits, seed=0
    )


def _begin(path: Path, name: str, settings: Settings, sandbox: Sandbox) -> RunRecord:
    config = settings.config()
    if store.is_run(path):
        record = load_run(path).record
        if record.config != config:
            raise UsageError(f"The run '{name}' exists with other settings: choose another --name.")
        writer.remove_leftovers(path)
        return record
    record = RunRecord(
        name=name,
        config=config,
        command=settings.command(name),
        created=writer.now(),
        versions=versions.versions(),
        sandbox=sandbox.record,
    )
    writer.write_record(path / "run.json", record)
    return record


def _end(path: Path, record: RunRecord) -> Run:
    run = Run(path)
    found = {name: b.record.metrics for name, b in run.benchmarks.items() if b.record.metrics}
    record.finished = writer.now()
    writer.write_record(path / "summary.json", Summary(benchmarks=found))
    writer.write_record(path / "run.json", record)
    if not found:
        raise ProggenError("No benchmark has results: " + "; ".join(record.failures.values()))
    return load_run(path)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    start = time.monotonic()
    try:
        yield
    finally:
        seconds[stage] = round(seconds.get(stage, 0.0) + time.monotonic() - start, 2)
