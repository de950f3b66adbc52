"""knowledge.json of a benchmark: what the model already knew, see `evaluation/knowledge`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .records import FORMAT, ProgramName, Record, Status

# Of a parameter. `untold`: the clips moved it and yet can't tell its value. A benchmark has one of the first three.
Verdict = Literal["learned", "confirmed", "assumed", "untold"]
Reason = Literal["exact", "held", "untold", "at_bound", "narrowed", "start", "moved"]
NameKind = Literal["engine", "environment", "library", "paper", "engine's constant", "recollection"]


class PlaceRecord(Record):
    """A number in the source of a chosen program, with the name it has there ("" if it has none)."""

    program: ProgramName
    line: int
    name: str
    value: float


class ParameterKnowledge(Record):
    """A parameter: where the model started it, where the clips left it, and whose knowledge that is."""

    name: str
    unit: str
    start: float
    value: float
    half_width: float | None  # of the 95 % interval, in its unit; null where the clips do not tell it
    status: Status
    verdict: Verdict
    reason: Reason
    held: list[PlaceRecord] = Field(default_factory=list)  # where perception holds it


class ConstantKnowledge(Record):
    """A true constant of the benchmark, and where the chosen programs have it."""

    name: str
    value: float
    unit: str
    parameter: str | None = None  # the parameter of the dynamics that it is
    start: float | None = None  # that parameter's value before the fit
    places: list[PlaceRecord] = Field(default_factory=list)  # where a program has its value as a number
    equal: bool = False  # the programs had the true value before the fit, to `panel.SAME`


class SharedConstant(Record):
    """A number that both dynamics and perception hold."""

    dynamics: PlaceRecord
    perception: PlaceRecord


class Mention(Record):
    """A place where the model names what it knows from elsewhere. `prompted`: the prompt had named it."""

    name: str
    kind: NameKind
    where: Literal["reply", "comment", "docstring", "string", "identifier"]
    transcript: str  # such as "dynamics-c0-r1"
    program: str
    candidate: int
    round: int
    line: int  # of the reply, or of the program in it
    text: str
    prompted: bool


class ReplyRemark(Record):
    """A reply that is no new sample of what the model writes.

    "repeated": the endpoint must have answered from memory, `times` faster than the model writes here. "copy": its
    text, or the program in it, is that of `of`.
    """

    transcript: str
    kind: Literal["repeated", "copy"]
    characters: int
    seconds: float | None = None
    times: float | None = None
    of: str | None = None


class KnowledgeRecord(Record):
    format: int = FORMAT
    verdict: Verdict
    parameters: list[ParameterKnowledge]
    constants: list[ConstantKnowledge]
    shared: list[SharedConstant]
    mentions: list[Mention]
    replies: list[ReplyRemark]
