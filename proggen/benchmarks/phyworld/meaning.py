"""Whether the numbers of a published file mean what its layout says: units, axes, columns, and the right video.

A row is checked against its own first frames: the init row's speeds and the scenario's gravity must be those
of the positions, and a decoded picture must show the balls where the positions say, as large as the init row
says, in their colours. Tolerances are far above what a codec or float32 does, and far below what any mix-up
leaves. Nothing here depends on how impacts go: no scene has one in the frames looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from ...clips import Frames
from .drawing import CAMERA, COLORS
from .scenes import FPS, PARABOLA, WORLD, Combination, Scenario

FIRST = 4  # frames looked at
SPEED = 0.05  # u/s
PLACE = 0.3  # u, a ball's centre in a picture
SIZE_RATIO = 0.15  # of the radius
_STRONG, _WEAK = 170, 85  # grey levels of a channel that a ball's colour has, or has not
_FEWEST = 12  # pixels of a ball that is looked at
Array = NDArray[np.float64]


def number_fault(scenario: Scenario, init: Combination, positions: Array) -> str | None:
    """What is wrong with a row's numbers; None if they fit the scenario and each other.

    positions: (32, balls, 2), u.
    """
    start = positions[0]
    if start.min() < 0 or start.max() > WORLD:
        low, high = start.min(), start.max()
        return (
            f"the first positions lie from {low:.4g} to {high:.4g}, outside the field of 0 to {WORLD:g} units"
        )
    velocity = np.diff(positions[:FIRST], axis=0).mean(axis=0) * FPS
    fall = _acceleration(positions)
    if abs(fall + scenario.gravity) > 0.1:
        return _fall_fault(scenario, fall)
    expected = np.array(scenario.velocities(init))
    if _off(velocity[:, 0], expected) <= SPEED:
        return None
    return _speed_fault(scenario, init, velocity[:, 0])


def _acceleration(positions: Array) -> float:
    """Vertical, u/s^2, mean over the first frames and the balls."""
    return float(np.diff(positions[:FIRST, :, 1], 2, axis=0).mean()) * FPS**2


def _fall_fault(scenario: Scenario, fall: float) -> str:
    if scenario.gravity and abs(fall) < 0.1:
        return "the ball does not fall: is this a file of uniform_motion?"
    if scenario.gravity and abs(fall - scenario.gravity) < 0.1:
        return "the ball falls upwards: y must count upwards"
    if not scenario.gravity and abs(fall + PARABOLA.gravity) < 0.1:
        return "the ball falls: is this a file of parabola?"
    return f"the ball accelerates by {fall:.3g} units/s^2 along y, where {-scenario.gravity:g} is right"


def _speed_fault(scenario: Scenario, init: Combination, measured: Array) -> str:
    names = scenario.init_names
    for order in permutations(range(len(init))):
        other = tuple(init[i] for i in order)
        if other != init and _off(measured, np.array(scenario.velocities(other))) <= SPEED:
            found = ", ".join(names[order.index(i)] for i in range(len(names)))
            return f"the init row's columns look like {found}, where {', '.join(names)} is right"
    said = ", ".join(f"{v:.3g}" for v in scenario.velocities(init))
    seen = ", ".join(f"{v:.3g}" for v in measured)
    return f"the init row says {said} units/s along x, the positions move at {seen}"


def _off(one: Array, other: Array) -> float:
    return float(np.abs(one - other).max())


def picture_fault(
    scenario: Scenario,
    init: Combination,
    positions: Array,
    frames: Frames,
    others: Iterable[tuple[str, Array]] = (),
) -> str | None:
    """What a row's video shows otherwise than its numbers say; None if they agree.

    frames: uint8 (32, 256, 256, 3), row 0 at the top. others: name and positions of further rows, one of which
    the video may show instead. Only frames that show a ball wholly are looked at.
    """
    radii = scenario.radii(init)
    for k in range(FIRST):
        inside = [_inside(p, r) for p, r in zip(positions[k], radii, strict=True)]
        seen = [_measure(frames[k], i) for i in range(scenario.n_balls)]
        if not any(inside):
            continue
        if all(s is None for s in seen):
            return f"frame {k} of the video shows no ball of pure red or blue"
        pairs = [(s, p, r) for s, p, r, whole in zip(seen, positions[k], radii, inside, strict=True) if whole]
        if any(s is None or np.abs(s[:2] - p).max() > PLACE for s, p, _ in pairs):
            return _place_fault(k, seen, positions[k], others)
        for s, _, r in pairs:
            if s is not None and abs(s[2] / r - 1) > SIZE_RATIO:
                return f"frame {k} of the video shows a radius of {s[2]:.3g} units, the init row says {r:.3g}"
    return None


def _place_fault(k: int, seen: list[Array | None], places: Array, others: Iterable[tuple[str, Array]]) -> str:
    known = [s for s in seen if s is not None]
    flipped = np.column_stack([places[:, 0], WORLD - places[:, 1]])
    if _agree(seen, places[::-1]) and len(places) > 1:
        return f"frame {k} of the video shows the balls' colours exchanged"
    if _agree(seen, flipped):
        return f"frame {k} of the video shows the positions upside down: y must count upwards"
    for name, positions in others:
        if _agree(seen, positions[k]):
            return f"the video shows the scene of {name}: videos and positions are not in the same order"
    at = ", ".join(f"({s[0]:.3g}, {s[1]:.3g})" for s in known)
    said = ", ".join(f"({x:.3g}, {y:.3g})" for x, y in places)
    return f"frame {k} of the video shows the balls at {at} units, the positions say {said}"


def _agree(seen: list[Array | None], places: Array) -> bool:
    return all(s is not None and np.abs(s[:2] - p).max() <= PLACE for s, p in zip(seen, places, strict=True))


def _inside(place: Array, radius: float) -> bool:
    return bool(place.min() - radius >= 0 and place.max() + radius <= WORLD)


def _measure(frame: NDArray[np.uint8], ball: int) -> Array | None:
    """Centre and radius, u, of a ball's colour in a picture; None where there is hardly any."""
    channel = COLORS[ball].index(255)
    strong, weak = frame > _STRONG, frame < _WEAK
    rows, columns = np.nonzero(strong[..., channel] & np.delete(weak, channel, axis=2).all(axis=2))
    if len(rows) < _FEWEST:
        return None
    scale = CAMERA.units_per_pixel
    x, y = columns.mean() * scale, (CAMERA.origin_row - rows.mean()) * scale
    return np.array([x, y, np.sqrt(len(rows) / np.pi) * scale])
