"""Writing a run: each entry once and whole. The layout is drawn in `records`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .files import digest, digests, whole_folder, write_bytes, write_text
from .knowledge import KnowledgeRecord
from .records import (
    BenchmarkRecord,
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

if TYPE_CHECKING:
    from ..llm import Prompt, Reply
    from ..synthesis import Candidate


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_record(path: Path, record: Record) -> None:
    write_text(path, record.model_dump_json(indent=1) + "\n")


class BenchmarkWriter:
    """The folder of one benchmark in a run. It is also the journal that synthesis leaves its trace in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []

    def transcript(self, prompt: Prompt, reply: Reply) -> None:
        record = TranscriptRecord(
            benchmark=prompt.benchmark,
            program=prompt.program,
            candidate=prompt.candidate,
            round=prompt.round,
            template=prompt.template,
            template_digest=prompt.template_digest,
            prompt_digest=prompt.digest,
            picture_digests=[p.digest for p in prompt.pictures],
            picture_captions=[p.caption for p in prompt.pictures],
            source=reply.source,
            model=reply.model,
            finish_reason=reply.finish_reason,
            usage=reply.usage,
            seconds=reply.seconds,
            recorded=reply.recorded,
            notes=list(reply.notes),
        )
        with whole_folder(self.path / "transcripts" / prompt.id) as folder:
            (folder / "prompt.md").write_bytes(prompt.text.encode())
            (folder / "reply.md").write_bytes(reply.text.encode())
            for i, picture in enumerate(prompt.pictures):
                (folder / f"picture-{i}.png").write_bytes(picture.png)
            write_record(folder / "transcript.json", record)

    def candidate(self, candidate: Candidate) -> None:
        folder, name = self.path / "candidates", candidate.id
        if candidate.source is not None:
            suffix = "json" if candidate.program == "scene" else "py"
            write_text(folder / f"{name}.source.{suffix}", candidate.source)
        known = None if candidate.source is None else digest(candidate.source)
        write_record(folder / f"{name}.json", candidate.record(known))

    def note(self, line: str) -> None:
        if line not in self.notes:
            self.notes.append(line)

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
