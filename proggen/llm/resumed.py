"""Going on with a stopped run: replies that are archived already are not asked (and paid) for once more."""

from __future__ import annotations

from pathlib import Path

from ..archive.store import Transcript
from ..errors import ArchiveError
from .base import LanguageModel, Prompt, Reply


class Resumed:
    """Answers from the transcripts of a run where prompt and pictures are the same, else asks `model`."""

    def __init__(self, model: LanguageModel, transcripts: Path) -> None:
        self.model = model
        self.transcripts = transcripts

    @property
    def name(self) -> str:
        return self.model.name

    def complete(self, prompt: Prompt) -> Reply:
        return self._archived(prompt) or self.model.complete(prompt)

    def _archived(self, prompt: Prompt) -> Reply | None:
        found = Transcript(self.transcripts / prompt.id)
        try:
            record, text = found.record, found.reply
        except (ArchiveError, OSError):
            return None
        asked = (prompt.digest, [p.digest for p in prompt.pictures])
        if (record.prompt_digest, record.picture_digests) != asked:
            return None
        return Reply(
            text=text,
            model=record.model,
            source=record.source,
            finish_reason=record.finish_reason,
            usage=record.usage,
            seconds=record.seconds,
            recorded=record.recorded,
            notes=tuple(record.notes),
        )
