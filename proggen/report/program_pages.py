"""The page that tells where a benchmark's programs come from: every reply, what became of it, and why some were kept.

The page itself is light. Prompts, replies, sources and differences lie in one script an attempt, which the page
loads when a reader opens one of them (docs/assets/texts.js); without scripts the downloads remain.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from ..archive.records import PROGRAMS, CandidateRecord, ProgramName, ScoreRecord, SelectionTrial
from ..archive.store import BenchmarkRun, Transcript
from ..evaluation.knowledge.source_audit import Finding, SourceAudit, audit
from ..numbers import whole
from . import episode_data, knowledge_view, media
from .output import stamps
from .source_diff import SourceDiff, source_diff
from .untrusted import Text, shown_code
from .words import slug

if TYPE_CHECKING:
    from .benchmark_pages import BenchmarkPages

GROUPS = ("scene", *PROGRAMS)
FINDINGS = 20  # of one kind that are shown
# the score that decides, or the nearest one to it that an attempt has
_DECIDING = ("prediction_psnr", "fitted_psnr", "psnr", "rollout_error", "consistency")
_SCORES = {
    "prediction_psnr": "PSNR of predicted frames",
    "fitted_psnr": "PSNR of drawn frames, fitted states",
    "psnr": "PSNR of drawn frames",
    "rollout_error": "error of rollouts",
    "consistency": "context against whole clip",
}


@dataclass(frozen=True)
class Picture:
    path: str
    width: int
    height: int
    caption: str


@dataclass(frozen=True)
class Attempt:
    """One reply of the language model: its transcript, the program in it, and what became of that.

    `before`: the attempt that this one repairs or improves. `files`: text -> path of the download.
    """

    name: str
    candidate: CandidateRecord | None
    transcript: Transcript | None
    source: str | None
    before: Attempt | None
    pictures: list[Picture]
    files: dict[str, str]

    @property
    def program(self) -> str:
        return self.candidate.program if self.candidate else self.name.split("-")[0]

    @property
    def round(self) -> int | None:
        return self.candidate.round if self.candidate else None

    @property
    def language(self) -> str:
        return "json" if self.program == "scene" else "python"

    @property
    def kept(self) -> bool:
        return self.candidate is not None and self.candidate.status == "chosen"

    @property
    def reason(self) -> Markup:
        """Why it was asked for."""
        if self.round == 0:
            return Markup("first reply")
        if self.before is None or self.before.candidate is None:
            return Markup("one more reply")
        failure = self.before.candidate.failure
        return Markup(f"repair: {slug(failure.kind)}") if failure else Markup("improvement")

    @property
    def score(self) -> ScoreRecord | None:
        """The score that decides about such programs, as far as the attempt came."""
        found = {s.name: s for s in self.candidate.scores} if self.candidate else {}
        return next((found[n] for n in (*_DECIDING, *found) if n in found), None)

    @functools.cached_property
    def audit(self) -> SourceAudit | None:
        """None without a Python source, or if it can't be parsed."""
        return audit(self.source) if self.source is not None and self.language == "python" else None

    @functools.cached_property
    def diff(self) -> SourceDiff | None:
        """From the round before; None if a source is missing or very long."""
        if self.source is None or self.before is None or self.before.source is None:
            return None
        return source_diff(self.before.source, self.source)

    @property
    def length(self) -> Markup:
        """Of prompt and reply: tokens if the endpoint reported them, characters otherwise."""
        if self.transcript is None:
            return Markup("–")
        usage = self.transcript.record.usage or {}
        if {"prompt_tokens", "completion_tokens"} <= set(usage):
            asked, said, unit = usage["prompt_tokens"], usage["completion_tokens"], "tokens"
        else:
            asked, said, unit = len(self.transcript.prompt), len(self.transcript.reply), "characters"
        return Markup(f"{whole(asked)} → {whole(said)} <small>{unit}</small>")


@dataclass(frozen=True)
class Pair:
    """A perception with a dynamics on the clips held out; `loss`: dB below the best pair."""

    trial: SelectionTrial
    kept: bool
    loss: float | None


