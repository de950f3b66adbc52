"""Recorded completions: verbatim replies of a language model, kept as files and replayed by default.

    <folder>/<benchmark>/<program>-c0-r0.json        RecordingRecord
    <folder>/<benchmark>/<program>-c0-r0.reply.md    the reply's text, byte for byte

A reply is found by benchmark, program, candidate, round and template digest. The candidate is part of the
address so that a replay hides no variance between candidates. A changed template makes a recording stale.
Another prompt text or picture (other data, seed, platform) does not: the reply is used, with a note.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ..archive.files import digest, write_bytes
from ..errors import RecordingError
from .base import SYSTEM_MESSAGE, LanguageModel, Prompt, Reply

DEFAULT_FOLDER = Path(__file__).parent.parent / "recordings"


class RecordingRecord(BaseModel):
    """What was asked and what the endpoint reported; `reply_digest` guards the text beside it."""

    model_config = ConfigDict(extra="forbid")

    model: str
    template: str
    template_digest: str
    prompt_digest: str
    system_digest: str
    picture_digests: list[str]
    reply_digest: str
    finish_reason: str | None = None
    usage: dict[str, int] | None = None
    seconds: float | None = None
    recorded: str | None = None
    notes: list[str] = []


class Recordings:
    """A language model that answers with what was recorded under `folder`."""

    name = "recorded"

    def __init__(self, folder: Path = DEFAULT_FOLDER) -> None:
        self.folder = folder

    def complete(self, prompt: Prompt) -> Reply:
        """The recorded reply. Raises RecordingError if there is none, or if it is stale or damaged."""
        record, text = self._load(prompt)
        if record.template_digest != prompt.template_digest:
            raise RecordingError(
                f"The recorded reply {prompt.id} of {prompt.benchmark} answers another version of the prompt "
                f"template {prompt.template}; {_advice(prompt)}.",
                stale=True,
            )
        differences = _differences(record, prompt)
        return Reply(
            text=text,
            model=record.model,
            source="recorded",
            finish_reason=record.finish_reason,
            usage=record.usage,
            seconds=record.seconds,
            recorded=record.recorded,
            notes=tuple(record.notes) + differences,
            other_prompt=bool(differences),
        )

    def _load(self, prompt: Prompt) -> tuple[RecordingRecord, str]:
        metadata, reply = paths(self.folder, prompt)
        if not metadata.is_file() or not reply.is_file():
            raise RecordingError(
                f"No reply {prompt.id} of {prompt.benchmark} was recorded; {_advice(prompt)}."
            )
        data = reply.read_bytes()
        try:
            record = RecordingRecord.model_validate_json(metadata.read_bytes())
            text = data.decode()
        except (ValidationError, UnicodeDecodeError):
            raise RecordingError(f"The recording {metadata} is damaged; {_advice(prompt)}.") from None
        if digest(data) != record.reply_digest:
            raise RecordingError(f"The recorded reply {reply} was edited; {_advice(prompt)}.")
        return record, text


class Recorder:
    """Asks `model` and keeps each reply under `folder`, for `Recordings` to replay.

    A reply that was recorded for exactly this prompt and these pictures is not asked for once more, so that a
    recording that was stopped goes on where it stopped; `again` asks anyway.
    """

    def __init__(self, model: LanguageModel, folder: Path = DEFAULT_FOLDER, *, again: bool = False) -> None:
        self.model = model
        self.folder = folder
        self.again = again

    @property
    def name(self) -> str:
        return self.model.name

    def complete(self, prompt: Prompt) -> Reply:
        known = None if self.again else self._known(prompt)
        if known is not None:
            return known
        reply = self.model.complete(prompt)
        self._forget_later_rounds(prompt)
        metadata, text = paths(self.folder, prompt)
        write_bytes(text, reply.text.encode())
        write_bytes(metadata, (_record(prompt, reply).model_dump_json(indent=2) + "\n").encode())
        return reply

    def _known(self, prompt: Prompt) -> Reply | None:
        try:
            reply = Recordings(self.folder).complete(prompt)
        except RecordingError:
            return None
        return None if reply.notes else reply

    def _forget_later_rounds(self, prompt: Prompt) -> None:
        """A new reply ends the old conversation: its repairs must not be replayed as repairs of this one."""
        round_ = prompt.round + 1
        while True:
            later = paths(self.folder, replace(prompt, round=round_))
            if not any(p.exists() for p in later):
                return
            for path in later:
                path.unlink(missing_ok=True)
            round_ += 1


def paths(folder: Path, prompt: Prompt) -> tuple[Path, Path]:
    """Where a prompt's recording lies: metadata, reply."""
    base = folder / prompt.benchmark
    return base / f"{prompt.id}.json", base / f"{prompt.id}.reply.md"


def _record(prompt: Prompt, reply: Reply) -> RecordingRecord:
    return RecordingRecord(
        model=reply.model,
        template=prompt.template,
        template_digest=prompt.template_digest,
        prompt_digest=prompt.digest,
        system_digest=digest(SYSTEM_MESSAGE),
        picture_digests=[p.digest for p in prompt.pictures],
        reply_digest=digest(reply.text),
        finish_reason=reply.finish_reason,
        usage=reply.usage,
        seconds=reply.seconds,
        recorded=reply.recorded,
        notes=list(reply.notes),
    )


def _differences(record: RecordingRecord, prompt: Prompt) -> tuple[str, ...]:
    notes = []
    if record.prompt_digest != prompt.digest:
        notes.append("the prompt's text differs from the one this reply was recorded for")
    if record.picture_digests != [p.digest for p in prompt.pictures]:
        notes.append("the prompt's pictures differ from those this reply was recorded for")
    if record.system_digest != digest(SYSTEM_MESSAGE):
        notes.append("the system message differs from the one this reply was recorded for")
    return tuple(notes)


def _advice(prompt: Prompt) -> str:
    return f"record again with `proggen record {prompt.benchmark} --llm openai:MODEL`"


__all__ = ["DEFAULT_FOLDER", "Recorder", "RecordingRecord", "Recordings", "paths"]
