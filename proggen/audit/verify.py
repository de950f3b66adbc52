"""Verify: derive every archived number again, from the archived programs and the clips."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .. import benchmarks
from ..archive import BenchmarkRun, Run, media
from ..archive.files import digest
from ..archive.records import (
    BenchmarkRecord,
    CandidateRecord,
    EpisodeRecord,
    FeaturesRecord,
    FitRecord,
    OverTimeRecord,
    Record,
    RunConfig,
    StatesRecord,
    SweepsRecord,
    trajectory_record,
)
from ..archive.store import EpisodeRun
from ..benchmarks.base import Benchmark, DataOptions, Episode, EpisodeKey, physics_of
from ..errors import SynthesisError
from ..evaluation import perceptual
from ..evaluation.effects import smallest_effects
from ..evaluation.knowledge import panel as knowledge
from ..inference import JOBS
from ..llm import Prompt, Reply
from ..progress import Progress, Silent
from ..run.ablations import fit_on_truth
from ..run.episodes import EpisodeRunner
from ..run.learning import Learned, relearn
from ..run.runner import find_rival, learn_baselines, pool, training_clips
from ..sandbox import Sandbox
from ..sandbox.workers import Workers
from ..synthesis import Candidate
from . import studies
from .imagine import data_options
from .replay import replay

_TOLERANCE = 1e-6  # relative; on the machine that made the run the difference is none
_ROUNDED = 2e-5  # of numbers archived with six digits
_FEATURES = 1e-3  # of a network's outputs in single precision
_OF_A_CANDIDATE = {"status", "scores", "digest", "fit"}  # what does not depend on the machine's words
_TRUE_FIT = "the parameters fitted to true states differ from what is derived."


def verify(
    run: Run,
    episode: str | None = None,
    *,
    jobs: int = 1,
    data: Path | None = None,
    train_data: Path | None = None,
    unsafe: bool = False,
    progress: Progress | None = None,
) -> list[str]:
    """What does not agree with the archive, a sentence each; empty if everything does.

    Checks the digests of all files, goes through synthesis again with the archived replies, estimates, predicts,
    draws and scores every episode again, pools the metrics again, and makes the studies again, if there are any.
    With `episode`, BENCHMARK/ID or an ID that is unique, all that is of this episode alone.
    """
    tell, found = progress or Silent(), list[str]()
    with Sandbox(JOBS, unsafe=unsafe) as sandbox, Workers(sandbox, jobs) as workers:
        if episode is not None:
            benchmark, entry = run.find(episode)
            found += _changed(f"{benchmark.record.benchmark}/{entry.record.id}", entry.damaged())
            return found + _episodes(run, benchmark, [entry.record], workers, data, train_data, tell)
        for name, benchmark in run.benchmarks.items():
            records = [e.record for e in benchmark.episodes()]
            found += _changed(name, benchmark.damaged())
            tell.say(f"{name}: learning again from the archived replies")
            found += _learned(run, benchmark, workers, data_options(run.record, data, train_data))
            found += _episodes(run, benchmark, records, workers, data, train_data, tell)
            found += _pooled(benchmark)
            found += _known(benchmark)
            found += _studied(run, benchmark, workers, data_options(run.record, data, train_data))
        if any(run.summary.benchmarks.get(n) != b.record.metrics for n, b in run.benchmarks.items()):
            found.append("summary.json differs from the benchmarks' metrics.")
    return found


def _changed(name: str, damaged: Sequence[str]) -> list[str]:
    return [f"{name}: {path} was changed after it was archived." for path in damaged]


def _learned(run: Run, benchmark: BenchmarkRun, workers: Workers, options: DataOptions) -> list[str]:
    """What synthesis from the archived replies finds otherwise: programs, states of training clips, fit."""
    record, config = benchmark.record, run.record.config
    kind = benchmarks.get(record.benchmark)
    clips = [e.clip for e in training_clips(kind, options, config.training_clips).episodes]
    journal = _Candidates()
    try:
        again = replay(
            kind.info,
            clips,
            benchmark.path / "transcripts",
            workers,
            candidates=config.candidates,
            rounds=config.rounds,
            seed=config.seed,
            journal=journal,
        )
    except SynthesisError as error:
        return [f"{record.benchmark}: the archived replies give no programs any more: {error}"]
    perceived = {c.clip.name: trajectory_record(c.whole, 0).model_dump() for c in again.perceived}
    pairs: dict[str, tuple[object, object]] = {
        "choice of candidates": (record.chosen, again.chosen),
        "program": (benchmark.programs(), again.world.sources),
        "outcome of a candidate": (_outcomes(benchmark.candidates()), _outcomes(journal.records)),
        "comparison of candidates": (
            [t.model_dump() for t in record.selection],
            [t.model_dump() for t in again.selection],
        ),
        "fit": (record.fit.model_dump(), again.fit.model_dump()),
        "way to estimate": (record.estimation.model_dump(), again.world.estimation.model_dump()),
        "state of a training clip": (
            {t.clip: t.perceived.model_dump() for t in benchmark.training()},
            perceived,
        ),
    }
    return [
        f"{record.benchmark}: synthesis from the archived replies finds another {what}."
        for what, (then, now) in pairs.items()
        if not alike(then, now)
    ]


class _Candidates:
    """A journal that keeps what became of the replies."""

    def __init__(self) -> None:
        self.records: list[CandidateRecord] = []

    def transcript(self, prompt: Prompt, reply: Reply) -> None:
        pass

    def candidate(self, candidate: Candidate) -> None:
        known = None if candidate.source is None else digest(candidate.source)
        self.records.append(candidate.record(known))

    def note(self, line: str) -> None:
        pass


def _outcomes(candidates: Sequence[CandidateRecord]) -> dict[str, object]:
    return {c.transcript: c.model_dump(include=_OF_A_CANDIDATE) for c in candidates}


def _known(benchmark: BenchmarkRun) -> list[str]:
    """What the model already knew, from the archive and the benchmark's true constants."""
    name, then = benchmark.record.benchmark, benchmark.knowledge()
    if then is None:
        return [f"{name}: knowledge.json is missing."]
    now = knowledge.derive(benchmark, benchmarks.get(name).info.true_constants)
    if alike(then.model_dump(), now.model_dump()):
        return []
    return [f"{name}: what the model already knew (knowledge.json) differs from what is derived."]


