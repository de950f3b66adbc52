from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from proggen.archive.records import FitRecord
from proggen.inference import calls
from proggen.inference.estimate import perceive
from proggen.inference.fit import (
    Effort,
    PerceivedClip,
    context_scales,
    fit,
    loss,
    noise_scales,
    obeys_to_rounding,
    segments,
)
from proggen.inference.problems import Rollout
from proggen.sandbox import Sandbox
from proggen.states import Trajectory

from ..world import CONTEXT, DYNAMICS, PERCEPTION, SCENE, episode


def perceived(sandbox: Sandbox, count: int = 3) -> list[PerceivedClip]:
    clips = [episode(i).clip for i in range(count)]
    return [
        PerceivedClip(
            c,
            perceive(sandbox, SCENE, PERCEPTION, c.head(CONTEXT), CONTEXT),
            perceive(sandbox, SCENE, PERCEPTION, c, CONTEXT),
        )
        for c in clips
    ]


def fitted(
    sandbox: Sandbox, source: str, *, shooting: int = 2, clips: Sequence[PerceivedClip] | None = None
) -> FitRecord:
    clips = clips or perceived(sandbox)
    found = fit(
        sandbox,
        source,
        calls.describe(sandbox, "dynamics", source),
        clips,
        noise_scales(clips),
        free=["box.x", "box.vx"],
        effort=Effort(2, 2000, shooting),
        seed=0,
    )
    return found.record


def test_recovers_the_parameter_and_its_loss_falls(sandbox: Sandbox) -> None:
    found = fitted(sandbox, DYNAMICS)
    assert found.values()["drag"] == pytest.approx(0.3, abs=0.02)
    assert found.loss_fitted < found.loss_initial
    assert found.parameters[0].identified


def test_same_seed_same_fit(sandbox: Sandbox) -> None:
    assert fitted(sandbox, DYNAMICS) == fitted(sandbox, DYNAMICS)


def test_parameter_that_moves_nothing_is_not_identified(sandbox: Sandbox) -> None:
    entry = '"unused": {"init": 1.0, "low": 0.0, "high": 2.0, "unit": "", "meaning": "m"}, "drag"'
    found = fitted(sandbox, DYNAMICS.replace('"drag"', entry, 1))
    assert {p.name: p.identified for p in found.parameters} == {"unused": False, "drag": True}


def test_parameters_that_only_act_together_are_not_identified(sandbox: Sandbox) -> None:
    entry = '"other": {"init": 0.5, "low": 0.0, "high": 2.0, "unit": "", "meaning": "m"}, "drag"'
    source = DYNAMICS.replace('"drag"', entry, 1).replace(
        'params["drag"]', '(params["drag"] + params["other"])'
    )
    assert not any(p.identified for p in fitted(sandbox, source).parameters)


def test_value_at_its_bound_is_told(sandbox: Sandbox) -> None:
    found = fitted(sandbox, DYNAMICS.replace('"low": 0.0', '"low": 0.4'))
    assert found.parameters[0].at_bound
    assert found.parameters[0].value == pytest.approx(0.4, abs=0.01)


def test_program_without_parameters_is_fine(sandbox: Sandbox) -> None:
    source = "PARAMS = {}\n" + DYNAMICS.split("\n", 3)[3].replace('params["drag"]', "0.3")
    assert fitted(sandbox, source).parameters == []


def test_noise_is_that_of_the_white_noise_added(sandbox: Sandbox) -> None:
    clip = perceived(sandbox, 1)[0]
    rng = np.random.default_rng(0)
    times = np.arange(400.0)
    values = np.stack([times, np.ones(400), np.ones(400)], axis=1) + rng.normal(0, [2.0, 0.5, 0.0], (400, 3))
    noisy = replace(clip, whole=Trajectory(clip.whole.names, values))
    scales = noise_scales([noisy])
    assert scales["box.x"] == pytest.approx(2.0, rel=0.2)
    assert scales["box.y"] == pytest.approx(0.5, rel=0.2)
    assert 0 < scales["box.vx"] < 1e-5


def test_segments_start_where_all_was_observed(sandbox: Sandbox) -> None:
    clip = perceived(sandbox, 1)[0]
    pieces = segments([clip])
    assert len(pieces[0].observed) == len(clip.whole) - CONTEXT
    assert all(set(p.state) == set(clip.whole.names) for p in pieces)


def test_loss_is_quadratic_within_the_noise_and_linear_beyond() -> None:
    assert loss(np.array([0.01])) == pytest.approx(1e-4, rel=1e-3)
    assert loss(np.array([1000.0])) == pytest.approx(1998, rel=1e-3)
    assert loss(np.array([])) == 0.0


def test_what_the_clips_cannot_tell_keeps_its_first_value(sandbox: Sandbox) -> None:
    entry = '"unused": {"init": 1.25, "low": 0.0, "high": 2.0, "unit": "", "meaning": "m"}, "drag"'
    assert fitted(sandbox, DYNAMICS.replace('"drag"', entry, 1)).values()["unused"] == 1.25


def test_context_alone_is_weighed_by_its_own_error(sandbox: Sandbox) -> None:
    clips = perceived(sandbox)
    off = [
        replace(c, context=Trajectory(c.context.names, c.context.values + np.array([0.0, 0.0, 0.4])))
        for c in clips
    ]
    scales = context_scales(off, {"box.x": 1e-3, "box.y": 1e-3, "box.vx": 1e-3})
    assert scales["box.y"] == 1e-3
    assert scales["box.vx"] == pytest.approx(1.4826 * 0.4, rel=0.2)


