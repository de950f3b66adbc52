"""Candidates: what became of each reply, and the loop propose -> check -> examine -> repair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ..archive.records import CandidateRecord, FailureRecord, FitRecord, ScoreRecord
from ..errors import ProgramFailure, RecordingError
from ..llm import LanguageModel, Picture, Prompt, Reply, render_prompt


@dataclass
class Candidate:
    """One reply and the program in it. `result` is what the examination left for later steps."""

    program: str
    candidate: int
    round: int
    source: str | None = None
    failure: ProgramFailure | None = None
    findings: list[str] = field(default_factory=list)
    scores: list[ScoreRecord] = field(default_factory=list)
    feedback: str | None = None
    result: Any = None
    fit: FitRecord | None = None
    chosen: bool = False

    @property
    def id(self) -> str:
        return f"{self.program}-c{self.candidate}-r{self.round}"

    def score(self, name: str) -> float:
        return next(s.value for s in self.scores if s.name == name)

    @property
    def status(self) -> Literal["chosen", "passed", "failed"]:
        if self.chosen:
            return "chosen"
        return "failed" if self.failure else "passed"

    def record(self, digest: str | None) -> CandidateRecord:
        failure = (
            FailureRecord(kind=self.failure.kind, message=self.failure.message) if self.failure else None
        )
        return CandidateRecord(
            program=self.program,
            candidate=self.candidate,
            round=self.round,
            status=self.status,
            failure=failure,
            scores=self.scores,
            digest=digest,
            findings=self.findings,
            transcript=self.id,
            feedback=self.feedback,
            fit=self.fit,
        )


class Journal(Protocol):
    """Where synthesis leaves its trace: the archive, or a test's list."""

    def transcript(self, prompt: Prompt, reply: Reply) -> None: ...

    def candidate(self, candidate: Candidate) -> None: ...

    def note(self, line: str) -> None: ...


@dataclass(frozen=True)
class Task:
    """What is asked of the model for one program: the template, its values and pictures."""

    benchmark: str
    program: str
    values: dict[str, Any]
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Feedback:
    """What a repair round tells the model: text and more pictures; `failed` if the program did not run."""

    text: str
    failed: bool
    pictures: tuple[Picture, ...] = ()


Read = Callable[[Candidate, str], None]  # takes the source out of a reply, checks it without running it
Examine = Callable[[Candidate], None]  # runs it, sets scores and result; ProgramFailure if it fails


@dataclass(frozen=True)
class Workshop:
    """Asks the model for programs and examines them."""

    model: LanguageModel
    journal: Journal
    candidates: int
    rounds: int

    def propose(self, task: Task, read: Read, examine: Examine) -> list[Candidate]:
        """Independent lines of candidates side by side, each repaired until it works or rounds are up."""

        def line(index: int) -> list[Candidate]:
            found = self._attempt(task, index, 0, None, read, examine)
            return self._repair([found] if found else [], task, read, examine)

        with ThreadPoolExecutor(self.candidates) as pool:
            lines = list(pool.map(line, range(self.candidates)))
        return [c for found in lines for c in found]

    def improve(
        self, task: Task, candidate: Candidate, feedback: Feedback, read: Read, examine: Examine
    ) -> list[Candidate]:
        """One more version of a working candidate, repaired like a new one if it fails."""
        if candidate.round >= self.rounds:
            return []
        candidate.feedback = feedback.text
        found = self._attempt(
            task, candidate.candidate, candidate.round + 1, (candidate, feedback), read, examine
        )
        return self._repair([found] if found else [], task, read, examine)

    def _repair(self, line: list[Candidate], task: Task, read: Read, examine: Examine) -> list[Candidate]:
        while line and line[-1].failure and line[-1].round < self.rounds:
            last = line[-1]
            assert last.failure is not None
            feedback = Feedback(f"It failed ({last.failure.kind}): {last.failure.message}", failed=True)
            last.feedback = feedback.text
            found = self._attempt(task, last.candidate, last.round + 1, (last, feedback), read, examine)
            if found is None:
                break
            line.append(found)
        return line

    def _attempt(
        self,
        task: Task,
        index: int,
        round_: int,
        repair: tuple[Candidate, Feedback] | None,
        read: Read,
        examine: Examine,
    ) -> Candidate | None:
        """Ask, read, examine; None if this reply was never recorded."""
        prompt = self._prompt(task, index, round_, repair)
        try:
            reply = self.model.complete(prompt)
        except RecordingError as error:
            if error.stale or (round_ == 0 and index == 0):
                raise
            self.journal.note(f"{prompt.id} was asked for but never recorded: went on with what there is.")
            return None
        self.journal.transcript(prompt, reply)
        if not reply.other_prompt:  # of those the journal tells in one line, however many there are
            for note in reply.notes:
                self.journal.note(f"{prompt.id}: {note}")
        candidate = Candidate(task.program, index, round_)
        try:
            read(candidate, reply.text)
            examine(candidate)
        except ProgramFailure as failure:
            candidate.failure = failure
        return candidate

    def _prompt(
        self, task: Task, index: int, round_: int, repair: tuple[Candidate, Feedback] | None
    ) -> Prompt:
        pictures = task.pictures
        about = None
        if repair is not None:
            last, feedback = repair
            pictures = (*pictures, *feedback.pictures)
            source = last.source or "(no program could be read from the reply)"
            about = {"source": source.rstrip(), "feedback": feedback.text, "failed": feedback.failed}
        values = {**task.values, "repair": about, "pictures": list_pictures(pictures)}
        text, digest = render_prompt(task.program, **values)
        return Prompt(task.benchmark, task.program, index, round_, task.program, digest, text, pictures)


def list_pictures(pictures: Sequence[Picture]) -> str:
    """The captions as a numbered list, for the text of a prompt."""
    return "\n".join(f"{i}. {p.caption}" for i, p in enumerate(pictures, 1))


def working(candidates: Sequence[Candidate]) -> list[Candidate]:
    return [c for c in candidates if c.failure is None]
