"""PhyWorld's physics: undamped circles in Box2D, without walls, and how they collide.

| impacts         | balls that close at 1 u/s or less                                                     |
|-----------------|---------------------------------------------------------------------------------------|
| `elastic`       | bounce like faster ones, down to 0.01 u/s; the default                                |
| `box2d-default` | stick together (perfectly inelastic), as in Box2D 2.3 with the settings it ships with |

Every faster collision is elastic and the same in both, to the last bit. That the published data are elastic is
evidence, not proof: PhyWorld's repository carries a pybox2d of its own (combinatorial_data/pybox2d, commit
ee0e473) with `b2_velocityThreshold` changed from 1 to 0.01 u/s in Common/b2Settings.h, and the paper calls the
collisions perfectly elastic. Its C++ sources, compiled, give the positions of `elastic` in all 1635 evaluation
and 1842 training scenes: 3475 to the last bit, two to 1.2e-7 u. The published file itself could not be read.
"""

from __future__ import annotations

from collections.abc import Sequence

import Box2D
import numpy as np
from numpy.typing import NDArray

from ..base import Impacts
from .scenes import N_FRAMES, STEP, STRIDE, Scenario, Scene

_VELOCITY_ITERATIONS = 15
_POSITION_ITERATIONS = 20
_MOST = 1e4  # u, u/s: Box2D's single precision would not know centimetres beyond
_SLOWEST_BOUNCE = 0.01  # u/s, velocity threshold of PhyWorld's own engine
_BOX2D_BOUNCE = 1.0  # u/s, that of Box2D as it is installed

Array = NDArray[np.float64]


class _SlowBounce(Box2D.b2ContactListener):  # type: ignore[misc]
    """Makes those impacts elastic that Box2D would make inelastic.

    It is called before a step's velocities are solved. Balls that separate by then need no impulse, so the
    solver leaves their velocities alone and moves them on, as it does after an elastic impact of its own.
    """

    def PreSolve(self, contact: Box2D.b2Contact, old_manifold: Box2D.b2Manifold) -> None:
        a, b = contact.fixtureA.body, contact.fixtureB.body
        normal = b.position - a.position  # pybox2d frees the contact's own before one can read it
        normal.Normalize()
        closing = (a.linearVelocity - b.linearVelocity).dot(normal)
        # At the engine's own threshold its rounding decides; there, both ways give the same velocities.
        if _SLOWEST_BOUNCE < closing <= _BOX2D_BOUNCE * (1 + 1e-5):
            impulse = 2 * closing / (1 / a.mass + 1 / b.mass)
            a.linearVelocity -= impulse / a.mass * normal
            b.linearVelocity += impulse / b.mass * normal


def simulate(scenario: Scenario, scene: Scene, impacts: Impacts) -> Array:
    """Positions float64 (32, balls, 2), axes x and y, u; Box2D computes in float32.

    Frame k is the state after 10 k + 1 steps of 0.01 s, as in the published files: frame 0 is one step after
    the start. Mass grows with radius squared. A ball slower than 0.01 u/s for 0.5 s stands still from then on:
    it sleeps, for pybox2d, PhyWorld's own too, ignores `doSleep=False`.
    """
    world = _world(scenario, impacts)
    bodies = [
        _ball(world, (x, scene.placement.height), radius, (velocity, 0))
        for x, radius, velocity in zip(
            scene.placement.x, scenario.radii(scene.init), scenario.velocities(scene.init), strict=True
        )
    ]
    world.Step(STEP, _VELOCITY_ITERATIONS, _POSITION_ITERATIONS)
    return np.concatenate([_places(bodies), _frames(world, bodies, N_FRAMES - 1)])


def resume(
    scenario: Scenario,
    positions: Array,
    velocities: Array,
    radii: Sequence[float],
    n_frames: int,
    impacts: Impacts,
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
    world = _world(scenario, impacts)
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


def _world(scenario: Scenario, impacts: Impacts) -> Box2D.b2World:
    world = Box2D.b2World(gravity=(0, -scenario.gravity), doSleep=False)
    if impacts == "elastic":
        world.contactListener = _SlowBounce()
    return world


def _ball(
    world: Box2D.b2World, position: Sequence[float], radius: float, velocity: Sequence[float]
) -> Box2D.b2Body:
    body = world.CreateDynamicBody(position=tuple(position), linearVelocity=tuple(velocity))
    body.CreateCircleFixture(radius=radius, density=1, restitution=1.0)
    return body
