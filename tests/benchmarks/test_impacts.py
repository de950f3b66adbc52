"""Slow impacts of PhyWorld's balls: elastic as in PhyWorld's own engine, or as Box2D has them by default."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from proggen.benchmarks import DataOptions
from proggen.benchmarks.base import IMPACTS, Impacts
from proggen.benchmarks.phyworld import Collision, export
from proggen.benchmarks.phyworld.scenes import (
    COLLISION,
    SCENARIOS,
    Placement,
    Scenario,
    Scene,
    evaluation_scenes,
    training_scenes,
)
from proggen.benchmarks.phyworld.simulation import simulate

Array = NDArray[np.float64]
Engine = dict[Impacts, Array]
EVALUATION = evaluation_scenes(COLLISION, 42)
CLOSING = np.array([s.init[2] + s.init[3] for s in EVALUATION])
SLOW = (CLOSING > 0) & (CLOSING <= 1.0)
SCORED = np.array([COLLISION.label(s.init) != "invalid" for s in EVALUATION])

# SHA-256 of what version 0.1.0 generated: ids, init rows, placements and labels; positions as little-endian
# float32, which is what Box2D computes in.
SCENES = {
    "uniform_motion": "303f2559e54eabc31f8d43b64ecfa7b652d46622f8b24baf159803f58dfd23f2",
    "parabola": "59aeae8b2e9d5a3e15d11ea0a7409a3f329db3927557cb3c1b3399f2c394ba5c",
    "collision": "7abfa0b4fbf70f0e88e9f64579052630ae3fe1eea9876f3e894cb46b2e688582",
}
POSITIONS = {
    "evaluation": "f63dc0cb290b29eb23343086cb6c00cd0c90c5ad660fc3de68012df0fa654ee0",
    "training": "d889000dc22bbc5f073f006f9babdcb0d96c92fcd21c6028f93e9932a0c65220",
}


def positions(scenes: Sequence[Scene], impacts: Impacts) -> Array:
    return np.stack([simulate(COLLISION, scene, impacts) for scene in scenes])


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Positions (1635, 32, 2, 2) of all scenes of the evaluation file."""
    return {impacts: positions(EVALUATION, impacts) for impacts in IMPACTS}


def stepped(scene: Scene) -> Array:
    """x (32, 2) of the two balls by the published engine's steps, written without an engine.

    A step of 0.01 s first looks for contact, gives balls that touch and close the velocities of an elastic
    impact (masses as radius squared), moves the balls, and pushes those that touch apart: by a fifth of what
    they overlap beyond 0.005 u, 0.2 u at most, up to twenty times, until at most 0.015 u is left. A ball that
    was slower than 0.01 u/s for half a second stands still. All in single precision, for some gaps close to
    zero exactly at the end of a step.
    """
    single = np.float32
    radii, speeds = np.array(scene.init[:2], single), np.array(scene.init[2:], single)
    x, v, step = np.array(scene.placement.x, single), speeds * single([1, -1]), single(0.01)
    share = (radii**2)[::-1] / (radii**2).sum()  # of a push: the lighter ball goes farther
    resting, frames = np.zeros(2, single), []
    for n in range(311):
        touching = x[1] - x[0] <= radii.sum()
        if touching and v[0] - v[1] > 0.01:
            v = 2 * (v * share[::-1]).sum() - v
        x = x + step * v
        for _ in range(20 if touching else 0):
            overlap = radii.sum() - (x[1] - x[0])
            x = x + single([-1, 1]) * share * single(np.clip(0.2 * (overlap - 0.005), 0, 0.2))
            if overlap <= 0.015:
                break
        resting = np.where(np.abs(v) < 0.01, resting + step, 0)
        v = np.where(resting >= 0.5, 0, v)
        if n % 10 == 0:
            frames.append(x)
    return np.array(frames, float)


def gaps(x: Array) -> Array:
    """Rates (..., 31), u/s, at which the balls' distance grows, from x (..., 32, 2)."""
    return np.diff(x[..., 1] - x[..., 0], axis=-1) / 0.1


