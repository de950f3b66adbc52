"""Replies that are no new samples: copies of others, and answers that an endpoint had kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ...archive.knowledge import ReplyRemark
from ...archive.store import Transcript

_FASTER = 100.0  # than the median reply of the same model here: nothing writes like that
_LONG = 1000  # characters; a short reply's time is mostly that of the connection
_FEWEST = 3  # replies with a time, for a median


def remarks(transcripts: Sequence[Transcript], programs: Mapping[str, str | None]) -> list[ReplyRemark]:
    """Remarks on replies, in the order given; programs: transcript -> source taken from the reply.

    A reply or program that equals an earlier one is a copy of it. A long reply that came a hundred times faster
    than the model's median one was not written for this request: the endpoint answered an equal request again.
    """
    return [*_copies(transcripts, programs), *_repeated(transcripts)]


def _copies(transcripts: Sequence[Transcript], programs: Mapping[str, str | None]) -> Iterator[ReplyRemark]:
    seen: dict[tuple[str, str, str], str] = {}
    for t in transcripts:
        name, program = t.path.name, t.record.program
        texts = {"reply": t.reply.strip(), "source": (programs.get(name) or "").strip()}
        of = [seen.setdefault((program, kind, text), name) for kind, text in texts.items() if text]
        first = next((n for n in of if n != name), None)
        if first is not None:
            yield ReplyRemark(transcript=name, kind="copy", characters=len(t.reply), of=first)


def _repeated(transcripts: Sequence[Transcript]) -> Iterator[ReplyRemark]:
    timed = [(t, len(t.reply), t.record.seconds) for t in transcripts if t.record.seconds]
    for t, length, seconds in timed:
        rates = [n / s for other, n, s in timed if other.record.model == t.record.model and s]
        assert seconds
        times = length / seconds / float(np.median(rates))
        if length >= _LONG and len(rates) >= _FEWEST and times >= _FASTER:
            yield ReplyRemark(
                transcript=t.path.name, kind="repeated", characters=length, seconds=seconds, times=times
            )
