"""The box's programs with links replaced by the truth, in a real sandbox."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from proggen.archive.records import FitRecord, MatchRecord, ParameterRecord
from proggen.benchmarks.base import Episode, Physics
from proggen.evaluation.baselines import TrainingClip
from proggen.evaluation.scoring import Forecast, score_episode
from proggen.run.ablations import Ablations, fit_on_truth
from proggen.run.episodes import beginning, predict_clip
from proggen.run.learning import Learned
from proggen.sandbox import Sandbox
from proggen.sandbox.workers import Workers
from proggen.states import State, Trajectory
from proggen.world import WorldProgram

from .world import CONTEXT, DYNAMICS, FPS, Box, episode, world_program

MATCHES = [
    MatchRecord(truth=n, truth_unit=u, variable=n)
    for n, u in (("box.x", "u"), ("box.y", "u"), ("box.vx", "u/s"))
]
TRUE_DRAG = {"drag": 0.3}


def own_physics(played: Episode, frame: int, state: State) -> Trajectory:
    rows, x, v = [], state["box.x"], state["box.vx"]
    for _ in range(len(played.clip) - 1 - frame):
        v -= TRUE_DRAG["drag"] * v / FPS
        x += v / FPS
        rows.append((x, state["box.y"], v))
    return Trajectory(("box.x", "box.y", "box.vx"), np.array(rows))


def forecasts(
    sandbox: Sandbox,
    world: WorldProgram,
    physics: Physics | None = None,
    matches: list[MatchRecord] = MATCHES,
) -> dict[str, Forecast]:
    played = episode(1)
    estimated = predict_clip(sandbox, world, played.clip).estimated
    made = Ablations(sandbox, world, matches, TRUE_DRAG, physics)
    return made.forecasts(played, estimated, beginning(world, played.clip, estimated))


def errors(sandbox: Sandbox, world: WorldProgram, physics: Physics | None = None) -> dict[str, float]:
    found = forecasts(sandbox, world, physics)
    return score_episode(Box.info, episode(1), MATCHES, found).metrics["state.box.x"]


def test_with_true_state_and_parameters_only_structure_is_left(sandbox: Sandbox) -> None:
    found = errors(sandbox, world_program({"drag": 0.6}))
    assert found["true_start_and_parameters"] < 1e-12
    assert found["true_start"] > 0.01


def test_structure_is_what_the_program_gets_wrong_whatever_its_numbers(sandbox: Sandbox) -> None:
    backwards = replace(
        world_program(), sources={**world_program().sources, "dynamics": DYNAMICS.replace("x +=", "x -=")}
    )
    assert errors(sandbox, backwards)["true_start_and_parameters"] > 0.1


def test_own_physics_starts_from_our_estimate(sandbox: Sandbox) -> None:
    """Perception sees the speed with an error, which the true physics carries on."""
    found = errors(sandbox, world_program({"drag": 0.6}), own_physics)
    played = episode(1)
    estimated = predict_clip(sandbox, world_program(), played.clip).estimated
    expected = own_physics(played, CONTEXT - 1, estimated.state(CONTEXT - 1))
    gap = np.abs(expected["box.x"] - played.truth["box.x"][CONTEXT:]).mean()
    assert found["true_physics"] == pytest.approx(gap)


def test_without_physics_or_with_a_variable_unmatched_that_row_is_left_out(sandbox: Sandbox) -> None:
    assert "true_physics" not in forecasts(sandbox, world_program())
    partly = [*MATCHES[:2], MATCHES[2].model_copy(update={"variable": None})]
    assert "true_physics" not in forecasts(sandbox, world_program(), own_physics, partly)


def test_the_true_motion_is_drawn_by_our_program(sandbox: Sandbox) -> None:
    found = forecasts(sandbox, world_program())["true_states"]
    assert found.states is None
    assert found.frames is not None
    gap = found.frames.astype(float) - episode(1).clip.frames[CONTEXT:]
    assert np.abs(gap).max() <= 1  # but for y, which the program holds constant as it estimated it


def test_where_nothing_is_matched_nothing_is_replaced(sandbox: Sandbox) -> None:
    none = [m.model_copy(update={"variable": None}) for m in MATCHES]
    assert forecasts(sandbox, world_program(), own_physics, none) == {}


def test_a_program_that_fails_on_true_states_leaves_its_rows_out(sandbox: Sandbox) -> None:
    played, world = episode(1), world_program()
    estimated = predict_clip(sandbox, world, played.clip).estimated
    broken = replace(world, sources={**world.sources, "dynamics": DYNAMICS + "\nrollout = None\n"})
    made = Ablations(sandbox, broken, MATCHES, TRUE_DRAG, own_physics)
    found = made.forecasts(played, estimated, beginning(world, played.clip, estimated))
    assert set(found) == {"true_physics", "true_states"}


def learned(world: WorldProgram, training: list[Episode]) -> Learned:
    drag = ParameterRecord(name="drag", value=0.6, init=0.5, low=0, high=2, unit="1/s", meaning="slows")
    fit = FitRecord(parameters=[drag], loss_initial=1, loss_fitted=1, rollouts=1, starts=1, clips=[])
    # perceived states that are all wrong: only the truth may count
    seen = [Trajectory(e.truth.names, e.truth.values * 0 + 1.0) for e in training]
    clips = tuple(TrainingClip(e.clip, s) for e, s in zip(training, seen, strict=True))
    return Learned(world, fit, clips)


def test_parameters_are_fitted_to_the_true_states(workers: Workers) -> None:
    training = [episode(i, "train", length=20) for i in range(3)]
    found = fit_on_truth(learned(world_program(), training), training, MATCHES, workers, seed=0)
    assert found is not None
    assert found.values()["drag"] == pytest.approx(0.3, abs=1e-4)


def test_nothing_is_fitted_to_the_truth_without_matches(workers: Workers) -> None:
    training = [episode(i, "train") for i in range(2)]
    none = [m.model_copy(update={"variable": None}) for m in MATCHES]
    assert fit_on_truth(learned(world_program(), training), training, none, workers, seed=0) is None
