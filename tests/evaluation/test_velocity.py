from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from proggen.benchmarks.phyworld.drawing import draw
from proggen.evaluation.velocity import impact_interval, kept_frames, parse_frames, velocity_metrics
from proggen.states import Trajectory

Array = NDArray[np.float64]
T = np.arange(32) * 0.1


def one(x: Array, y: Array | float = 5.0) -> Trajectory:
    return Trajectory(("ball.x", "ball.y"), np.stack([x, np.broadcast_to(y, x.shape)], axis=1))


def two(x1: Array, x2: Array) -> Trajectory:
    y = np.full_like(x1, 5.0)
    return Trajectory(("ball1.x", "ball1.y", "ball2.x", "ball2.y"), np.stack([x1, y, x2, y], axis=1))


def bounce(x: float, before: float, after: float, frame: int = 15) -> Array:
    """Position over 32 frames; the velocity changes at a frame."""
    return x + np.concatenate([[0], np.cumsum(np.where(np.arange(31) < frame, before, after))]) * 0.1


TRUE_BOUNCE = two(bounce(2, 1, -1), bounce(8, -1, 1))
RADII = {"r1": 0.5, "r2": 0.5, "v1": 1.0, "v2": 1.0}


def test_uniform_error_is_of_the_mean_velocity() -> None:
    metrics = velocity_metrics("uniform", one(1 + 2 * T), {"r": 0.7, "v": 2.0}, one(1 + 2.5 * T))
    assert metrics == pytest.approx({"vel_error": 0.5, "vel_error_per_frame": 0.5})


def test_uniform_errors_that_cancel_show_in_the_other_reading() -> None:
    wobble = 0.02 * (np.arange(32) % 2)  # +-0.2 u/s; 27 intervals, so one is left over
    metrics = velocity_metrics("uniform", one(1 + 2 * T), {"r": 0.7, "v": 2.0}, one(1 + 2 * T + wobble))
    assert metrics["vel_error"] == pytest.approx(0.2 / 27)
    assert metrics["vel_error_per_frame"] == pytest.approx(0.2)


def test_uniform_looks_at_x_only() -> None:
    predicted = one(1 + 2 * T, 5 + 3 * T)
    metrics = velocity_metrics("uniform", one(1 + 2 * T), {"r": 0.7, "v": 2.0}, predicted)
    assert metrics == pytest.approx({"vel_error": 0.0, "vel_error_per_frame": 0.0}, abs=1e-12)


def test_given_frames_and_the_last_one_are_not_scored() -> None:
    x = 1 + 2 * T
    x[:3], x[31] = np.nan, 100.0
    metrics = velocity_metrics("uniform", one(1 + 2 * T), {"r": 0.7, "v": 2.0}, one(x))
    assert metrics["vel_error"] == pytest.approx(0.0, abs=1e-12)


def test_frames_are_kept_while_the_true_ball_is_inside() -> None:
    truth = one(1 + 3 * T)  # x + r reaches 10 at t = 2.7
    assert kept_frames("uniform", truth, {"r": 0.95}).tolist() == list(range(3, 27))


def test_collision_watches_two_edges_only() -> None:
    truth = two(5 - 2 * T, 5 + np.zeros(32))  # ball 1 leaves to the left after t = 2.25
    assert kept_frames("collision", truth, {"r1": 0.5, "r2": 9.0}).tolist() == []
    assert kept_frames("collision", truth, {"r1": 0.55, "r2": 0.5})[-1] == 22


def test_parabola_compares_x_to_the_initial_velocity_and_y_to_the_truth() -> None:
    fall = 8 - 1.25 * T**2
    metrics = velocity_metrics(
        "parabola", one(1 + T, fall), {"r": 0.7, "v": 1.0}, one(1 + 1.3 * T, fall - 0.4 * T)
    )
    expected = {"x_vel_error": 0.3, "y_vel_error_per_frame": 0.4, "vel_error_per_frame": 0.5}
    assert metrics == pytest.approx(expected)


