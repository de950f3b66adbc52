"""The fixed Box2D model on PhyWorld's own clips, in the real sandbox."""

from __future__ import annotations

import numpy as np
import pytest

from proggen import benchmarks
from proggen.benchmarks.base import DataOptions
from proggen.errors import ProgramFailure
from proggen.evaluation.baselines import Context, Material, TrainingClip
from proggen.evaluation.baselines.fixed_box2d import FixedBox2D, source
from proggen.evaluation.baselines.registry import make
from proggen.inference import calls
from proggen.sandbox import Sandbox
from proggen.states import Trajectory
from proggen.synthesis.static_check import check

from .scene import material

SOURCES = ("perception_one_ball", "perception_two_balls", "dynamics_one_ball", "dynamics_two_balls")


def phyworld(name: str, sandbox: Sandbox, count: int = 3) -> Material:
    benchmark = benchmarks.get(f"phyworld/{name}")
    found = benchmark.training(DataOptions(lossless=True))
    clips = tuple(
        TrainingClip(found.load(key).clip, Trajectory((), np.empty((32, 0)))) for key in found.keys[:count]
    )
    return Material(benchmark.info, clips, (), sandbox, 42, lambda n, read: [read(c.clip) for c in clips[:n]])


@pytest.mark.parametrize("name", SOURCES)
def test_its_programs_keep_the_contract(name: str) -> None:
    assert check("perception" if name.startswith("perception") else "dynamics", source(name)) is not None


@pytest.mark.slow
def test_it_finds_gravity_and_predicts_the_flight(sandbox: Sandbox) -> None:
    learned = FixedBox2D(phyworld("parabola", sandbox))
    assert learned.parameters["gravity"] == pytest.approx(-2.5, abs=0.2)
    assert "gravity" in learned.notes[0]
    episode = benchmarks.get("phyworld/parabola").evaluation(DataOptions(lossless=True))
    flight = episode.load(episode.keys[0])
    found = learned.forecast(Context(flight.clip.head(3), None, 29))
    assert found.as_truth
    assert found.states is not None
    assert found.states["ball.y"][:12] == pytest.approx(flight.truth["ball.y"][:12], abs=0.3)


@pytest.mark.slow
def test_it_bounces_balls_off_each_other(sandbox: Sandbox) -> None:
    learned = FixedBox2D(phyworld("collision", sandbox))
    source_ = benchmarks.get("phyworld/collision").evaluation(DataOptions(lossless=True))
    key = next(k for k in source_.keys if k.split == "in")
    found = learned.forecast(Context(source_.load(key).clip.head(3), None, 29))
    assert found.states is not None
    before, after = found.states["ball1.vx"][2], found.states["ball1.vx"][-1]
    assert before > 0
    assert after < before - 0.5


def test_a_picture_without_a_ball_is_a_failure_of_the_program(sandbox: Sandbox) -> None:
    with pytest.raises(ProgramFailure, match="lacks"):
        calls.perceive(
            sandbox,
            source("perception_one_ball"),
            np.full((3, 256, 256, 3), 255, np.uint8),
            10.0,
            ("ball.x",),
            3,
        )


def test_there_is_none_outside_phyworld() -> None:
    assert make("fixed_box2d", material(())) is None
