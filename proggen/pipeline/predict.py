"""Predict and render: future states from the last state of the context, then frames from states."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..clips import Frames
from ..programs import WorldProgram
from ..sandbox import Rollout, Sandbox
from ..states import State, Trajectory


def predict(
    sandbox: Sandbox,
    world: WorldProgram,
    initial: State,
    n_steps: int,
    dt: float,
    actions: NDArray[np.float64] | None = None,
) -> Trajectory:
    """The `n_steps` states after `initial`, `dt` seconds apart; `actions` (n_steps,) from then on."""
    rollout = Rollout(initial, world.parameters, dt, n_steps, actions)
    [states] = sandbox.rollout(world.sources["dynamics"], [rollout])
    return states.ordered(world.names)


def render(sandbox: Sandbox, world: WorldProgram, states: Trajectory, height: int, width: int) -> Frames:
    """One frame a state, uint8 (T, height, width, 3)."""
    return sandbox.render(world.sources["rendering"], states, height, width)
