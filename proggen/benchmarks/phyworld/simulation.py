"""PhyWorld's physics: frictionless, undamped circles in Box2D, without walls."""

from __future__ import annotations

import Box2D
import numpy as np
from numpy.typing import NDArray

from .scenes import N_FRAMES, STEP, STRIDE, Scenario, Scene

_VELOCITY_ITERATIONS = 15
_POSITION_ITERATIONS = 20


def simulate(scenario: Scenario, scene: Scene) -> NDArray[np.float64]:
    """Positions float64 (32, balls, 2), axes x and y, u; Box2D computes in float32.

    Frame k is the state after 10 k + 1 steps of 0.01 s, as in the published files: frame 0 is one step after
    the start. Mass grows with radius squared; collisions are elastic, but Box2D treats those that close at
    1 u/s or less as perfectly inelastic (its velocity threshold).
    """
    world = Box2D.b2World(gravity=(0, -scenario.gravity), doSleep=False)
    bodies = [
        _ball(world, x, scene.placement.height, radius, velocity)
        for x, radius, velocity in zip(
            scene.placement.x, scenario.radii(scene.init), scenario.velocities(scene.init), strict=True
        )
    ]
    positions = np.empty((N_FRAMES, len(bodies), 2))
    for step in range(N_FRAMES * STRIDE):
        world.Step(STEP, _VELOCITY_ITERATIONS, _POSITION_ITERATIONS)
        if step % STRIDE == 0:
            positions[step // STRIDE] = [tuple(body.position) for body in bodies]
    return positions


def _ball(world: Box2D.b2World, x: float, y: float, radius: float, velocity: float) -> Box2D.b2Body:
    body = world.CreateDynamicBody(position=(x, y), linearVelocity=(velocity, 0))
    body.CreateCircleFixture(radius=radius, density=1, restitution=1.0)
    return body
