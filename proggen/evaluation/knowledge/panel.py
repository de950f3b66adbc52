"""Knowledge of one benchmark's programs, derived from its archive and its true constants."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ...archive.knowledge import (
    ConstantKnowledge,
    KnowledgeRecord,
    Mention,
    ParameterKnowledge,
    PlaceRecord,
    SharedConstant,
)
from ...archive.records import ParameterRecord, ProgramName
from ...archive.store import BenchmarkRun, Transcript
from ...benchmarks.base import TrueConstant
from ...sources import Number, held, named_numbers, same_quantity, scene_words, significant_digits
from . import constants, names, repeats
from .verdicts import SAME, half_width, judge, judge_benchmark

_DYNAMICS: ProgramName = "dynamics"
_PERCEPTION: ProgramName = "perception"


def derive(benchmark: BenchmarkRun, true: Sequence[TrueConstant]) -> KnowledgeRecord:
    """All of it, from the archived replies, candidates, programs and fit."""
    record = benchmark.record
    sources = {_DYNAMICS: benchmark.program("dynamics"), _PERCEPTION: benchmark.program("perception")}
    objects = scene_words(record.scene)
    everyone = record.fit.parameters
    parameters = [
        parameter_knowledge(p, held(p, everyone, sources[_PERCEPTION], record.scene)) for p in everyone
    ]
    known = [true_constant(c, true, everyone, sources) for c in true]
    candidates = {c.transcript: benchmark.candidate_source(c) for c in benchmark.candidates()}
    transcripts = sorted(benchmark.transcripts(), key=_order)
    return KnowledgeRecord(
        verdict=judge_benchmark(parameters, known),
        parameters=parameters,
        constants=known,
        shared=shared(sources, objects, {v.name for v in record.scene.variables}),
        mentions=list(mentions(transcripts, candidates)),
        replies=repeats.remarks(transcripts, candidates),
    )


def _order(t: Transcript) -> tuple[int, int, int]:
    programs = ("scene", "perception", "rendering", "dynamics")
    place = programs.index(t.record.program) if t.record.program in programs else len(programs)
    return place, t.record.round, t.record.candidate


def parameter_knowledge(p: ParameterRecord, places: Sequence[Number]) -> ParameterKnowledge:
    verdict, reason = judge(p)
    return ParameterKnowledge(
        name=p.name,
        unit=p.unit,
        start=p.init,
        value=p.value,
        half_width=half_width(p),
        status=p.status,
        verdict=verdict,
        reason=reason,
        held=[_place(_PERCEPTION, n) for n in places],
    )


def close(a: float, b: float, tolerance: float = SAME) -> bool:
    return abs(a - b) <= tolerance * max(abs(a), abs(b))


def _place(program: ProgramName, n: Number) -> PlaceRecord:
    return PlaceRecord(program=program, line=n.line, name=n.name, value=n.value)


def true_constant(
    true: TrueConstant,
    everyone: Sequence[TrueConstant],
    parameters: Sequence[ParameterRecord],
    sources: Mapping[ProgramName, str],
) -> ConstantKnowledge:
    """Where the programs have a true constant: as a parameter, or as a fixed number of its name and value."""
    found = next((p for p in parameters if constants.which(everyone, p.name, p.unit) is true), None)
    places = [
        _place(program, n)
        for program, source in sources.items()
        for n in named_numbers(source)
        if close(n.value, true.value) and constants.which(everyone, n.name) is true
    ]
    if found is None:
        places = [p for p in places if p.program == _DYNAMICS]
    return ConstantKnowledge(
        name=true.name,
        value=true.value,
        unit=true.unit,
        parameter=found.name if found else None,
        start=found.init if found else None,
        places=places,
        equal=close(found.init, true.value) if found else bool(places),
    )


def shared(
    sources: Mapping[ProgramName, str], objects: set[str], variables: Collection[str]
) -> list[SharedConstant]:
    """Fixed numbers of the dynamics that perception holds too, under a name that speaks of the same.

    Only numbers that say something: no default of a state variable, neither 0 nor 1, and none of the powers of
    ten that programs guard themselves with.
    """
    others = named_numbers(sources[_PERCEPTION])
    found: dict[tuple[str, float], SharedConstant] = {}
    for n in named_numbers(sources[_DYNAMICS]):
        plain = abs(n.value) in (0, 1) or not 1e-3 < abs(n.value) < 1e3
        if n.name in variables or (plain and significant_digits(n.value) < 2):
            continue
        for o in others:
            if o.value == n.value and same_quantity(n.name, o.name, n.value, objects):
                pair = SharedConstant(dynamics=_place(_DYNAMICS, n), perception=_place(_PERCEPTION, o))
                found.setdefault((n.name, n.value), pair)
    return list(found.values())


# -- what the model says


def mentions(transcripts: Sequence[Transcript], sources: Mapping[str, str | None]) -> Iterator[Mention]:
    """Names in replies and in the programs taken from them; sources: transcript -> program.

    `prompted` is a name that the request for the first version of such a program held, leaving out the scene in
    it, which are the model's own words.
    """
    requests = {t.path.name: t.prompt for t in transcripts if t.record.round == 0}
    scene = next((t for t in transcripts if t.record.program == "scene"), None)
    own = _names(scene.reply) if scene else set()
    told = _names(scene.prompt) if scene else set()
    for t in transcripts:
        r = t.record
        first = f"{r.program}-c{r.candidate}-r0"
        prompted = told | (_names(requests.get(first, "")) - own)
        source = sources.get(t.path.name) if r.program != "scene" else None
        found: list[names.Named] = [*names.in_reply(t.reply), *names.in_source(source or "")]
        for n in found:
            yield Mention(
                name=n.name,
                kind=n.kind,
                where=n.where if isinstance(n, names.NamedInSource) else "reply",
                transcript=t.path.name,
                program=r.program,
                candidate=r.candidate,
                round=r.round,
                line=n.line,
                text=n.text,
                prompted=n.name.lower() in prompted,
            )


def _names(text: str) -> set[str]:
    return {n.name.lower() for n in names.in_text(text)}
