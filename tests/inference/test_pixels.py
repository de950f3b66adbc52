"""Analysis by synthesis on the small world, whose drawing program is exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from proggen.archive.records import EstimationRecord, VariableRecord
from proggen.inference import calls
from proggen.inference.estimate import estimate, perceive_context
from proggen.inference.fit import PerceivedClip
from proggen.inference.pixels import SHIFT, derivative_steps, displacement
from proggen.run.episodes import predict_clip
from proggen.sandbox import Sandbox
from proggen.states import Trajectory
from proggen.world import WorldProgram

from .. import world
from ..world import CONTEXT, draw, episode, world_program

STEPS = {"box.x": 0.04, "box.y": 0.04, "box.vx": 0.1}
NAMES = ("box.x", "box.y", "box.vx")


def pixel_world(share: float = 1.0, **sources: str) -> WorldProgram:
    how = EstimationRecord(way="pixels", steps=STEPS, drawn=["box.x", "box.y"], share=share)
    plain = world_program()
    return replace(plain, estimation=how, sources={**plain.sources, **sources})


def truth(seed: int) -> np.ndarray:
    return episode(seed).truth.ordered(NAMES).values[:CONTEXT]


def off(values: np.ndarray) -> Trajectory:
    """Perceived states that are wrong by half a pixel and 0.2 u/s."""
    return Trajectory(NAMES, values + np.array([0.05, -0.05, 0.2]))


@pytest.mark.parametrize("seed", [3, 7, 11])
def test_pixels_correct_what_perception_got_wrong(sandbox: Sandbox, seed: int) -> None:
    found = estimate(sandbox, pixel_world(), episode(seed).clip, off(truth(seed)))
    assert np.abs(found["box.x"] - truth(seed)[:, 0]).max() < 0.005
    assert np.abs(found["box.y"] - truth(seed)[:, 1]).max() < 0.005
    assert abs(found["box.vx"][-1] - truth(seed)[-1, 2]) < 0.08  # the program's drag is not the true one


def test_a_share_goes_that_part_of_the_way(sandbox: Sandbox) -> None:
    seen = off(truth(3))
    whole = estimate(sandbox, pixel_world(), episode(3).clip, seen).values
    half = estimate(sandbox, pixel_world(share=0.5), episode(3).clip, seen).values
    assert half == pytest.approx((seen.values + whole) / 2)


def test_a_box_at_the_border_stays_where_the_pixels_show_it(sandbox: Sandbox) -> None:
    values = truth(3)
    values[:, 0] = 0.1 + 0.01 * np.arange(CONTEXT)  # a third of it is outside, and it hardly moves
    values[:, 2] = 0.1
    clip = replace(episode(3).clip, frames=np.stack([draw(x, y) for x, y, _ in values]))
    found = estimate(sandbox, pixel_world(), clip, off(values))
    assert np.abs(found["box.x"] - values[:, 0]).max() < 0.02


def test_a_box_at_rest_is_seen_to_be_at_rest(sandbox: Sandbox) -> None:
    values = truth(3)
    values[:] = values[0]
    values[:, 2] = 0.0
    clip = replace(episode(3).clip, frames=np.stack([draw(x, y) for x, y, _ in values]))
    found = estimate(sandbox, pixel_world(), clip, off(values))
    assert np.abs(found.values - values).max() < 0.005


def test_a_box_smaller_than_two_pixels_is_found(sandbox: Sandbox) -> None:
    small = world.RENDERING.replace("3.0", "0.8")
    seen = Trajectory(NAMES, truth(3) + np.array([0.04, -0.04, 0.2]))
    frames = calls.render(sandbox, small, Trajectory(NAMES, truth(3)), world.HEIGHT, world.WIDTH)
    clip = replace(episode(3).clip, frames=frames)
    found = estimate(sandbox, pixel_world(rendering=small), clip, seen)
    assert np.abs(found.values[:, :2] - truth(3)[:, :2]).max() < 0.01


TWO = """
import numpy as np

