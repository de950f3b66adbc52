"""The trace of a synthesis in a run's archive."""

from __future__ import annotations

from pathlib import Path

from ..archive.files import digest
from ..archive.records import TranscriptRecord
from ..archive.writer import BenchmarkWriter
from ..llm import Prompt, Reply
from .candidates import Candidate


class ArchiveJournal:
    """Writes every reply and candidate into a benchmark's folder."""

    def __init__(self, path: Path) -> None:
        self._out = BenchmarkWriter(path)
        self._notes: list[str] = []
        self._replies = 0
        self._to_other_prompts = 0

    @property
    def other_clips(self) -> str:
        """One sentence if recorded replies answer other prompts than this run's; else empty."""
        if not self._to_other_prompts:
            return ""
        return (
            f"The programs were written from other clips than this run's: {self._to_other_prompts} of "
            f"{self._replies} recorded replies answer prompts made from another seed, data file or platform."
        )

    @property
    def notes(self) -> list[str]:
        """Sentences for the benchmark's record."""
        return [*([self.other_clips] if self.other_clips else []), *self._notes]

    def transcript(self, prompt: Prompt, reply: Reply) -> None:
        self._replies += 1
        self._to_other_prompts += reply.other_prompt
        pictures = [p.png for p in prompt.pictures]
        self._out.transcript(prompt.id, _record(prompt, reply), prompt.text, reply.text, pictures)

    def candidate(self, candidate: Candidate) -> None:
        known = None if candidate.source is None else digest(candidate.source)
        self._out.candidate(candidate.id, candidate.record(known), candidate.source)

    def note(self, line: str) -> None:
        if line not in self._notes:
            self._notes.append(line)


def _record(prompt: Prompt, reply: Reply) -> TranscriptRecord:
    return TranscriptRecord(
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
