"""Reading a run back: the archive's folders as objects. Nothing here writes; see `records` for the layout."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from ..errors import ArchiveError, UsageError
from .files import digest, digests
from .knowledge import KnowledgeRecord
from .records import (
    FORMAT,
    PROGRAMS,
    BenchmarkRecord,
    CandidateRecord,
    CounterfactualRecord,
    CurvesRecord,
    EpisodeRecord,
    FeaturesRecord,
    OverTimeRecord,
    ProgramName,
    Record,
    RunRecord,
    StatesRecord,
    StudiesRecord,
    Summary,
    SweepsRecord,
    TrainingRecord,
    TranscriptRecord,
)

R = TypeVar("R", bound=Record)


def read_record(path: Path, kind: type[R]) -> R:
    """One JSON file as its record; ArchiveError names the file and what is wrong with it."""
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ArchiveError(f"{path} is missing: the run is not finished, so run it again.") from None
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{path} can't be read ({error}): make the run again.") from None
    version = data.get("format", FORMAT) if isinstance(data, dict) else None
    if version != FORMAT:
        raise ArchiveError(
            f"{path} has archive format {version}, this version reads {FORMAT}: make the run again."
        )
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ArchiveError(f"{path} is damaged at '{where}' ({first['msg']}): make the run again.") from None


@dataclass(frozen=True)
class Transcript:
    """A request to a language model and its reply."""

    path: Path

    @functools.cached_property
    def record(self) -> TranscriptRecord:
        return read_record(self.path / "transcript.json", TranscriptRecord)

    @property
    def prompt(self) -> str:
        return (self.path / "prompt.md").read_bytes().decode()

    @property
    def reply(self) -> str:
        return (self.path / "reply.md").read_bytes().decode()

    @property
    def pictures(self) -> list[Path]:
        return [self.path / f"picture-{i}.png" for i in range(len(self.record.picture_digests))]


@dataclass(frozen=True)
class EpisodeRun:
    """One episode of a run."""

    path: Path

    @functools.cached_property
    def record(self) -> EpisodeRecord:
        return read_record(self.path / "episode.json", EpisodeRecord)

    @functools.cached_property
    def states(self) -> StatesRecord:
        return read_record(self.path / "states.json", StatesRecord)

    def over_time(self) -> OverTimeRecord:
        """Errors of every method in every predicted frame; read anew, for thousands must not stay in memory."""
        return read_record(self.path / "over_time.json", OverTimeRecord)

    def sweeps(self) -> SweepsRecord | None:
        """Counterfactuals over ranges of values; None for an episode they were not made for."""
        path = self.path / "sweeps.json"
        return read_record(path, SweepsRecord) if path.exists() else None

    def features(self) -> FeaturesRecord | None:
        """What FVD is made of, if it was asked for; read anew."""
        path = self.path / "features.json"
        return read_record(path, FeaturesRecord) if path.exists() else None

    def counterfactuals(self) -> list[tuple[Path, CounterfactualRecord]]:
        """Folder and record of each, those made by the run first, then those asked for later."""
        folders = sorted(p.parent for p in self.path.glob("counterfactuals/*/counterfactual.json"))
        made = self.record.counterfactuals
        folders.sort(key=lambda p: made.index(p.name) if p.name in made else len(made))
        return [(p, read_record(p / "counterfactual.json", CounterfactualRecord)) for p in folders]

    def damaged(self) -> list[str]:
        """Files whose digest is not the archived one."""
        now = digests(self.path)
        return [name for name, known in self.record.digests.items() if now.get(name) != known]


@dataclass(frozen=True)
class BenchmarkRun:
    """One benchmark of a run."""

    path: Path

    @functools.cached_property
    def record(self) -> BenchmarkRecord:
        return read_record(self.path / "benchmark.json", BenchmarkRecord)

    def curves(self) -> CurvesRecord:
        """Errors over the horizon, pooled; without any before the run has finished this benchmark."""
        path = self.path / "curves.json"
        return read_record(path, CurvesRecord) if path.exists() else CurvesRecord()

    def knowledge(self) -> KnowledgeRecord | None:
        """What the model already knew; None before the run has finished this benchmark."""
        path = self.path / "knowledge.json"
        return read_record(path, KnowledgeRecord) if path.exists() else None

    def studies(self) -> StudiesRecord | None:
        """What `proggen study` added, if it did."""
        path = self.path / "studies.json"
        return read_record(path, StudiesRecord) if path.exists() else None

    def program(self, name: ProgramName) -> str:
        """Source of the chosen program."""
        return (self.path / "programs" / f"{name}.py").read_bytes().decode()

    def programs(self) -> dict[ProgramName, str]:
        return {name: self.program(name) for name in PROGRAMS}

    def candidates(self) -> list[CandidateRecord]:
        files = sorted(p for p in (self.path / "candidates").glob("*.json") if ".source" not in p.suffixes)
        records = [read_record(p, CandidateRecord) for p in files]
        order = {name: i for i, name in enumerate(["scene", *PROGRAMS])}
        return sorted(records, key=lambda c: (order.get(c.program, 9), c.candidate, c.round))

    def candidate_source(self, candidate: CandidateRecord) -> str | None:
        suffix = "json" if candidate.program == "scene" else "py"
        path = self.path / "candidates" / f"{candidate.transcript}.source.{suffix}"
        return path.read_bytes().decode() if path.exists() else None

    def transcripts(self) -> list[Transcript]:
        return [Transcript(c) for c in sorted((self.path / "transcripts").glob("*-c*-r*"))]

    def transcript(self, name: str) -> Transcript:
        return Transcript(self.path / "transcripts" / name)

    def episodes(self) -> list[EpisodeRun]:
        """All episodes, in the order of the benchmark's splits, then by id."""
        runs = [EpisodeRun(p.parent) for p in sorted(self.path.glob("episodes/*/episode.json"))]
        order = {s: i for i, s in enumerate(self.record.splits)}
        return sorted(runs, key=lambda e: (order.get(e.record.split, 99), e.record.id))

    def episode(self, episode: str) -> EpisodeRun:
        path = self.path / "episodes" / episode
        if not (path / "episode.json").exists():
            known = ", ".join(e.record.id for e in self.episodes()[:5])
            raise UsageError(f"There is no episode '{episode}' in {self.path}: known are {known}, ...")
        return EpisodeRun(path)

    def training(self) -> list[TrainingRecord]:
        return [read_record(p, TrainingRecord) for p in sorted((self.path / "training").glob("*.json"))]

    def damaged(self) -> list[str]:
        """Programs and episode files whose digest is not the archived one, as paths in the benchmark."""
        bad = [f"programs/{n}.py" for n in PROGRAMS if digest(self.program(n)) != self.record.digests.get(n)]
        for episode in self.episodes():
            bad += [f"episodes/{episode.path.name}/{name}" for name in episode.damaged()]
        return bad


