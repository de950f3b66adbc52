"""An archived synthesis once more, from its own replies: with fewer candidates, or fewer rounds of repair."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ..archive.files import digest
from ..archive.store import Transcript
from ..benchmarks.base import BenchmarkInfo
from ..clips import Clip
from ..errors import ProgramFailure, RecordingError
from ..llm import Prompt, Reply
from ..sandbox import Sandbox
from ..sandbox.wire import Message
from ..sandbox.workers import Workers
from ..synthesis import Brief, Candidate, Journal, Synthesis, Video, Workshop, synthesize


def replay(
    info: BenchmarkInfo,
    clips: Sequence[Clip],
    transcripts: Path,
    workers: Workers,
    *,
    candidates: int,
    rounds: int,
    seed: int,
    journal: Journal | None = None,
) -> Synthesis:
    """Synthesis as it would have gone with these settings, had the model given the archived replies.

    A reply is found by its program, candidate and round alone, whatever its prompt said; one that was never
    given is gone without, as in a replay of recordings. `journal` gets what became of the replies. SynthesisError
    if no program is left.
    """
    video = Video(info.name, info.description, info.context, info.takes_actions)
    workshop = Workshop(ArchivedReplies(transcripts), journal or _Forgetful(), candidates, rounds)
    return synthesize(Brief(video, tuple(clips)), workshop, workers, seed)


@dataclass(frozen=True)
class ArchivedReplies:
    """A language model that answers with the replies in a benchmark's folder `transcripts`."""

    transcripts: Path
    name: str = "archived"

    def complete(self, prompt: Prompt) -> Reply:
        found = Transcript(self.transcripts / prompt.id)
        if not (found.path / "transcript.json").exists():
            raise RecordingError(f"{prompt.id} of {prompt.benchmark} was never asked for in this run.")
        return Reply(text=found.reply, model=found.record.model, source=found.record.source)


class _Forgetful:
    """A journal that keeps nothing."""

    def transcript(self, prompt: Prompt, reply: Reply) -> None:
        pass

    def candidate(self, candidate: Candidate) -> None:
        pass

    def note(self, line: str) -> None:
        pass


@dataclass
class _Remembering:
    """A sandbox that runs equal jobs once: the same candidates are fitted and drawn again under every setting."""

    sandbox: Sandbox
    known: dict[str, bytes] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sandbox, name)

    def run(self, job: str, body: Mapping[str, Any], arrays: Sequence[Any] = (), **options: Any) -> Message:
        key = digest(pickle.dumps((job, body, arrays, options)))
        if key not in self.known:
            self.known[key] = _outcome(lambda: self.sandbox.run(job, body, arrays, **options))
        result, failure = pickle.loads(zlib.decompress(self.known[key]))
        if failure is not None:
            raise ProgramFailure(*failure)
        return cast(Message, result)

    def close(self) -> None:
        """The sandbox goes on for others."""


def remembering(workers: Workers) -> Workers:
    """Workers over the same sandbox whose equal jobs run once."""
    return Workers(cast(Sandbox, _Remembering(workers.sandbox)), workers.jobs)


def _outcome(job: Callable[[], Message]) -> bytes:
    """What a job gave, packed: frames hold mostly one colour and would fill the memory as they are."""
    outcome: tuple[Message | None, tuple[str, str] | None]
    try:
        outcome = (job(), None)
    except ProgramFailure as failure:
        outcome = (None, (failure.kind, failure.message))
    return zlib.compress(pickle.dumps(outcome), level=1)
