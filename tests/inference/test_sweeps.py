from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image

from proggen.archive.records import (
    AffordanceRule,
    FitRecord,
    ParameterRecord,
    SceneObject,
    SceneRecord,
    VariableRecord,
)
from proggen.clips import Camera, Clip
from proggen.inference import sweeps
from proggen.inference.counterfactual import Beginning
from proggen.inference.sweeps import ladder
from proggen.sandbox import Sandbox
from proggen.states import Trajectory
from proggen.world import WorldProgram

DYNAMICS = """
PARAMS = {"gravity": {"init": 9.8, "low": 0.0, "high": 30.0, "unit": "m/s^2", "meaning": "pull downwards"}}


def rollout(state, params, dt, n_steps, actions=None):
    if params["gravity"] > 17:
        raise ValueError("too heavy")
    now, states = dict(state), []
    for i in range(n_steps):
        push = 0.0 if actions is None else actions[i]
        now["ball.vy"] += (push - params["gravity"]) * dt
        now["ball.y"] += now["ball.vy"] * dt
        states.append(dict(now))
    return states
"""
RENDERING = """
import numpy as np


def render(state, height, width):
    frame = np.full((height, width, 3), 255, np.uint8)
    frame[int(np.clip(state["ball.y"], 0, height - 1))] = 0
    return frame
"""
SCENE = SceneRecord(
    objects=[SceneObject(name="ball", looks="round", can="fall")],
    variables=[
        VariableRecord(name="ball.y", unit="m", meaning="height"),
        VariableRecord(name="ball.vy", unit="m/s", meaning="speed upwards"),
        VariableRecord(name="ball.radius", unit="m", meaning="radius", constant=True),
    ],
    rules=[
        AffordanceRule(kind="acts", subject="gravity", object="ball", rule="gravity pulls the ball downwards")
    ],
)
FIT = FitRecord(
    parameters=[
        ParameterRecord(
            name="gravity", value=9.8, init=9, low=0, high=30, unit="m/s^2", meaning="pull downwards"
        )
    ],
    loss_initial=1, loss_fitted=0, rollouts=1, starts=1, clips=[],
)  # fmt: skip
WORLD = WorldProgram(
    scene=SCENE,
    sources={"perception": "", "dynamics": DYNAMICS, "rendering": RENDERING},
    parameters={"gravity": 9.8},
    context=2,
)
STEPS = 20
BEGINNING = Beginning({"ball.y": 10.0, "ball.vy": 1.0, "ball.radius": 0.5}, 0.1, STEPS)
CLIP = Clip("c", np.zeros((STEPS + 2, 30, 400, 3), np.uint8), 10.0, Camera(0.1, "m", 0, 29))


def future(sandbox: Sandbox, beginning: Beginning = BEGINNING) -> Trajectory:
    whole = sweeps.Sweep("gravity", "parameter", "", "", "", (9.8, 0.0), 1)
    [[states, _]] = sweeps.work_out(sandbox, WORLD, [whole], beginning, Trajectory((), np.empty((0, 0))))
    assert states is not None
    return states


@pytest.mark.parametrize(
    ("low", "high", "now"),
    [(0, 30, 9.8), (0, 1.1, 0.99995), (-4, 4, 2.0), (0.97, 1.04, 1.007), (-1e-3, 1e-3, 0)],
)
def test_a_ladder_is_ascending_within_its_limits_and_holds_the_value_of_now(
    low: float, high: float, now: float
) -> None:
    values = ladder(low, high, now)
    assert now in values
    assert list(values) == sorted(set(values))
    assert 7 <= len(values) <= sweeps.MOST_VALUES
    assert min(values) >= low - 1e-12
    assert max(values) <= high + 1e-12


def test_the_other_steps_of_a_ladder_are_round() -> None:
    assert ladder(0, 30, 9.8) == (0, 4, 8, 9.8, 12, 16, 20, 24, 28)
    assert ladder(-0.5, 0.5, 0.03) == (-0.5, -0.4, -0.3, -0.2, -0.1, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5)


def test_no_room_leaves_the_value_of_now() -> None:
    assert ladder(1, 1, 1) == (1,)