@dataclass(frozen=True)
class Totals:
    lines: int  # of candidates, each with its repair rounds
    rounds: int  # after the first replies
    failed: int
    seconds: float | None
    tokens: int | None  # if every reply reports them
    models: list[str]


def write(part: BenchmarkPages) -> None:
    """Write the page and what lies in the folder named like it."""
    attempts = read_attempts(part)
    _write_scripts(part, attempts)
    part.pages.write(
        part.programs_page, "programs.md.j2", title=f"Programs {part.name}", part=part, record=part.record,
        description=f"Every prompt, reply and repair round behind the programs of {part.name}.",
        grouped={p: [a for a in attempts if a.program == p] for p in GROUPS}, attempts=attempts,
        totals=totals(attempts), kept={a.program: a for a in attempts if a.kept}, best_others=best_others(attempts),
        knowledge=part.knowledge, rounds=knowledge_view.rounds(part.record, part.benchmark.candidates()),
        remark_words=knowledge_view.remark_words,
        pairs=pairs(part.record.selection, part.record.chosen), other_pair=other_pair(part.record.selection),
        audits=kept_audits(part.benchmark), score_words=score_words, findings=shown_findings, remarks=remarks,
        search=False, hide=("navigation",),
    )  # fmt: skip


def made_from(benchmark: BenchmarkRun) -> list[list[tuple[str, int, int]]]:
    """What tells that a reply, a prompt, a candidate or what is said of them has changed."""
    known = benchmark.path / "knowledge.json"
    of_knowledge = (
        [("knowledge.json", known.stat().st_size, known.stat().st_mtime_ns)] if known.exists() else []
    )
    return [of_knowledge, *(sorted(stamps(benchmark.path / name)) for name in ("candidates", "transcripts"))]


# -- attempts


def read_attempts(part: BenchmarkPages) -> list[Attempt]:
    """All attempts in the order of the programs, candidates and rounds; their downloads are written."""
    candidates = {c.transcript: c for c in part.benchmark.candidates()}
    transcripts = {t.path.name: t for t in part.benchmark.transcripts()}
    found: dict[tuple[str, int, int], Attempt] = {}
    loose = []
    for name in dict.fromkeys([*candidates, *transcripts]):
        candidate = candidates.get(name)
        key = (candidate.program, candidate.candidate, candidate.round) if candidate else None
        before = found.get((key[0], key[1], key[2] - 1)) if key else None
        attempt = _attempt(part, name, candidate, transcripts.get(name), before)
        if key is None:
            loose.append(attempt)
        else:
            found[key] = attempt
    return [*found.values(), *loose]


def _attempt(
    part: BenchmarkPages,
    name: str,
    candidate: CandidateRecord | None,
    transcript: Transcript | None,
    before: Attempt | None,
) -> Attempt:
    source = part.benchmark.candidate_source(candidate) if candidate else None
    pictures = _pictures(part, transcript) if transcript else []
    attempt = Attempt(name, candidate, transcript, source, before, pictures, {})
    suffix = {"source": "json" if attempt.language == "json" else "py", "diff": "diff"}
    for kind, text in _texts(attempt).items():
        file = f"{name}.{kind}.{suffix.get(kind, 'md')}"
        attempt.files[kind] = part.text(file, text.text, folder_of(part))
    return attempt


def folder_of(part: BenchmarkPages) -> str:
    return part.programs_page.removesuffix(".md")


def _texts(attempt: Attempt) -> dict[str, Text]:
    """What is loaded when a reader opens it."""
    found = {}
    if attempt.diff is not None and attempt.diff.text:
        found["diff"] = Text("code", attempt.diff.text, "diff")
    if attempt.source is not None:
        found["source"] = Text("code", attempt.source, attempt.language)
    if attempt.transcript is not None:
        found["prompt"] = Text("code", attempt.transcript.prompt, "markdown")
        found["reply"] = Text("code", attempt.transcript.reply, "markdown")
    if attempt.candidate is not None and attempt.candidate.feedback:
        found["feedback"] = Text("code", attempt.candidate.feedback, "markdown")
    return found


