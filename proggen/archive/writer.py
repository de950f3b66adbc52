"""Writing a run: each entry once and whole. The layout is drawn in `records`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from .files import digest, digests, whole_folder, write_bytes, write_text
from .knowledge import KnowledgeRecord
from .records import (
    BenchmarkRecord,
    CandidateRecord,
    CounterfactualRecord,
    CurvesRecord,
    EpisodeRecord,
    ProgramName,
    Record,
    StatesRecord,
    StudiesRecord,
    TrainingRecord,
    TranscriptRecord,
)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_record(path: Path, record: Record) -> None:
    write_text(path, record.model_dump_json(indent=1) + "\n")


class BenchmarkWriter:
    """The folder of one benchmark in a run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def transcript(
        self, name: str, record: TranscriptRecord, prompt: str, reply: str, pictures: Sequence[bytes]
    ) -> None:
        """One request and its reply as a whole folder; pictures are PNG files."""
        with whole_folder(self.path / "transcripts" / name) as folder:
            (folder / "prompt.md").write_bytes(prompt.encode())
            (folder / "reply.md").write_bytes(reply.encode())
            for i, picture in enumerate(pictures):
                (folder / f"picture-{i}.png").write_bytes(picture)
            write_record(folder / "transcript.json", record)

    def candidate(self, name: str, record: CandidateRecord, source: str | None) -> None:
        """What became of one reply, and the program (or scene) in it, if it held one."""
        folder = self.path / "candidates"
        if source is not None:
            suffix = "json" if record.program == "scene" else "py"
            write_text(folder / f"{name}.source.{suffix}", source)
        write_record(folder / f"{name}.json", record)

    def programs(self, sources: Mapping[ProgramName, str]) -> dict[str, str]:
        """Write the chosen programs; returns their digests."""
        for name, source in sources.items():
            write_text(self.path / "programs" / f"{name}.py", source)
        return {name: digest(source) for name, source in sources.items()}

    def training(self, record: TrainingRecord) -> None:
        write_record(self.path / "training" / f"{record.clip}.json", record)

    def benchmark(self, record: BenchmarkRecord) -> None:
        write_record(self.path / "benchmark.json", record)

    def curves(self, record: CurvesRecord) -> None:
        write_text(self.path / "curves.json", record.model_dump_json() + "\n")

    def knowledge(self, record: KnowledgeRecord) -> None:
        write_record(self.path / "knowledge.json", record)

    def studies(self, record: StudiesRecord) -> None:
        write_text(self.path / "studies.json", record.model_dump_json() + "\n")

    def has_episode(self, episode: str) -> bool:
        return (self.path / "episodes" / episode / "episode.json").exists()

    def episode(
        self,
        record: EpisodeRecord,
        states: StatesRecord | None,
        media: Mapping[str, bytes],
        counterfactuals: list[tuple[CounterfactualRecord, bytes | None]],
    ) -> None:
        """One episode as a whole folder; episode.json is written last, with the digests of the rest."""
        with whole_folder(self.path / "episodes" / record.id) as folder:
            if states is not None:
                write_record(folder / "states.json", states)
            for name, data in media.items():
                (folder / name).write_bytes(data)
            for imagined, picture in counterfactuals:
                write_counterfactual(folder, imagined, picture)
            record = record.model_copy(update={"digests": digests(folder)})
            write_record(folder / "episode.json", record)


def write_counterfactual(episode: Path, record: CounterfactualRecord, picture: bytes | None) -> Path:
    """An entry below an episode's folder; one with the same changes takes its place."""
    path = episode / "counterfactuals" / record.slug
    with whole_folder(path) as folder:
        if picture is not None:
            write_bytes(folder / "counterfactual.gif", picture)
        write_record(folder / "counterfactual.json", record)
    return path


def remove_leftovers(run: Path) -> None:
    """Temporary files of a run that was killed."""
    for root, folders, files in os.walk(run):
        for name in [n for n in folders if n.startswith(".")]:
            shutil.rmtree(Path(root) / name, ignore_errors=True)
            folders.remove(name)
        for name in (n for n in files if n.startswith(".")):
            (Path(root) / name).unlink(missing_ok=True)