SUBSTEPS = """
PARAMS = {
    "drag": {"init": 0.5, "low": 0.0, "high": 2.0, "unit": "1/s", "meaning": "Slows the box."},
    "substeps": {"init": 4, "low": 1, "high": 6, "step": 1, "unit": "1", "meaning": "Steps a frame."},
}

def rollout(state, params, dt, n_steps, actions=None):
    x, v, found, n = state["box.x"], state["box.vx"], [], int(params["substeps"])
    for _ in range(n_steps):
        for _ in range(n):
            v -= params["drag"] * v * dt / n
            x += v * dt / n
        found.append({**state, "box.x": x, "box.vx": v})
    return found
"""


def simulated(sandbox: Sandbox, params: dict[str, float]) -> list[PerceivedClip]:
    """Clips whose states are rollouts of SUBSTEPS with some noise."""
    rng, found = np.random.default_rng(0), []
    for clip, speed in zip(perceived(sandbox), (0.5, 1.0, 2.0), strict=True):
        start = {"box.x": 1.0, "box.y": 2.0, "box.vx": speed}
        (rest,) = calls.rollout(sandbox, SUBSTEPS, [Rollout(start, params, 0.1, len(clip.whole) - 1)])
        whole = Trajectory.from_states([start], tuple(start)).then(rest)
        noisy = Trajectory(whole.names, whole.values + 1e-4 * rng.normal(size=whole.values.shape))
        found.append(PerceivedClip(clip.clip, noisy.part(0, CONTEXT), noisy))
    return found


def test_substeps_that_the_clips_tell_are_found(sandbox: Sandbox) -> None:
    clips = simulated(sandbox, {"drag": 0.3, "substeps": 2})
    drag, substeps = fitted(sandbox, SUBSTEPS, clips=clips).parameters
    assert (substeps.value, substeps.step, substeps.identified) == (2.0, 1.0, True)
    assert drag.value == pytest.approx(0.3, abs=1e-3)


def test_substeps_that_nothing_depends_on_keep_their_first_value(sandbox: Sandbox) -> None:
    found = fitted(sandbox, SUBSTEPS.replace("/ n", "").replace("range(n)", "range(1)"))
    assert (found.values()["substeps"], found.parameters[1].identified) == (4.0, False)


def exact_states(sandbox: Sandbox, drag: float = 0.3) -> list[PerceivedClip]:
    """Clips whose states a perception computed with the equations of DYNAMICS."""
    found = []
    for clip, speed in zip(perceived(sandbox), (0.5, 1.0, 2.0), strict=True):
        start = {"box.x": 1.0, "box.y": 2.0, "box.vx": speed}
        (rest,) = calls.rollout(
            sandbox, DYNAMICS, [Rollout(start, {"drag": drag}, clip.clip.dt, len(clip.whole) - 1)]
        )
        whole = Trajectory.from_states([start], tuple(start)).then(rest)
        found.append(PerceivedClip(clip.clip, whole.part(0, CONTEXT), whole))
    return found


@pytest.mark.parametrize("start", [0.3, 0.5])
def test_states_that_obey_the_program_to_rounding_judge_nothing(sandbox: Sandbox, start: float) -> None:
    source = DYNAMICS.replace('"init": 0.5', f'"init": {start}')
    found = fitted(sandbox, source, clips=exact_states(sandbox))
    [drag] = found.parameters
    assert found.exact
    assert (drag.status, drag.std_error, drag.told) == (
        "exact",
        None,
        "cannot be judged: perception assumes it",
    )
    assert found.combinations == []


def test_a_thousandth_of_noise_is_a_measurement(sandbox: Sandbox) -> None:
    rng = np.random.default_rng(0)
    noisy = [
        replace(
            c, whole=Trajectory(c.whole.names, c.whole.values + 1e-3 * rng.normal(size=c.whole.values.shape))
        )
        for c in exact_states(sandbox)
    ]
    found = fitted(sandbox, DYNAMICS, clips=noisy)
    assert not found.exact
    assert found.parameters[0].identified
    assert (found.parameters[0].std_error or 0) > 1e-6


def test_one_frame_beside_the_equations_is_a_measurement() -> None:
    residual = np.zeros(40)
    assert obeys_to_rounding(residual, {"x": 0.1, "v": 0.1}, {"x": 1.0, "v": 1.0})
    residual[7] = 1e-2  # of a scale: a thousandth of the spread
    assert not obeys_to_rounding(residual, {"x": 0.1, "v": 0.1}, {"x": 1.0, "v": 1.0})
    assert not obeys_to_rounding(np.array([]), {"x": 0.1}, {"x": 1.0})


def test_value_at_its_bound_is_told_also_of_two_values(sandbox: Sandbox) -> None:
    two = SUBSTEPS.replace(
        '"init": 4, "low": 1, "high": 6, "step": 1', '"init": 2, "low": 2, "high": 6, "step": 4'
    )
    found = fitted(sandbox, two, clips=simulated(sandbox, {"drag": 0.3, "substeps": 2}))
    substeps = found.parameters[1]
    assert (substeps.value, substeps.at_bound, substeps.status) == (2.0, True, "at_bound")
    assert not substeps.identified
