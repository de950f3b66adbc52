"""The whole synthesis with real programs in the real sandbox; only the model's replies are fixed."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pytest

from proggen.errors import RecordingError, SynthesisError
from proggen.llm import Prompt, Reply
from proggen.sandbox.workers import Workers
from proggen.synthesis import Brief, Candidate, Synthesis, Video, Workshop, synthesize

from ..world import DYNAMICS, PERCEPTION, REPLIES, Box, ScriptedModel, episode


@dataclass
class Journal:
    """Keeps what synthesis tells."""

    transcripts: list[Prompt] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def transcript(self, prompt: Prompt, reply: Reply) -> None:
        self.transcripts.append(prompt)

    def candidate(self, candidate: Candidate) -> None:
        self.candidates.append(candidate)

    def note(self, line: str) -> None:
        self.notes.append(line)

    def find(self, name: str) -> Candidate:
        return next(c for c in self.candidates if c.id == name)


def brief() -> Brief:
    info = Box.info
    clips = tuple(episode(i, "train").clip for i in range(4))
    return Brief(Video(info.name, info.description, info.context, False), clips)


def run(
    workers: Workers, replies: dict[str, str], journal: Journal, *, candidates: int = 1, rounds: int = 1
) -> Synthesis:
    model = ScriptedModel(replies)
    return synthesize(brief(), Workshop(model, journal, candidates, rounds), workers, seed=1)


def python(source: str) -> str:
    return f"```python\n{source}\n```"


def test_fits_the_parameter_and_archives_every_candidate(workers: Workers) -> None:
    journal = Journal()
    found = run(workers, {}, journal, candidates=2)
    assert found.fit.values()["drag"] == pytest.approx(0.3, abs=0.02)
    assert {c.program for c in journal.candidates} == {"scene", "perception", "rendering", "dynamics"}
    assert len(journal.candidates) == len(journal.transcripts)
    assert all(c.scores for c in journal.candidates if c.program != "scene")


def test_one_candidate_of_each_program_is_chosen(workers: Workers) -> None:
    journal = Journal()
    run(workers, {}, journal, candidates=2)
    chosen = [c.program for c in journal.candidates if c.chosen]
    assert sorted(chosen) == ["dynamics", "perception", "rendering", "scene"]


def test_every_pair_is_told_best_first(workers: Workers) -> None:
    journal = Journal()
    found = run(workers, {}, journal, candidates=2)
    tried = [[c.id for c in journal.candidates if c.program == p] for p in ("perception", "dynamics")]
    pairs = [(t.perception, t.dynamics, t.start) for t in found.selection]
    assert sorted(pairs) == sorted(product(*tried, ("perceived", "dynamics")))
    best = found.selection[0]
    assert (best.perception, best.dynamics) == (found.chosen["perception"], found.chosen["dynamics"])
    values = [t.psnr or 0 for t in found.selection]
    assert values == sorted(values, reverse=True)


def test_prompts_hold_no_truth(workers: Workers) -> None:
    journal = Journal()
    run(workers, {}, journal)
    truth = [episode(i, "train").truth["box.vx"][0] for i in range(4)]
    for prompt in journal.transcripts:
        assert not any(f"{v:.6f}" in prompt.text for v in truth)


FAILING = {
    "syntax": "def rollout(state:",
    "import": "import os\n" + DYNAMICS,
    "timeout": DYNAMICS.replace(
        "for _ in range(n_steps):", "while True:\n        pass\n    for _ in range(n_steps):"
    ),
    "contract": DYNAMICS.replace("return found", "return found[:-1]"),
    "non-finite": DYNAMICS.replace('"box.x": x', '"box.x": float("nan")'),
    "memory": DYNAMICS.replace("for _ in", "big = bytearray(10 * 2**30)\n    for _ in"),
    "exception": DYNAMICS.replace("for _ in", "1 / 0\n    for _ in"),
    "reply": "no program here",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(FAILING))
def test_failing_program_is_named_repaired_and_stops_nothing(workers: Workers, kind: str) -> None:
    journal = Journal()
    bad = FAILING[kind] if kind == "reply" else python(FAILING[kind])
    found = run(workers, {"dynamics-c0-r0": bad, "dynamics-c0-r1": python(DYNAMICS)}, journal)
    first = journal.find("dynamics-c0-r0")
    assert first.failure is not None
    assert first.failure.kind == kind
    assert found.chosen["dynamics"] == "dynamics-c0-r1"
    repair = next(p for p in journal.transcripts if p.id == "dynamics-c0-r1")
    assert first.failure.message in repair.text


def test_worse_improvement_is_not_kept(workers: Workers) -> None:
    blurred = PERCEPTION.replace("* 0.1\n    y =", "* 0.1 + 0.15\n    y =")
    found = run(workers, {"perception-c0-r1": python(blurred)}, Journal())
    assert found.chosen["perception"] == "perception-c0-r0"


def test_better_improvement_is_kept(workers: Workers) -> None:
    blurred = PERCEPTION.replace("* 0.1\n    y =", "* 0.1 + 0.15\n    y =")
    replies = {"perception-c0-r0": python(blurred), "perception-c0-r1": python(PERCEPTION)}
    found = run(workers, replies, Journal())
    assert found.chosen["perception"] == "perception-c0-r1"


def test_no_working_candidate_is_an_error_that_names_the_reasons(workers: Workers) -> None:
    with pytest.raises(SynthesisError, match=r"rendering .*syntax"):
        run(workers, {"rendering": python("def render(:")}, Journal())


class ForgetfulModel(ScriptedModel):
    """Has only the first candidate of every program, and no repairs."""

    def complete(self, prompt: Prompt) -> Reply:
        if (prompt.candidate, prompt.round) != (0, 0):
            raise RecordingError(f"No reply {prompt.id} was recorded.")
        return super().complete(prompt)


def test_replies_never_recorded_are_noted_and_done_without(workers: Workers) -> None:
    journal = Journal()
    found = synthesize(brief(), Workshop(ForgetfulModel(), journal, 2, 2), workers, seed=1)
    assert set(found.chosen.values()) == {"perception-c0-r0", "dynamics-c0-r0", "rendering-c0-r0"}
    assert any("dynamics-c1-r0 was asked for but never recorded" in n for n in journal.notes)


class StaleModel(ScriptedModel):
    def complete(self, prompt: Prompt) -> Reply:
        raise RecordingError("stale", stale=True)


def test_stale_recording_is_an_error(workers: Workers) -> None:
    with pytest.raises(RecordingError):
        synthesize(brief(), Workshop(StaleModel(), Journal(), 1, 1), workers, seed=1)


def test_scene_is_repaired(workers: Workers) -> None:
    journal = Journal()
    found = run(workers, {"scene-c0-r0": "```json\n{}\n```", "scene-c0-r1": REPLIES["scene"]}, journal)
    assert found.world.names == ("box.x", "box.y", "box.vx")
    assert journal.find("scene-c0-r0").failure is not None


def test_clips_kept_aside_are_the_last_ones(workers: Workers) -> None:
    found = run(workers, {}, Journal())
    assert found.aside == ["train-0003"]
    assert np.isfinite(found.perceived[0].whole.values).all()


def test_perception_that_holds_the_dynamics_itself_is_noted(workers: Workers) -> None:
    physics = """
def perceive(frames, fps):
    x, v, found = 1.0, 2.0, []
    for _ in frames:
        found.append({"box.x": x, "box.y": 2.0, "box.vx": v})
        v -= 0.5 * v / fps
        x += v / fps
    return found
"""
    journal = Journal()
    run(workers, {"perception": python(physics)}, journal)
    assert any("perception holds the same equations" in n for n in journal.notes)