def _episodes(
    run: Run,
    benchmark: BenchmarkRun,
    records: Sequence[EpisodeRecord],
    workers: Workers,
    data: Path | None,
    train_data: Path | None,
    progress: Progress,
) -> list[str]:
    options = data_options(run.record, data, train_data)
    kind = benchmarks.get(benchmark.record.benchmark)
    training = training_clips(kind, options, run.record.config.training_clips).episodes
    learned, record, config = relearn(benchmark, training), benchmark.record, run.record.config
    panel = learn_baselines(kind, options, config, learned, record, workers)
    networks = perceptual.load() if config.perceptual else None
    runner = EpisodeRunner(kind.info, learned, record, workers.sandbox, panel, physics_of(kind), networks)
    source = kind.evaluation(options)

    def one(archived: EpisodeRecord) -> list[str]:
        episode = source.load(EpisodeKey(archived.id, archived.split))
        swept = benchmark.episode(archived.id).sweeps()
        again, states, files, _ = runner.run(episode, imagine=swept is not None)
        series = OverTimeRecord.model_validate_json(files["over_time.json"])
        name = f"{archived.benchmark}/{archived.id}"
        entry = benchmark.episode(archived.id)
        found = [*_differences(name, archived, again), *_elsewhere(name, entry.over_time(), series)]
        found += [f"{name}: {what} differ from what is derived." for what in _shown(entry, states, files)]
        if swept is not None and not _same_sweeps(swept, files.get("sweeps.json")):
            found.append(f"{name}: the counterfactuals of the sliders differ from what is derived.")
        if (features := entry.features()) is not None and "features.json" in files:
            derived = FeaturesRecord.model_validate_json(files["features.json"])
            same = alike(features.features, derived.features, _FEATURES)
            found += [] if same else [f"{name}: the features of FVD differ from what is derived."]
        return found

    missing = [f"{record.benchmark}: {note}" for note in networks.notes] if networks else []
    true_fit = fit_on_truth(learned, training, record.matches, workers, config.seed)
    found = [] if _same_values(record.fit_on_truth, true_fit) else [f"{record.benchmark}: {_TRUE_FIT}"]
    found += _yardsticks(kind, options, config, learned, record, workers, training)
    with progress.task(f"{benchmark.record.benchmark}: verify", len(records)) as task:
        return missing + found + [line for lines in workers.map(one, records, task) for line in lines]


