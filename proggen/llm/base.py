"""What is asked of a language model and what comes back, whoever answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from ..archive.files import digest

SYSTEM_MESSAGE = (
    "You are an expert in physics, computer vision and Python. Answer exactly in the form asked for."
)


@dataclass(frozen=True)
class Picture:
    """A PNG image and the words that introduce it."""

    png: bytes
    caption: str

    @property
    def digest(self) -> str:
        """SHA-256 of the PNG bytes, hexadecimal."""
        return digest(self.png)


@dataclass(frozen=True)
class Prompt:
    """One request: a filled-in template and its pictures, with its place in the synthesis.

    `program` is "scene" or a program's name; `candidate` and `round` count from 0, round 0 is the proposal.
    """

    benchmark: str
    program: str
    candidate: int
    round: int
    template: str
    template_digest: str
    text: str
    pictures: tuple[Picture, ...] = ()

    @property
    def id(self) -> str:
        """Name within the benchmark, such as "dynamics-c0-r1"."""
        return f"{self.program}-c{self.candidate}-r{self.round}"

    @property
    def digest(self) -> str:
        """SHA-256 of the text, hexadecimal."""
        return digest(self.text)


@dataclass(frozen=True)
class Reply:
    """A reply, verbatim. Truncated and empty replies are replies too; `notes` says so."""

    text: str
    model: str  # as the endpoint reported it
    source: Literal["live", "recorded"]
    finish_reason: str | None = None
    usage: dict[str, int] | None = None  # tokens, if the endpoint reported them
    seconds: float | None = None  # how long the request took when it was made
    recorded: str | None = None  # when the reply was made, ISO 8601, UTC
    notes: tuple[str, ...] = ()
    other_prompt: bool = False  # recorded for another prompt than this one


class LanguageModel(Protocol):
    """Answers prompts; raises `LLMError` when it cannot."""

    @property
    def name(self) -> str: ...

    def complete(self, prompt: Prompt) -> Reply: ...


def defects(text: str, finish_reason: str | None) -> tuple[str, ...]:
    """Notes on a reply that is no full answer; empty if nothing is wrong with its form."""
    notes = []
    if finish_reason == "length":
        notes.append("the reply is truncated: the model reached its limit of tokens")
    if finish_reason == "content_filter":
        notes.append("the reply was cut by the endpoint's content filter")
    if not text.strip():
        notes.append("the reply is empty")
    return tuple(notes)
