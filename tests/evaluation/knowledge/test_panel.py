"""Knowledge derived from archives: small ones made here, and the shipped recordings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import proggen
from proggen import benchmarks
from proggen.archive.knowledge import KnowledgeRecord
from proggen.archive.records import ParameterRecord, TranscriptRecord
from proggen.archive.store import BenchmarkRun, Transcript
from proggen.benchmarks.base import TrueConstant
from proggen.evaluation.knowledge.constants import which
from proggen.evaluation.knowledge.panel import derive, mentions, shared, true_constant
from proggen.evaluation.knowledge.repeats import remarks

GRAVITY = TrueConstant("gravity", 9.8, "m/s^2", ("g",))
MASS = TrueConstant("pole mass", 0.1, "kg")
RATIO = TrueConstant("pole mass ratio", 0.1, "1", ("mass ratio",))
TRUE = (GRAVITY, MASS, RATIO)


def transcript(
    folder: Path, name: str, reply: str, *, prompt: str = "", seconds: float | None = None, model: str = "m"
) -> Transcript:
    program, candidate, round_ = name.split("-")
    place = folder / name
    place.mkdir()
    (place / "reply.md").write_text(reply)
    (place / "prompt.md").write_text(prompt)
    record = TranscriptRecord(
        benchmark="b", program=program, candidate=int(candidate[1:]), round=int(round_[1:]), template=program,
        template_digest="", prompt_digest="", picture_digests=[], picture_captions=[], source="recorded", model=model,
        seconds=seconds,
    )  # fmt: skip
    (place / "transcript.json").write_text(record.model_dump_json())
    return Transcript(place)


# -- true constants


def parameter(name: str, init: float, unit: str) -> ParameterRecord:
    return ParameterRecord(name=name, value=init, init=init, low=0, high=20, unit=unit, meaning="")


@pytest.mark.parametrize(
    ("name", "unit", "constant"),
    [
        ("gravity", "m/s^2", GRAVITY),
        ("g", "m/s^2", GRAVITY),
        ("gravity", None, GRAVITY),
        ("gravity_ratio", "1", None),  # another unit
        ("pole_mass_ratio", "1", RATIO),  # the more exact of two names
        ("pole_mass", "kg", MASS),
        ("drag", "1/s", None),
    ],
)
def test_constant_is_found_by_name_and_unit(
    name: str, unit: str | None, constant: TrueConstant | None
) -> None:
    assert which(TRUE, name, unit) is constant


@pytest.mark.parametrize(("start", "equal"), [(9.8, True), (9.81, True), (9.0, False)])
def test_start_within_a_percent_of_the_truth_was_known(start: float, equal: bool) -> None:
    found = true_constant(GRAVITY, TRUE, [parameter("gravity", start, "m/s^2")], {})
    assert (found.parameter, found.start, found.equal) == ("gravity", start, equal)


@pytest.mark.parametrize(
    ("source", "equal"),
    [("G = 9.8", True), ("G = 9.0", False), ("SIGMA = 9.8", False), ("x = y * 9.8", False)],
)
def test_fixed_number_of_its_name_and_value_was_known(source: str, equal: bool) -> None:
    found = true_constant(GRAVITY, TRUE, [], {"dynamics": source, "perception": ""})
    assert (found.parameter, found.equal, bool(found.places)) == (None, equal, equal)


def test_shared_numbers_need_a_name_alike_and_something_to_say() -> None:
    sources = {
        "dynamics": "STEP = 0.02\nBIG = 1e12\nONE = 1.0\nCOLOUR = 0.25\nD = {'box.x': 5.0}\n",
        "perception": "STEP = 0.02\nBIG = 1e12\nONE = 1.0\nEDGE = 0.25\nD = {'box.x': 5.0}\n",
    }
    assert [s.dynamics.name for s in shared(sources, set(), ["box.x"])] == ["STEP"]  # type: ignore[arg-type]


# -- what the model says


def said(transcripts: Sequence[Transcript], **sources: str) -> dict[tuple[str, str], bool]:
    found = mentions(transcripts, {k.replace("_", "-"): v for k, v in sources.items()})
    return {(m.transcript, m.name): m.prompted for m in found}


def test_name_that_the_prompt_held_is_told_by_it(tmp_path: Path) -> None:
    scene = transcript(tmp_path, "scene-c0-r0", "As pymunk does.", prompt="Simulated with Box2D.")
    # the request for dynamics repeats the scene, which is the model's own
    asked = "Simulated with Box2D. Box2D can be imported. As pymunk does."
    dynamics = transcript(tmp_path, "dynamics-c0-r0", "Box2D does so.", prompt=asked)
    found = said([scene, dynamics], dynamics_c0_r0="# like pymunk\nSLOP = 0.005\n")
    assert found == {
        ("scene-c0-r0", "pymunk"): False,
        ("dynamics-c0-r0", "Box2D"): True,
        ("dynamics-c0-r0", "pymunk"): False,
        ("dynamics-c0-r0", "SLOP"): False,
    }


def test_what_a_repair_quotes_of_the_model_is_not_told_by_the_prompt(tmp_path: Path) -> None:
    first = transcript(tmp_path, "dynamics-c0-r0", "MuJoCo.", prompt="Write it.")
    again = transcript(tmp_path, "dynamics-c0-r1", "MuJoCo.", prompt="Mend this: MuJoCo.")
    assert said([first, again]) == {
        ("dynamics-c0-r0", "MuJoCo"): False,
        ("dynamics-c0-r1", "MuJoCo"): False,
    }


# -- replies that are no new samples


def replies(folder: Path, *seconds: float | None, length: int = 5000, model: str = "m") -> list[Transcript]:
    return [
        transcript(folder, f"dynamics-c{i}-r0", f"{i}" * length, seconds=s, model=model)
        for i, s in enumerate(seconds)
    ]


def test_reply_a_hundred_times_faster_than_the_median_was_answered_again(tmp_path: Path) -> None:
    [found] = remarks(replies(tmp_path, 300.0, 400.0, 0.5, 350.0), {})
    assert (found.transcript, found.kind, found.seconds) == ("dynamics-c2-r0", "repeated", 0.5)
    assert found.times == pytest.approx(325 / 0.5, rel=0.2)


@pytest.mark.parametrize(
    ("seconds", "length"),
    [
        ((0.5, 0.6, 0.5, 0.4), 5000),  # a model that is fast
        ((300.0, 400.0, 20.0, 350.0), 5000),  # fast, and possible
        ((300.0, 400.0, 0.5, 350.0), 500),  # short
        ((300.0, 0.5), 5000),  # too few to know how fast the model is
        ((None, None, None, 0.5), 5000),
    ],
)
def test_quick_reply_may_be_a_new_one(tmp_path: Path, seconds: Sequence[float | None], length: int) -> None:
    assert remarks(replies(tmp_path, *seconds, length=length), {}) == []


def test_equal_replies_and_programs_are_copies(tmp_path: Path) -> None:
    found = [
        transcript(tmp_path, "dynamics-c0-r0", "one"),
        transcript(tmp_path, "dynamics-c1-r0", "one\n"),
        transcript(tmp_path, "dynamics-c0-r1", "two"),
        transcript(tmp_path, "rendering-c0-r0", "one"),  # another program
    ]
    programs = {"dynamics-c0-r0": "A", "dynamics-c1-r0": "B", "dynamics-c0-r1": "A\n", "rendering-c0-r0": "A"}
    assert [(r.transcript, r.of) for r in remarks(found, programs)] == [
        ("dynamics-c1-r0", "dynamics-c0-r0"),
        ("dynamics-c0-r1", "dynamics-c0-r0"),
    ]


# -- the shipped recordings


def shipped(folder: Path, benchmark: str) -> KnowledgeRecord:
    """The panel of a short run with the shipped recordings."""
    run = proggen.run(benchmark, runs=folder, name="short", episodes=1, jobs=2)
    found = run.benchmarks[benchmark]
    archived = found.knowledge()
    assert archived is not None
    assert archived == derive(BenchmarkRun(found.path), benchmarks.get(benchmark).info.true_constants)
    return archived


@pytest.mark.slow
@pytest.mark.parametrize(
    ("benchmark", "parameters", "constants", "repeated"),
    [
        ("phyworld/parabola", {"gravity"}, {"gravity"}, set()),
        (
            "phyworld/collision",
            {"steps_per_frame", "contact_bias", "restitution"},
            {"restitution", "steps per frame"},
            {"perception-c0-r0", "rendering-c1-r0"},
        ),
        (
            "cartpole/push",
            {"gravity", "push_force", "pole_mass", "half_length"},
            {"gravity", "cart mass", "pole mass", "half length of the pole", "force"},
            {"rendering-c0-r1"},
        ),
        (
            "cartpole/actions",
            {"gravity", "half_length", "pole_mass_ratio", "force_per_cart_mass"},
            {"gravity", "pole mass ratio", "half length of the pole", "force per mass of the cart"},
            {"rendering-c1-r1"},
        ),
    ],
)
def test_shipped_programs_knew_their_worlds(
    tmp_path: Path, benchmark: str, parameters: set[str], constants: set[str], repeated: set[str]
) -> None:
    known = shipped(tmp_path, benchmark)
    assert known.verdict in ("assumed", "confirmed")
    assert {p.name for p in known.parameters if p.verdict in ("assumed", "confirmed")} == parameters
    assert {c.name for c in known.constants if c.equal} >= constants
    assert {r.transcript for r in known.replies if r.kind == "repeated"} == repeated
