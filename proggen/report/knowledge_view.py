"""What the model already knew, in words: the panel on the pages of results, of a benchmark and of its programs.

All verdicts come from knowledge.json; `VERDICTS` and `_reason` only put them into words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .. import numbers
from ..archive.knowledge import (
    ConstantKnowledge,
    KnowledgeRecord,
    Mention,
    ParameterKnowledge,
    ReplyRemark,
    SharedConstant,
    Verdict,
)
from ..archive.records import BenchmarkRecord, CandidateRecord, ParameterRecord

VERDICTS: dict[Verdict, Markup] = {
    "learned": Markup("learned from the clips"),
    "confirmed": Markup("confirmed by the clips"),
    "assumed": Markup("assumed"),
    "untold": Markup("not identified by the clips"),
}
_BENCHMARK: dict[Verdict, Markup] = {
    "learned": Markup("Every parameter started elsewhere, and the clips told where it belongs."),
    "confirmed": Markup(
        "The model started parameters at their values; the clips tell the same values without perception’s help."
    ),
    "assumed": Markup(
        "The programs hold values that the clips could not have changed: a prediction is only as right as the model’s "
        "knowledge of this world."
    ),
}
_NOTHING = Markup("The dynamics program has no parameters: nothing in it could have come out otherwise.")
_ORDER: tuple[Verdict, ...] = ("assumed", "untold", "confirmed", "learned")


@dataclass(frozen=True)
class ParameterView:
    known: ParameterKnowledge
    verdict: Markup
    reason: Markup


@dataclass(frozen=True)
class Sentence:
    """A sentence that names something; `names` in the order of the text."""

    mention: Mention
    names: list[str]
    chosen: bool


@dataclass(frozen=True)
class Panel:
    verdict: Verdict
    word: Markup
    meaning: Markup
    parameters: list[ParameterView]
    constants: list[ConstantKnowledge]
    shared: list[SharedConstant]
    sentences: list[Sentence]  # names that the prompt did not hold; of chosen programs first
    prompted: list[Sentence]
    remarks: dict[str, list[ReplyRemark]]  # transcript -> remarks

    @property
    def weak(self) -> bool:
        return self.verdict == "assumed"

    @property
    def by_verdict(self) -> list[tuple[Markup, list[str]]]:
        """Names of the parameters by verdict, the weakest first."""
        found = [(v, [p.known.name for p in self.parameters if p.known.verdict == v]) for v in _ORDER]
        return [(VERDICTS[v], names) for v, names in found if names]

    @property
    def before_the_fit(self) -> list[str]:
        """True constants that the programs had before they were fitted."""
        return [c.name for c in self.constants if c.equal]

    @property
    def names(self) -> list[str]:
        """What is named without the prompt's help, each once."""
        found = {n.lower(): n for s in self.sentences[::-1] for n in s.names}
        return sorted(found.values(), key=str.lower)


def panel(record: BenchmarkRecord, known: KnowledgeRecord | None) -> Panel | None:
    """None for a run that has not derived it."""
    if known is None:
        return None
    said = sentences(known.mentions, set(record.chosen.values()))
    remarks: dict[str, list[ReplyRemark]] = {}
    for remark in known.replies:
        remarks.setdefault(remark.transcript, []).append(remark)
    return Panel(
        verdict=known.verdict,
        word=VERDICTS[known.verdict],
        meaning=_BENCHMARK[known.verdict] if known.parameters else _NOTHING,
        parameters=[ParameterView(p, VERDICTS[p.verdict], _reason(p)) for p in known.parameters],
        constants=known.constants,
        shared=known.shared,
        sentences=[s for s in said if not s.mention.prompted],
        prompted=[s for s in said if s.mention.prompted],
        remarks=remarks,
    )


def sentences(mentions: Sequence[Mention], chosen: set[str]) -> list[Sentence]:
    """Mentions of one sentence together; it counts as prompted if the prompt held all of its names."""
    groups: dict[tuple[str, str, int, str], list[Mention]] = {}
    for m in mentions:
        source = "reply" if m.where == "reply" else "source"
        groups.setdefault((m.transcript, source, m.line, m.text), []).append(m)
    found = [
        Sentence(
            mention=next((m for m in some if not m.prompted), some[0]),
            names=list(dict.fromkeys(m.name for m in some)),
            chosen=some[0].transcript in chosen,
        )
        for some in groups.values()
    ]
    return sorted(found, key=lambda s: not s.chosen)


def _reason(p: ParameterKnowledge) -> Markup:
    if p.reason == "exact":
        return Markup(
            "perception computed the states that it was fitted to with the same equations and this value"
        )
    if p.reason == "held":
        return Markup("perception holds this value, and the fit only sees perception’s states")
    if p.reason == "start":
        return Markup("it started at the value that the clips then told")
    if p.reason == "moved":
        return Markup("it started elsewhere, and the clips told it")
    if p.verdict == "untold":
        return Markup("the clips moved it without telling where it belongs")
    if p.reason == "untold":
        return Markup("the clips do not tell it, so it is where the model started it")
    if p.reason == "at_bound":
        return Markup("it started and stayed at a bound of the range that the model gave it")
    return Markup("told only among the values that the model left after it narrowed the range")


def remark_words(remark: ReplyRemark) -> Markup:
    """What is said at a reply that is no new sample; what it is a copy of is linked by the page."""
    if remark.kind == "copy":
        return Markup("It, or the program in it, equals an earlier one: it is no further sample.")
    seconds, times = remark.seconds or 0.0, remark.times or 0.0
    return Markup(
        f"Its endpoint answered an equal request again: {numbers.count(remark.characters, 'character')} came in "
        f"{numbers.number(seconds, 2)} s, {numbers.number(times, 2)} times faster than this model writes here. "
        "It is the reply to that earlier request, not a new sample."
    )


@dataclass(frozen=True)
class RoundRow:
    """A parameter as one version of the dynamics program declared it, and what its fit made of it."""

    version: str | None  # None: the chosen one, fitted on all training clips
    parameter: ParameterRecord


def rounds(record: BenchmarkRecord, candidates: Sequence[CandidateRecord]) -> list[RoundRow]:
    """Bounds and identifiability in each round of the dynamics, the final fit last."""
    tried = [RoundRow(c.transcript, p) for c in candidates if c.fit is not None for p in c.fit.parameters]
    return [*tried, *(RoundRow(None, p) for p in record.fit.parameters)]