def test_positions_are_those_of_the_published_engines_steps(engine: Engine) -> None:
    """With Box2D's default settings, slow ones are not."""
    independent = np.stack([stepped(scene) for scene in EVALUATION])
    error = np.abs(engine["elastic"][..., 0] - independent).max(axis=(1, 2))
    assert SCORED.sum() == 340
    assert SLOW.sum() == 180
    assert error[SCORED | SLOW].max() <= 1e-4
    assert error.max() <= 2e-4  # single precision drifts where fast balls are far outside the picture
    off = np.abs(engine["box2d-default"][..., 0] - independent).max(axis=(1, 2)) > 1e-3
    assert off[SLOW].mean() > 0.9
    assert not off[~SLOW].any()


def test_no_impact_is_inelastic(engine: Engine) -> None:
    """All balls that meet before the last two frames move apart as fast as they came together."""
    start = np.array([s.placement.x[1] - s.placement.x[0] - sum(s.init[:2]) for s in EVALUATION])
    meet = start - CLOSING * 2.9 < 0
    assert (meet & SCORED & SLOW).sum() >= 40
    growing = {impacts: gaps(x[..., 0])[meet, -1] for impacts, x in engine.items()}
    np.testing.assert_allclose(growing["elastic"], CLOSING[meet], atol=2e-2)
    np.testing.assert_allclose(growing["box2d-default"][SLOW[meet]], 0, atol=2e-2)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_scenes_labels_and_order_are_those_of_the_first_release(scenario: Scenario) -> None:
    found = [
        (s.id, s.init, s.placement.x, s.placement.height, scenario.label(s.init))
        for scenes in (evaluation_scenes(scenario, 42), training_scenes(scenario, 42))
        for s in scenes
    ]
    assert hashlib.sha256(repr(found).encode()).hexdigest() == SCENES[scenario.name]


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="other processors round otherwise")
def test_box2d_default_gives_the_positions_of_the_first_release(engine: Engine) -> None:
    found = {
        "evaluation": engine["box2d-default"],
        "training": positions(training_scenes(COLLISION, 42), "box2d-default"),
    }
    digests = {name: hashlib.sha256(p.astype("<f4").tobytes()).hexdigest() for name, p in found.items()}
    assert digests == POSITIONS


def test_faster_collisions_are_the_same_in_both_to_the_last_bit(engine: Engine) -> None:
    same = (engine["elastic"] == engine["box2d-default"]).all(axis=(1, 2, 3))
    assert same[~SLOW].all()
    assert not same[SLOW].any()
    training = training_scenes(COLLISION, 42)
    np.testing.assert_array_equal(positions(training, "elastic"), positions(training, "box2d-default"))


def test_balls_slower_than_the_published_threshold_stick() -> None:
    for speed, growing in ((0.009, 0.0), (0.011, 0.011)):
        scene = Scene(0, 0, (0.5, 0.5, speed, 0.0), Placement((4.0, 5.001), 5.0))
        assert gaps(simulate(COLLISION, scene, "elastic")[..., 0])[-1] == pytest.approx(growing, abs=1e-4)


@pytest.mark.parametrize("impacts", IMPACTS)
def test_the_benchmarks_physics_has_the_impacts_of_its_data(impacts: Impacts, tmp_path: Path) -> None:
    """Generated, or read from a file, whose positions do not say how slow balls collide."""
    options = DataOptions(lossless=True, impacts=impacts)
    source = Collision().evaluation(options)
    episode = source.load(next(k for k in source.keys if k.id == "00000-0391"))
    export(tmp_path / "one.hdf5", [episode])
    file = Collision().evaluation(DataOptions(data=tmp_path / "one.hdf5", impacts=impacts))
    for found in (episode, file.load(file.keys[0])):
        again = Collision().physics(found, 2, found.truth.state(2))
        np.testing.assert_allclose(again["ball1.x"], found.truth["ball1.x"][3:], atol=3e-4)
        last = again["ball2.vx"][-1] - again["ball1.vx"][-1]
        assert last == pytest.approx(1.0 if impacts == "elastic" else 0.0, abs=1e-3)