@dataclass(frozen=True)
class Run:
    """A run's archive: `run.benchmarks["phyworld/collision"].episodes()[0].states.predicted`."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @functools.cached_property
    def record(self) -> RunRecord:
        return read_record(self.path / "run.json", RunRecord)

    @functools.cached_property
    def summary(self) -> Summary:
        return read_record(self.path / "summary.json", Summary)

    @functools.cached_property
    def benchmarks(self) -> dict[str, BenchmarkRun]:
        """The benchmarks that have results, in the order they were asked for."""
        folders = {b: self.path / b for b in self.record.config.benchmarks}
        return {b: BenchmarkRun(p) for b, p in folders.items() if (p / "benchmark.json").exists()}

    def find(self, episode: str) -> tuple[BenchmarkRun, EpisodeRun]:
        """An episode by `benchmark/id`, or by its id alone if only one benchmark has it."""
        benchmark, _, name = episode.rpartition("/")
        homes = [benchmark] if benchmark else list(self.benchmarks)
        found = [
            b
            for b in homes
            if b in self.benchmarks and (self.benchmarks[b].path / "episodes" / name).is_dir()
        ]
        if len(found) != 1:
            what = "is in several benchmarks" if found else "is not in this run"
            raise UsageError(
                f"Episode '{episode}' {what}: name it as BENCHMARK/ID, for example {self._example()}."
            )
        return self.benchmarks[found[0]], self.benchmarks[found[0]].episode(name)

    def _example(self) -> str:
        for name, benchmark in self.benchmarks.items():
            for episode in benchmark.episodes():
                return f"{name}/{episode.record.id}"
        return "phyworld/collision/00000-0001"


def holds_nothing(path: Path) -> bool:
    """Whether a run's folder has nothing that took work or money: no reply of a live model, no benchmark."""
    if any(path.rglob("benchmark.json")):
        return False
    records = (read_record(p, TranscriptRecord) for p in path.rglob("transcript.json"))
    return all(r.source == "recorded" for r in records)


def is_run(path: Path) -> bool:
    return (path / "run.json").exists()


def load_run(path: str | Path) -> Run:
    """Open an archived run: a folder, or a name under `runs/`. ArchiveError if there is none."""
    for folder in (Path(path), Path("runs") / path):
        if is_run(folder):
            run = Run(folder)
            _ = run.record
            return run
    known = ", ".join(p.name for p in list_runs(Path("runs"))) or "none yet: make one with 'proggen run-all'"
    raise ArchiveError(f"There is no run at '{path}' (runs here: {known}).")


def list_runs(folder: Path) -> list[Path]:
    """Folders of the runs below `folder`, newest last."""
    return sorted(
        _run_folders(folder), key=lambda p: (read_record(p / "run.json", RunRecord).created, p.name)
    )


def _run_folders(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (p for p in sorted(folder.iterdir()) if not p.name.startswith(".") and is_run(p))