def _yardsticks(
    kind: Benchmark,
    options: DataOptions,
    config: RunConfig,
    learned: Learned,
    record: BenchmarkRecord,
    workers: Workers,
    training: Sequence[Episode],
) -> list[str]:
    """What is compared with, and from which size on a difference matters: both come from the training clips."""
    smallest = smallest_effects(kind.info, training, record.matches, record.estimation)
    rival = find_rival(kind, options, config, learned, record, workers, training)
    pairs = {
        "baseline to compare with": (_plain(record.rival), _plain(rival)),
        "table of smallest effects": (record.smallest, smallest),
    }
    return [
        f"{record.benchmark}: another {what} is derived from the training clips."
        for what, (then, now) in pairs.items()
        if not alike(then, now)
    ]


def _plain(record: Record | None) -> object:
    return None if record is None else record.model_dump()


def _differences(name: str, archived: EpisodeRecord, again: EpisodeRecord) -> Iterator[str]:
    if archived.failure != again.failure:
        yield f"{name}: the programs failed differently: {archived.failure} then, {again.failure} now."
    for metric in sorted({*archived.metrics, *again.metrics}):
        then, now = archived.metrics.get(metric, {}), again.metrics.get(metric, {})
        for method in sorted({*then, *now}):
            if not _same(then.get(method), now.get(method)):
                both = f"archived as {then.get(method)}, derived as {now.get(method)}"
                yield f"{name}: {metric} of {method} is {both}."


def _elsewhere(name: str, archived: OverTimeRecord, again: OverTimeRecord) -> Iterator[str]:
    for metric in sorted({*archived.values, *again.values}):
        if not alike(archived.values.get(metric), again.values.get(metric), _ROUNDED):
            yield f"{name}: {metric} over the frames differs from what is derived."


def _shown(archived: EpisodeRun, states: StatesRecord | None, files: Mapping[str, bytes]) -> Iterator[str]:
    """What differs of the states and of the exact frames, on which the pages stand."""
    if states is not None and not alike(archived.states.model_dump(), states.model_dump()):
        yield "the states"
    for sheet in sorted(f for f in files if f in ("truth.webp", "prediction.webp")):
        path = archived.path / sheet
        if not (path.exists() and media.same_picture(path.read_bytes(), files[sheet])):
            yield f"the frames in {sheet}"


def _same_sweeps(archived: SweepsRecord, again: bytes | None) -> bool:
    if again is None:
        return False
    return alike(archived.model_dump(), SweepsRecord.model_validate_json(again).model_dump(), _ROUNDED)


def _same(a: float | None, b: float | None) -> bool:
    return a == b if a is None or b is None else math.isclose(a, b, rel_tol=_TOLERANCE, abs_tol=1e-12)


def alike(a: object, b: object, tolerance: float = _TOLERANCE) -> bool:
    """Whether two plain values have the same form and, up to a relative tolerance, the same numbers."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(alike(a[k], b[k], tolerance) for k in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(alike(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-12)
    return a == b


def _same_values(a: FitRecord | None, b: FitRecord | None) -> bool:
    return alike(None if a is None else a.values(), None if b is None else b.values())


def _studied(run: Run, benchmark: BenchmarkRun, workers: Workers, options: DataOptions) -> list[str]:
    then = benchmark.studies()
    if then is None:
        return []
    again = studies.derive(run, benchmark, then.episodes, workers, options)
    same = alike(then.model_dump(), again.model_dump())
    return [] if same else [f"{benchmark.record.benchmark}: the studies differ from what is derived."]


def _pooled(benchmark: BenchmarkRun) -> list[str]:
    record, name = benchmark.record, benchmark.record.benchmark
    fields, curves = pool(benchmark)
    again = record.model_copy(update=fields).model_dump()
    then = record.model_dump()
    found = [
        f"{name}: the pooled {field} are not those of the archived episodes."
        for field in fields
        if not alike(then[field], again[field])
    ]
    if not alike(benchmark.curves().model_dump(), curves.model_dump(), _ROUNDED):
        found.append(f"{name}: the curves over the horizon are not those of the archived episodes.")
    return found