def _pictures(part: BenchmarkPages, transcript: Transcript) -> list[Picture]:
    captions = [*transcript.record.picture_captions, *[""] * len(transcript.pictures)]
    found = []
    for path, caption in zip(transcript.pictures, captions, strict=False):
        copied = media.picture(path, part.pages.root / folder_of(part))
        if copied:
            found.append(Picture(f"{folder_of(part)}/{copied[0]}", *copied[1], caption))
    return found


def _write_scripts(part: BenchmarkPages, attempts: Iterable[Attempt]) -> None:
    for a in attempts:
        texts = {f"{slug(a.name)}/{kind}": shown_code(text) for kind, text in _texts(a).items()}
        path = part.pages.root / folder_of(part) / f"{slug(a.name)}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(episode_data.call("proggenTexts", texts), encoding="ascii")


# -- the summary, and why some were kept


def totals(attempts: Sequence[Attempt]) -> Totals:
    records = [a.transcript.record for a in attempts if a.transcript]
    times = [r.seconds for r in records if r.seconds is not None]
    counts = [_tokens(r.usage or {}) for r in records]
    return Totals(
        lines=sum(a.round == 0 for a in attempts),
        rounds=sum(bool(a.round) for a in attempts),
        failed=sum(a.candidate is not None and a.candidate.status == "failed" for a in attempts),
        seconds=sum(times) if times else None,
        tokens=sum(c or 0 for c in counts) if counts and None not in counts else None,
        models=list(dict.fromkeys(r.model for r in records)),
    )


def _tokens(usage: Mapping[str, int]) -> int | None:
    known = usage.get("total_tokens")
    if known is None and {"prompt_tokens", "completion_tokens"} <= set(usage):
        return usage["prompt_tokens"] + usage["completion_tokens"]
    return known


def score_words(score: ScoreRecord) -> str | Markup:
    return Markup(_SCORES[score.name]) if score.name in _SCORES else score.name


def best_others(attempts: Iterable[Attempt]) -> dict[str, Attempt]:
    """Of each program, the attempt with the highest PSNR among those that were not kept."""
    found: dict[str, Attempt] = {}
    for a in attempts:
        if a.kept or a.score is None or a.score.unit != "dB":
            continue
        known = found.get(a.program)
        if known is None or known.score is None or a.score.value > known.score.value:
            found[a.program] = a
    return found


def pairs(selection: Sequence[SelectionTrial], chosen: Mapping[str, str]) -> list[Pair]:
    best = selection[0].psnr if selection else None
    return [
        Pair(
            trial,
            kept=(trial.perception, trial.dynamics) == (chosen.get("perception"), chosen.get("dynamics")),
            loss=None if trial.psnr is None or best is None else best - trial.psnr,
        )
        for trial in selection
    ]


def other_pair(selection: Sequence[SelectionTrial]) -> SelectionTrial | None:
    """The best trial of other programs than the first one's."""
    pairs_ = [(t.perception, t.dynamics) for t in selection]
    return next((t for t, pair in zip(selection, pairs_, strict=True) if pair != pairs_[0]), None)


# -- what the kept programs are made of


def kept_audits(benchmark: BenchmarkRun) -> dict[ProgramName, SourceAudit | None]:
    return {name: audit(benchmark.program(name)) for name in PROGRAMS}


def shown_findings(found: Sequence[Finding]) -> tuple[Sequence[Finding], int]:
    """The first of them, and how many more there are."""
    return found[:FINDINGS], max(0, len(found) - FINDINGS)


def remarks(found: SourceAudit) -> Markup:
    """What an auditor would look at, in a few words."""
    kinds = (
        (found.memorised, "number that looks memorised", "numbers that look memorised"),
        (found.named, "name of an engine, library or paper", "names of engines, libraries or papers"),
        (found.tables, "table of numbers", "tables of numbers"),
        (found.strings, "long string", "long strings"),
        (found.swallowed, "handler that hides failures", "handlers that hide failures"),
    )
    said = [f"{len(some)} {one if len(some) == 1 else many}" for some, one, many in kinds if some]
    return Markup(", ".join(said) or "nothing looks memorised, nothing is named, and no failure is hidden")
