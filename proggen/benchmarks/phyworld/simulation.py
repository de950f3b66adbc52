"""PhyWorld's physics: frictionless, undamped circles in Box2D, without walls."""

from __future__ import annotations

from collections.abc import Sequence

import Box2D
import numpy as np
from numpy.typing import NDArray

from .scenes import N_FRAMES, STEP, STRIDE, Scenario, Scene

_VELOCITY_ITERATIONS = 15
_POSITION_ITERATIONS = 20
_MOST = 1e4  # u, u/s: Box2D's single precision would not know centimetres beyond

Array = NDArray[np.float64]


def simulate(scenario: Scenario, scene: Scene) -> Array:
    """Positions float64 (32, balls, 2), axes x and y, u; Box2D computes in float32.

    Frame k is the state after 10 k + 1 steps of 0.01 s, as in the published files: frame 0 is one step after
    the start. Mass grows with radius squared; collisions are elastic, but Box2D treats those that close at
    1 u/s or less as perfectly inelastic (its velocity threshold).
    """
    world = _world(scenario)
    bodies = [
        _ball(world, (x, scene.placement.height), radius, (velocity, 0))
        for x, radius, velocity in zip(
            scene.placement.x, scenario.radii(scene.init), scenario.velocities(scene.init), strict=True
        )
    ]
    world.Step(STEP, _VELOCITY_ITERATIONS, _POSITION_ITERATIONS)
    return np.concatenate([_places(bodies), _frames(world, bodies, N_FRAMES - 1)])


def resume(
    scenario: Scenario, positions: Array, velocities: Array, radii: Sequence[float], n_frames: int
) -> Array:
    """Positions (1 + n_frames, balls, 2), u, of the frame given and those after it; the same stepping.

    positions, velocities: float64 (balls, 2), u and u/s. Velocities are those of the path through the frames,
    x(t) = x + v t + a t^2 / 2. Box2D steps v first and x with the new v, so its own velocity is half a step
    ahead of that. Restarted from its own positions (velocities to 1e-4 u/s), a scene stays within 3e-4 u
    of itself to its last frame. ValueError for a radius or a size that is no ball of this world.
    """
    lengths = np.concatenate([np.ravel(positions), np.ravel(velocities), radii])
    if not np.isfinite(lengths).all() or np.abs(lengths).max() > _MOST or min(radii) <= 0:
        raise ValueError("these positions, velocities and radii are no balls")
    world = _world(scenario)
    own = velocities + np.array([0.0, scenario.gravity * STEP / 2])
    bodies = [_ball(world, p, r, v) for p, r, v in zip(positions.tolist(), radii, own.tolist(), strict=True)]
    return np.concatenate([_places(bodies), _frames(world, bodies, n_frames)])


def _frames(world: Box2D.b2World, bodies: Sequence[Box2D.b2Body], count: int) -> Array:
    positions = np.empty((count, len(bodies), 2))
    for frame in range(count):
        for _ in range(STRIDE):
            world.Step(STEP, _VELOCITY_ITERATIONS, _POSITION_ITERATIONS)
        positions[frame] = _places(bodies)
    return positions


def _places(bodies: Sequence[Box2D.b2Body]) -> Array:
    """(1, balls, 2)"""
    return np.array([[tuple(body.position) for body in bodies]])


def _world(scenario: Scenario) -> Box2D.b2World:
    return Box2D.b2World(gravity=(0, -scenario.gravity), doSleep=False)


def _ball(
    world: Box2D.b2World, position: Sequence[float], radius: float, velocity: Sequence[float]
) -> Box2D.b2Body:
    body = world.CreateDynamicBody(position=tuple(position), linearVelocity=tuple(velocity))
    body.CreateCircleFixture(radius=radius, density=1, restitution=1.0)
    return body
