"""PhyWorld's velocity metric (arXiv 2411.02385) by the protocol of its released script, in both readings.

Protocol: of 32 frames at 10 fps the first 31 count; the first three are given, so scoring starts at frame
3. Of these the frames are kept in which the *true* balls are inside the picture (uniform, parabola: all
four edges; collision: ball 1 at the left edge and ball 2 at the right one). Velocities are differences of
positions in consecutive kept frames over 0.1 s, of the truth as of the prediction. Everything is in world
units, y upwards.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..clips import Frames
from ..states import Trajectory

Array = NDArray[np.float64]

WORLD = 10.0  # units, side of the picture
DT = 0.1  # seconds between frames
FIRST_SCORED = 3
IMPACT = 0.1  # u/s: a greater change of a true velocity between two intervals is a collision
_BALLS = {"uniform": ("ball",), "parabola": ("ball",), "collision": ("ball1", "ball2")}


def velocity_metrics(
    scenario: str, truth: Trajectory, attributes: Mapping[str, float], predicted: Trajectory
) -> dict[str, float]:
    """Velocity errors of one episode in u/s; NaN where undefined or where the prediction holds a NaN.

    scenario: "uniform", "parabola" or "collision". truth, predicted: all frames, (T, .), with `ball.x`,
    `ball.y` or `ball1.x` ... `ball2.y`; predicted frames 0-2 are not looked at. attributes: the init row
    (`r`, `v` or `r1`, `r2`, ...). Raises ValueError for another scenario or unequal lengths.

    As the released script computes it, differences of means:

    - vel_error (uniform) and x_vel_error (parabola): |mean predicted vx over all intervals - initial v|.
    - pre_vel_error and post_vel_error (collision): mean over balls of |mean predicted vx - mean true vx|
      over the intervals before and after the one with the impact; NaN if there are none.
    - y_vel_error_per_frame (parabola): mean over intervals of |predicted vy - true vy|.

    As the paper's text says, mean over balls and valid frames of |v - v_hat|, for collisions of the frames
    after the impact only. Uniform motion and collisions are horizontal, so v is vx there, as in the script; in
    a parabola v is the vector (vx, vy) and |.| its Euclidean norm:

    - vel_error_per_frame: over all kept intervals; in a collision also those before and with the impact.
    - post_vel_error_per_frame (collision): over the kept intervals after the one with the impact, those of
      post_vel_error. NaN without an impact, or if nothing is kept after it.
    """
    if scenario not in _BALLS:
        raise ValueError(f"the velocity metric knows {', '.join(_BALLS)}, not {scenario!r}")
    if len(truth) != len(predicted):
        raise ValueError(f"{len(predicted)} predicted states cannot be compared with {len(truth)} true ones")
    kept = kept_frames(scenario, truth, attributes)
    true, mine = _velocities(scenario, truth, kept), _velocities(scenario, predicted, kept)
    if scenario == "collision":
        errors = _collision_errors(true[..., 0], mine[..., 0])
    elif scenario == "uniform":
        errors = {"vel_error": abs(_mean(mine[:, 0, 0]) - attributes["v"])}
    else:
        errors = {
            "x_vel_error": abs(_mean(mine[:, 0, 0]) - attributes["v"]),
            "y_vel_error_per_frame": _mean(np.abs(mine[:, 0, 1] - true[:, 0, 1])),
        }
    axes = 2 if scenario == "parabola" else 1
    difference = np.linalg.norm((mine - true)[..., :axes], axis=-1)
    return errors | {"vel_error_per_frame": _mean(difference)}


def kept_frames(scenario: str, truth: Trajectory, attributes: Mapping[str, float]) -> NDArray[np.intp]:
    """Indices of the frames that are scored, decided by true positions and radii alone."""
    positions = _positions(scenario, truth)[:-1]
    if scenario == "collision":
        left = positions[:, 0, 0] - attributes["r1"] >= 0
        inside = left & (positions[:, 1, 0] + attributes["r2"] <= WORLD)
    else:
        r = attributes["r"]
        inside = np.all((positions[:, 0] - r >= 0) & (positions[:, 0] + r <= WORLD), axis=1)
    inside[:FIRST_SCORED] = False
    return np.flatnonzero(inside)


def impact_interval(true_vx: Array) -> int:
    """Index of the first interval whose velocity differs from the one before, else of the last.

    true_vx: (intervals, balls), u/s.
    """
    changes = np.flatnonzero((np.abs(np.diff(true_vx, axis=0)) > IMPACT).any(axis=1))
    return int(changes[0]) + 1 if changes.size else max(len(true_vx) - 1, 0)


def parse_frames(frames: Frames, scenario: str) -> Trajectory:
    """Positions and radii that PhyWorld's parser measures in frames uint8 (T, H, W, 3), row 0 at the top.

    A ball is where its channel is > 127 and both others are < 127. Centre: mean column and mean row (counted
    from the bottom); radius: that of a disc of the same area; all times 10 / W. As the pictures span W - 1
    pixels, this scale is 1/256 too small; it is part of the protocol. A ball without a pixel is put at x = 10
    (ball 1 of a collision: x = 0) with ball 1's y and its own radius of the frame before; that memory starts
    empty (NaN) at frame 3, where scoring starts.
    """
    balls = _BALLS[scenario]
    names = tuple(f"{ball}.{part}" for ball in balls for part in ("x", "y", "radius"))
    rows: list[list[float]] = []
    for index, frame in enumerate(frames):
        fresh = index in (0, FIRST_SCORED)
        before = [np.nan] * len(names) if fresh else rows[-1]
        rows.append(_parse_frame(frame[::-1], before))
    return Trajectory(names, np.array(rows, dtype=np.float64).reshape(len(rows), len(names)))


def _parse_frame(frame: NDArray[np.uint8], before: list[float]) -> list[float]:
    scale = WORLD / frame.shape[1]
    strong, weak = frame > 127, frame < 127
    row: list[float] = []
    for ball in range(len(before) // 3):
        own, others = (0, (1, 2)) if ball == 0 else (2, (0, 1))
        mask = strong[..., own] & weak[..., others[0]] & weak[..., others[1]]
        area = int(mask.sum())
        if area:
            x = float(mask.sum(axis=0) @ np.arange(mask.shape[1])) / area
            y = float(mask.sum(axis=1) @ np.arange(mask.shape[0])) / area
            row += [x * scale, y * scale, float(np.sqrt(area / np.pi)) * scale]
        else:
            gone_left = ball == 0 and len(before) == 6
            row += [0.0 if gone_left else WORLD, before[1], before[3 * ball + 2]]
    return row


def _positions(scenario: str, trajectory: Trajectory) -> Array:
    """(T, balls, 2)"""
    balls = _BALLS[scenario]
    flat = trajectory.ordered([f"{ball}.{axis}" for ball in balls for axis in "xy"]).values
    return flat.reshape(len(trajectory), len(balls), 2)


def _velocities(scenario: str, trajectory: Trajectory, kept: NDArray[np.intp]) -> Array:
    """(intervals, balls, 2)"""
    velocities: Array = np.diff(_positions(scenario, trajectory)[kept], axis=0) / DT
    return velocities


def _collision_errors(true: Array, mine: Array) -> dict[str, float]:
    impact = impact_interval(true)

    def error(part: slice) -> float:
        return _mean(np.array([abs(_mean(mine[part, b]) - _mean(true[part, b])) for b in range(2)]))

    after = slice(impact + 1, None)
    return {
        "pre_vel_error": error(slice(0, impact)),
        "post_vel_error": error(after),
        "post_vel_error_per_frame": _mean(np.abs(mine[after] - true[after])),
    }


def _mean(values: Array) -> float:
    return float(values.mean()) if values.size else float("nan")