def test_true_collision_has_no_error() -> None:
    metrics = velocity_metrics("collision", TRUE_BOUNCE, RADII, TRUE_BOUNCE)
    assert set(metrics) == {
        "pre_vel_error", "post_vel_error", "post_vel_error_per_frame", "vel_error_per_frame"
    }  # fmt: skip
    assert not any(metrics.values())


def test_collision_that_is_missed() -> None:
    predicted = two(bounce(2, 1, 1), bounce(8, -1, -1))
    metrics = velocity_metrics("collision", TRUE_BOUNCE, RADII, predicted)
    assert metrics["pre_vel_error"] == pytest.approx(0.0)
    assert metrics["post_vel_error"] == pytest.approx(2.0)
    assert metrics["vel_error_per_frame"] == pytest.approx(2.0 * 15 / 27)  # impact's interval is included


def test_collision_a_frame_late_costs_nothing_before_or_after() -> None:
    predicted = two(bounce(2, 1, -1, 16), bounce(8, -1, 1, 16))
    metrics = velocity_metrics("collision", TRUE_BOUNCE, RADII, predicted)
    assert metrics["post_vel_error"] == pytest.approx(0.0, abs=1e-12)
    assert metrics["vel_error_per_frame"] == pytest.approx(2.0 / 27)


def test_without_a_collision_there_is_no_post_error() -> None:
    calm = two(1 + T, 9 - 0.5 * T)
    metrics = velocity_metrics("collision", calm, RADII, calm)
    assert metrics["pre_vel_error"] == 0.0
    assert math.isnan(metrics["post_vel_error"])
    assert math.isnan(metrics["post_vel_error_per_frame"])


def test_after_an_impact_errors_count_frame_by_frame_and_none_before_it() -> None:
    """Frames 3 to 30 are kept, the interval from 15 to 16 holds the impact, 14 intervals follow."""
    before, after = np.zeros(32), 0.02 * (np.arange(32) % 2) * (np.arange(32) >= 16)
    before[:16] = 0.1 * (np.arange(16) % 2)
    x1 = bounce(2, 1, -1) + before + after  # ball 1 is 0.2 u/s off in every interval after the impact
    metrics = velocity_metrics("collision", TRUE_BOUNCE, RADII, two(x1, bounce(8, -1, 1)))
    assert metrics["post_vel_error_per_frame"] == pytest.approx(0.2 / 2)  # ball 2 is exact
    assert metrics["post_vel_error"] == pytest.approx(0, abs=1e-12)  # there they cancel
    assert metrics["vel_error_per_frame"] > 0.2  # counts those before, which are 1 u/s off


def test_the_interval_of_the_impact_does_not_count_after_it_and_later_ones_do() -> None:
    one_late = velocity_metrics(
        "collision", TRUE_BOUNCE, RADII, two(bounce(2, 1, -1, 16), bounce(8, -1, 1, 16))
    )
    two_late = velocity_metrics(
        "collision", TRUE_BOUNCE, RADII, two(bounce(2, 1, -1, 17), bounce(8, -1, 1, 17))
    )
    assert one_late["post_vel_error_per_frame"] == pytest.approx(0, abs=1e-12)
    assert two_late["post_vel_error_per_frame"] == pytest.approx(2.0 / 14)


def test_only_collisions_have_errors_after_an_impact() -> None:
    metrics = velocity_metrics("uniform", one(1 + 2 * T), {"r": 0.7, "v": 2.0}, one(1 + 2 * T))
    assert not [name for name in metrics if name.startswith("post")]


def test_impact_is_the_first_change_above_a_tenth() -> None:
    velocities = np.array([[1, -1], [1.05, -1], [1.05, -0.8], [3, 3]])
    assert impact_interval(velocities) == 2
    assert impact_interval(velocities[:2]) == 1