def render(state, height, width):
    frame = np.full((height, width, 3), 255.0)
    for name, channel in (("left", 0), ("right", 2)):
        edges = np.arange(width) - state[name + ".x"] / 0.1
        cover = np.clip(np.minimum(edges + 0.5, 6.0) - np.maximum(edges - 0.5, -6.0), 0, 1)
        frame[10:22] *= 1 - cover[:, None] * (np.arange(3) != channel)
    return np.round(frame).astype(np.uint8)
"""
STANDING = """
PARAMS = {}

def rollout(state, params, dt, n_steps, actions=None):
    return [dict(state) for _ in range(n_steps)]
"""


def test_things_that_touch_are_told_apart(sandbox: Sandbox) -> None:
    names, true = ("left.x", "right.x"), np.array([[2.03, 3.23]] * CONTEXT)  # 12 pixels wide and 12 apart
    variables = [VariableRecord(name=n, unit="u", meaning="Centre.") for n in names]
    how = EstimationRecord(way="pixels", steps=dict.fromkeys(names, 0.04), drawn=list(names))
    plain = pixel_world(rendering=TWO, dynamics=STANDING)
    touching = replace(
        plain, scene=plain.scene.model_copy(update={"variables": variables}), parameters={}, estimation=how
    )
    frames = calls.render(sandbox, TWO, Trajectory(names, true), world.HEIGHT, world.WIDTH)
    seen = Trajectory(names, true + np.array([0.05, -0.05]))  # half a pixel into each other on either side
    found = estimate(sandbox, touching, replace(episode(3).clip, frames=frames[:CONTEXT]), seen)
    assert np.abs(found.values - true).max() < 0.003


def test_pictures_without_the_object_leave_the_perceived_state(sandbox: Sandbox) -> None:
    seen = Trajectory(NAMES, truth(3) + np.array([50.0, 0.0, 0.0]))
    found = estimate(sandbox, pixel_world(), episode(3).clip, seen)
    assert found["box.x"][0] == pytest.approx(seen["box.x"][0], abs=1e-6)


def test_a_program_that_fails_on_the_way_costs_nothing(sandbox: Sandbox) -> None:
    seen = off(truth(3))
    broken = pixel_world(rendering=world.RENDERING.replace("    across", "    1 / 0\n    across"))
    found = estimate(sandbox, broken, episode(3).clip, seen)
    assert found.state(0) == seen.state(0)


def test_the_same_clip_gives_the_same_bits(sandbox: Sandbox) -> None:
    one, two = (estimate(sandbox, pixel_world(), episode(7).clip, off(truth(7))) for _ in range(2))
    assert np.array_equal(one.values, two.values)


def test_prediction_from_pixels_beats_one_from_a_wrong_state(sandbox: Sandbox) -> None:
    one = episode(7)
    plain, fitted = (
        predict_clip(sandbox, w, one.clip, off(truth(7))) for w in (world_program(), pixel_world())
    )
    errors = [np.abs(p.predicted["box.x"] - one.truth["box.x"][CONTEXT:]).mean() for p in (plain, fitted)]
    assert errors[1] < 0.5 * errors[0]


@pytest.mark.parametrize("shift", [0.1, 0.3, 0.6])
def test_displacement_is_in_pixels(shift: float) -> None:
    assert displacement(draw(2.0, 2.0), draw(2.0 + 0.1 * shift, 2.0)) == pytest.approx(shift, rel=0.6)
    assert displacement(draw(2.0, 2.0), draw(2.0, 2.0)) == 0


def test_steps_move_the_picture_and_tell_what_is_drawn(sandbox: Sandbox) -> None:
    clips = []
    for seed in range(3):
        clip = episode(seed).clip
        head = perceive_context(sandbox, world_program(), clip)
        clips.append(PerceivedClip(clip, head, episode(seed).truth.ordered(NAMES)))
    steps, drawn = derivative_steps(sandbox, world.RENDERING, clips, {"box.vx": 0.01})
    assert drawn == ["box.x", "box.y"]
    assert 0.2 * SHIFT < steps["box.x"] / 0.1 < 3 * SHIFT
    assert steps["box.vx"] == pytest.approx(0.03)
