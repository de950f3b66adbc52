"""A Cart Pole with every mass, length and force free: video tells ratios of them, and the fit says which."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from proggen.archive.records import FitRecord
from proggen.benchmarks.cartpole import make_environment, play
from proggen.clips import Camera, Clip
from proggen.inference import calls
from proggen.inference.fit import Effort, PerceivedClip, fit, noise_scales
from proggen.sandbox import Sandbox
from proggen.states import Trajectory

NAMES = ("cart.x", "cart.vx", "pole.angle", "pole.angular_velocity")
CARTPOLE = """
from math import cos, sin

PARAMS = {
    "gravity": {"init": 8.0, "low": 1.0, "high": 20.0, "unit": "m/s^2", "meaning": "downwards"},
    "cart_mass": {"init": 1.5, "low": 0.1, "high": 10.0, "unit": "kg", "meaning": "of the cart"},
    "pole_mass": {"init": 0.3, "low": 0.01, "high": 2.0, "unit": "kg", "meaning": "of the pole"},
    "half_length": {"init": 0.7, "low": 0.1, "high": 2.0, "unit": "m", "meaning": "pivot to centre of mass"},
    "force": {"init": 6.0, "low": 0.0, "high": 40.0, "unit": "N", "meaning": "on the cart"},
}

def rollout(state, params, dt, n_steps, actions=None):
    x, v, a, w = (state[n] for n in ("cart.x", "cart.vx", "pole.angle", "pole.angular_velocity"))
    m, l = params["pole_mass"], params["half_length"]
    total, found = m + params["cart_mass"], []
    for k in range(n_steps):
        push = params["force"] * (1 if actions[k] > 0 else -1)
        pushed = (push + m * l * w * w * sin(a)) / total
        turn = (params["gravity"] * sin(a) - cos(a) * pushed) / (l * (4 / 3 - m * cos(a) ** 2 / total))
        pull = pushed - m * l * turn * cos(a) / total
        x, v, a, w = x + dt * v, v + dt * pull, a + dt * w, w + dt * turn
        found.append({"cart.x": x, "cart.vx": v, "pole.angle": a, "pole.angular_velocity": w})
    return found
"""
TRUTH = {"gravity": 9.8, "cart_mass": 1.0, "pole_mass": 0.1, "half_length": 0.5, "force": 10.0}


def clips(count: int = 8, frames: int = 40, noise: float = 5e-4) -> Iterator[PerceivedClip]:
    """Episodes of Gymnasium's CartPole-v1 with given actions and noise on their states."""
    environment, rng = make_environment(), np.random.default_rng(0)
    for i in range(count):
        environment.reset(seed=i)
        environment.state = rng.uniform(-0.2, 0.2, 4)
        actions = rng.integers(0, 2, frames - 1)
        states = Trajectory(NAMES, play(environment, actions) + noise * rng.normal(size=(frames, 4)))
        empty = np.zeros((frames, 2, 2, 3), np.uint8)
        clip = Clip(f"{i}", empty, 50.0, Camera(0.01, "m", 0, 0), actions.astype(np.float64))
        yield PerceivedClip(clip, states.part(0, 8), states)


@pytest.fixture(scope="module")
def found(sandbox: Sandbox) -> FitRecord:
    perceived = list(clips())
    specs = calls.describe(sandbox, "dynamics", CARTPOLE)
    scales, effort = noise_scales(perceived), Effort(starts=4, max_rollouts=12_000, shooting=2)
    return fit(sandbox, CARTPOLE, specs, perceived, scales, free=list(NAMES), effort=effort, seed=0).record


def test_masses_and_force_alone_are_not_told(found: FitRecord) -> None:
    told = {p.name for p in found.parameters if p.identified}
    assert told == {"gravity", "half_length"}


@pytest.mark.parametrize("ratio", ["pole_mass / cart_mass", "force / cart_mass"])
def test_their_ratios_are(found: FitRecord, ratio: str) -> None:
    one, other = ratio.split(" / ")
    texts = {c.text: c for c in found.combinations} | {
        " / ".join(reversed(c.text.split(" / "))): c.model_copy(update={"value": 1 / c.value})
        for c in found.combinations
    }
    assert texts[ratio].value == pytest.approx(TRUTH[one] / TRUTH[other], rel=0.01)
    assert texts[ratio].relative_std_error < 0.01


def test_length_and_gravity_are_within_a_percent(found: FitRecord) -> None:
    assert found.values()["half_length"] == pytest.approx(0.5, rel=0.01)
    assert found.values()["gravity"] == pytest.approx(9.8, rel=0.01)


def test_standard_errors_cover_the_truth(found: FitRecord) -> None:
    for p in found.parameters:
        if p.std_error is not None:
            assert abs(p.value - TRUTH[p.name]) < 3 * p.std_error < 0.01 * p.value


def test_few_rollouts_do(found: FitRecord) -> None:
    pieces = 8 * 4
    assert found.rollouts < 120 * pieces
    assert found.frames < 40 * found.rollouts