def test_ball_that_is_never_inside_has_no_error() -> None:
    metrics = velocity_metrics("uniform", one(20 + T), {"r": 0.7, "v": 1.0}, one(20 + T))
    assert all(math.isnan(v) for v in metrics.values())


def test_unmatched_variable_gives_nan() -> None:
    metrics = velocity_metrics(
        "parabola", one(1 + T), {"r": 0.7, "v": 1.0}, one(1 + T).ordered(["ball.x", "ball.q"])
    )
    assert metrics["x_vel_error"] == pytest.approx(0.0, abs=1e-12)
    assert math.isnan(metrics["y_vel_error_per_frame"])


def test_unknown_scenario_and_unequal_lengths() -> None:
    with pytest.raises(ValueError, match="not 'spin'"):
        velocity_metrics("spin", one(T), {}, one(T))
    with pytest.raises(ValueError, match="31 predicted states"):
        velocity_metrics("uniform", one(T), {}, one(T[:-1]))


def test_parser_finds_a_drawn_ball_in_its_own_scale() -> None:
    frames = draw(np.array([[[4.0, 7.0]], [[4.5, 6.0]]]), [1.2])
    parsed = parse_frames(frames, "parabola")
    scale = 255 / 256  # the parser's error of scale is part of the protocol
    assert parsed["ball.x"] == pytest.approx(scale * np.array([4.0, 4.5]), abs=0.01)
    assert parsed["ball.y"] == pytest.approx(scale * np.array([7.0, 6.0]), abs=0.01)
    assert parsed["ball.radius"] == pytest.approx(scale * 1.2 * np.ones(2), abs=0.02)


def test_parser_tells_two_balls_by_colour() -> None:
    parsed = parse_frames(draw(np.array([[[3.0, 5.0], [7.0, 5.0]]]), [1.0, 0.6]), "collision")
    assert parsed["ball1.x"][0] == pytest.approx(3.0 * 255 / 256, abs=0.01)
    assert parsed["ball2.x"][0] == pytest.approx(7.0 * 255 / 256, abs=0.01)
    assert parsed["ball2.radius"][0] == pytest.approx(0.6, abs=0.02)


def test_parser_floor_on_drawn_balls() -> None:
    x = 1 + 2.0 * T
    frames = draw(np.stack([x, np.full(32, 5.0)], axis=1)[:, np.newaxis], [1.0])
    metrics = velocity_metrics("uniform", one(x), {"r": 1.0, "v": 2.0}, parse_frames(frames, "uniform"))
    assert metrics["vel_error"] == pytest.approx(2.0 / 256, abs=0.003)


def test_vanished_ball_goes_to_the_right_edge_and_keeps_the_rest() -> None:
    frames = draw(np.array([[[4.0, 7.0]]]), [1.0]).repeat(6, axis=0)
    frames[4:] = 255
    parsed = parse_frames(frames, "uniform")
    assert parsed["ball.x"][4:].tolist() == [10.0, 10.0]
    assert parsed["ball.y"][5] == parsed["ball.y"][3]
    assert parsed["ball.radius"][5] == parsed["ball.radius"][3]


def test_first_ball_of_a_collision_vanishes_to_the_left() -> None:
    frames = draw(np.array([[[3.0, 5.0], [7.0, 5.0]]]), [1.0, 0.6]).repeat(6, axis=0)
    frames[5:] = 255
    last = parse_frames(frames, "collision").state(5)
    assert (last["ball1.x"], last["ball2.x"]) == (0.0, 10.0)
    assert last["ball2.y"] == last["ball1.y"]


def test_memory_of_a_vanished_ball_starts_with_the_scored_frames() -> None:
    frames = draw(np.array([[[4.0, 7.0]]]), [1.0]).repeat(4, axis=0)
    frames[3:] = 255
    assert math.isnan(parse_frames(frames, "uniform")["ball.y"][3])