def test_parameters_speeds_and_sizes_are_asked_about_and_positions_are_not() -> None:
    chosen = {s.target: s for s in sweeps.choose(SCENE, FIT, BEGINNING, {"ball.vy": 18.0})}
    assert list(chosen) == ["gravity", "ball.vy", "ball.radius"]
    assert chosen["gravity"].because == "acts: gravity pulls the ball downwards"
    assert max(v for v in chosen["ball.vy"].values if v is not None) > 10  # as fast as it gets later
    assert all(s.values[s.factual] is not None for s in chosen.values())


def test_actions_stand_between_all_of_one_kind_and_all_of_the_other() -> None:
    given = Beginning(BEGINNING.state, 0.1, 4, np.array([0.0, 1.0, 1.0, 0.0]))
    last = sweeps.choose(SCENE, FIT, given, {})[-1]
    assert (last.target, last.values, last.factual) == ("actions", (0.0, None, 1.0), 1)


def test_futures_follow_their_values_and_a_failure_is_none(sandbox: Sandbox) -> None:
    factual = future(sandbox)
    sweep = sweeps.Sweep("gravity", "parameter", "m/s^2", "", "", (0.0, 9.8, 20.0), 1)
    [[none, same, failed]] = sweeps.work_out(sandbox, WORLD, [sweep], BEGINNING, factual)
    assert none is not None
    assert none["ball.y"][-1] == pytest.approx(10 + 0.1 * STEPS)
    assert same is factual
    assert failed is None


def test_a_changed_start_and_changed_actions_reach_the_program(sandbox: Sandbox) -> None:
    given = Beginning(BEGINNING.state, 0.1, STEPS, np.zeros(STEPS))
    factual = future(sandbox, given)
    speed = sweeps.Sweep("ball.vy", "state", "", "", "", (1.0, 5.0), 0)
    pushed = sweeps.Sweep("actions", "actions", "", "", "", (None, 9.8), 0)
    [[_, fast], [_, held]] = sweeps.work_out(sandbox, WORLD, [speed, pushed], given, factual)
    assert fast is not None
    assert held is not None
    assert fast["ball.vy"][0] - factual["ball.vy"][0] == pytest.approx(4)
    assert held["ball.vy"] == pytest.approx(np.ones(STEPS))


def test_the_record_keeps_only_what_changes(sandbox: Sandbox) -> None:
    factual = future(sandbox)
    chosen = sweeps.choose(SCENE, FIT, BEGINNING, {})
    futures = sweeps.work_out(sandbox, WORLD, chosen, BEGINNING, factual)
    record = sweeps.record("b", "e", 2, factual, chosen, futures)
    gravity, _, radius = record.sweeps
    assert gravity.names == ["ball.y", "ball.vy"]
    assert gravity.futures[gravity.factual] == [row[:2] for row in record.factual.values]
    assert gravity.futures[-1] is None
    assert radius.names == ["ball.radius"]
    assert record.shown[-1] == STEPS + 1
    assert len(record.shown) <= sweeps.MOST_SHOWN


def test_a_picture_has_a_row_a_value_and_a_column_a_shown_frame(sandbox: Sandbox) -> None:
    factual = future(sandbox)
    sweep = sweeps.Sweep("gravity", "parameter", "", "", "", (0.0, 9.8, 20.0), 1)
    futures = sweeps.work_out(sandbox, WORLD, [sweep], BEGINNING, factual)
    record = sweeps.record("b", "e", 2, factual, [sweep], futures)
    drawn = sweeps.draw(sandbox, WORLD, futures[0], record, CLIP)
    assert drawn is not None
    picture = np.asarray(Image.open(io.BytesIO(drawn)).convert("L"))
    assert picture.shape == (3 * 15, len(record.shown) * 200)
    assert np.abs(picture[35:].astype(int) - 128).max() < 10  # the failed one is grey
    assert picture[:30].max() > 240


def test_six_digits_are_kept() -> None:
    values = sweeps.six_digits(np.array([123456.789, -0.000123456789, 0.0, math.nan, 1e300]))
    assert values[:3] == pytest.approx([123457.0, -0.000123457, 0.0], rel=1e-12)
    assert math.isnan(values[3])
    assert values[4] == pytest.approx(1e300)
