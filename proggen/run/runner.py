"""One benchmark from clips to archive, and all of them in a run."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from .. import benchmarks
from ..archive import load_run, store, writer
from ..archive.records import (
    BenchmarkRecord,
    CurvesRecord,
    MatchRecord,
    RivalRecord,
    RunConfig,
    RunRecord,
    Summary,
)
from ..archive.store import BenchmarkRun, Run
from ..benchmarks.base import Benchmark, DataOptions, Episode, EpisodeKey, EpisodeSource, physics_of, select
from ..clips import Clip
from ..errors import DataError, ProggenError, RecordingError, SynthesisError, UsageError
from ..evaluation import budget, effects, matching, perceptual, summary
from ..evaluation.baselines import Material, Panel, choose_rival, make_panel
from ..evaluation.baselines.base import Read
from ..evaluation.knowledge import panel as knowledge
from ..evaluation.references import references
from ..inference import JOBS
from ..llm import LanguageModel, open_model
from ..progress import Progress, Silent
from ..sandbox import Sandbox
from ..sandbox.workers import Workers
from ..states import Trajectory
from . import versions
from .ablations import fit_on_truth
from .episodes import EpisodeRunner
from .learning import Learned, learn, relearn
from .settings import Settings


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
    with Sandbox(JOBS, unsafe=settings.unsafe) as sandbox, Workers(sandbox, settings.jobs) as workers:
        new = not path.exists()

        def one(benchmark: str, record: RunRecord) -> None:
            with _timed(record.seconds, benchmark):
                try:
                    run_benchmark(benchmarks.get(benchmark), path, settings, model, workers, tell)
                    record.failures.pop(benchmark, None)
                except (SynthesisError, RecordingError, DataError) as error:
                    if len(record.config.benchmarks) == 1:
                        raise
                    record.failures[benchmark] = str(error)
                    tell.say(f"{benchmark}: no results: {error}")

        try:
            record = _begin(path, name, settings, sandbox)
            _side_by_side(lambda b: one(b, record), record.config.benchmarks, workers)
            return _end(path, record)
        except ProggenError:
            if new and path.exists() and store.holds_nothing(path):  # a refused run burns no name
                shutil.rmtree(path)
            raise


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
    given = training_clips(benchmark, settings.options(), settings.config().training_clips)
    training = given.episodes
    for line in (given.left_out, source.left_out):
        if line:
            progress.say(f"{info.name}: {line}")
    with _timed(seconds, "learn"):
        if done:
            learned, record = relearn(done, training), done.record
        else:
            learned = learn(info, training, model, workers, out, settings, progress)
            record = learned.record(
                info,
                training,
                match_variables(benchmark, training, [c.whole for c in learned.perceived]),
                references(info.name),
            )
            true_fit = fit_on_truth(learned, training, record.matches, workers, settings.seed)
            smallest = effects.smallest_effects(info, training, record.matches, record.estimation)
            record = record.model_copy(
                update={"problems": list(learned.notes), "fit_on_truth": true_fit, "smallest": smallest}
            )
            out.benchmark(record)
    with _timed(seconds, "baselines"):
        if settings.baselines:
            progress.say(f"{info.name}: learning baselines: {', '.join(settings.baselines)}")
        panel = learn_baselines(benchmark, settings.options(), settings.config(), learned, record, workers)
        if record.rival is None:
            rival = find_rival(
                benchmark, settings.options(), settings.config(), learned, record, workers, training
            )
            record = record.model_copy(update={"rival": rival})
            out.benchmark(record)
    with _timed(seconds, "episodes"):
        networks = perceptual.load() if settings.perceptual else None
        problems = list(networks.notes) if networks else []
        for note in problems:
            progress.say(f"{info.name}: {note}")
        problems += _episodes(
            benchmark, source, keys, learned, record, panel, networks, out, workers, progress
        )
    pooled, curves = pool(BenchmarkRun(out.path), {k.id for k in keys})
    out.curves(curves)
    out.knowledge(knowledge.derive(BenchmarkRun(out.path), info.true_constants))
    problems = [*record.problems, *given.problems, *source.problems, *panel.notes, *problems]
    record = record.model_copy(
        update={**pooled, "seconds": seconds, "problems": list(dict.fromkeys(problems))}
    )
    out.benchmark(record)
    return record


def match_variables(
    benchmark: Benchmark, training: Sequence[Episode], perceived: Sequence[Trajectory]
) -> list[MatchRecord]:
    """The program's variables against the truth's, on the training clips."""
    clip = training[0].clip
    return matching.match(
        [e.truth for e in training],
        perceived,
        benchmark.info.truth_variables,
        clip.camera,
        frame_size=(clip.height, clip.width),
        fps=clip.fps,
    )


class Training(NamedTuple):
    """Training clips, and what had to be left out on the way to them, as in `EpisodeSource`."""

    episodes: list[Episode]
    problems: list[str]
    left_out: str


def training_clips(benchmark: Benchmark, options: DataOptions, count: int) -> Training:
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
        how_many = "there is only one" if found else "there is none"
        why = "".join(f"; {p}" for p in [*source.problems, *problems][:3])
        raise DataError(f"{benchmark.info.name} needs at least 2 training clips, and {how_many}{why}.")
    return Training(found, [*source.problems, *problems], source.left_out)


def learn_baselines(
    benchmark: Benchmark,
    options: DataOptions,
    config: RunConfig,
    learned: Learned,
    record: BenchmarkRecord,
    workers: Workers,
    without: Set[str] = frozenset(),
) -> Panel:
    """The run's baselines, learned from all training clips but those named in `without`.

    They are not archived: the same clips and seed give the same ones again.
    """
    source = benchmark.training(options)

    def one(key: EpisodeKey, read: Callable[[Clip], Read]) -> Read | None:
        with suppress(DataError):  # a damaged row is one clip less
            clip = source.load(key).clip
            return None if clip.name in without else read(clip)
        return None

    def more(n: int, read: Callable[[Clip], Read]) -> list[Read]:
        found = workers.map(lambda key: one(key, read), source.keys[:n])
        return [f for f in found if f is not None]

    material = Material(
        info=benchmark.info,
        clips=tuple(c for c in learned.perceived if c.clip.name not in without),
        variables=tuple(learned.world.scene.variables),
        sandbox=workers.sandbox,
        seed=config.seed,
        more=more,
    )
    return make_panel(config.baselines, material, learned.world, record.matches)


def find_rival(
    benchmark: Benchmark,
    options: DataOptions,
    config: RunConfig,
    learned: Learned,
    record: BenchmarkRecord,
    workers: Workers,
    training: Sequence[Episode],
) -> RivalRecord | None:
    """The baseline to compare with, chosen on the training clips held out. None without baselines."""
    names = set(record.held_out_clips)
    aside = [e for e in training if e.clip.name in names]
    if not aside or not config.baselines:
        return None
    panel = learn_baselines(benchmark, options, config, learned, record, workers, names)
    return choose_rival(
        benchmark.info, learned.world, aside, panel, record.matches, record.smallest, workers.sandbox
    )


def _episodes(
    benchmark: Benchmark,
    source: EpisodeSource,
    keys: list[EpisodeKey],
    learned: Learned,
    record: BenchmarkRecord,
    panel: Panel,
    networks: perceptual.Perceptual | None,
    out: writer.BenchmarkWriter,
    workers: Workers,
    progress: Progress,
) -> list[str]:
    """Run what is not archived yet; returns why episodes had to be left out."""
    runner = EpisodeRunner(
        benchmark.info, learned, record, workers.sandbox, panel, physics_of(benchmark), networks
    )
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


def pool(benchmark: BenchmarkRun, ids: Set[str] | None = None) -> tuple[dict[str, Any], CurvesRecord]:
    """Fields of the benchmark's record that are pooled over its episodes (those of `ids`), and the curves."""
    record = benchmark.record
    runs = sorted(
        (e for e in benchmark.episodes() if ids is None or e.record.id in ids), key=lambda e: e.record.id
    )
    episodes, splits = [e.record for e in runs], (record.splits, record.ood_splits)
    pooled = {
        "metrics": summary.summarise(episodes, *splits, seed=0),
        "differences": summary.compare(episodes, *splits, seed=0, smallest=record.smallest),
        "fvd": perceptual.pooled_fvd([(e.record, f) for e in runs if (f := e.features())], *splits),
        "budgets": budget.budgets(summary.groups(episodes, *splits), seed=0),
    }
    return pooled, summary.curves(((e.record, e.over_time()) for e in runs), record.ood_splits, seed=0)


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
