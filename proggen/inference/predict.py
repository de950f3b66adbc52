"""Predict and render: future states from the last state of the context, then frames from states."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..clips import Frames
from ..sandbox import Sandbox
from ..states import State, Trajectory
from ..world import WorldProgram
from . import calls
from .problems import Rollout


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
    [states] = calls.rollout(sandbox, world.sources["dynamics"], [rollout])
    return states.ordered(world.names)


def render(sandbox: Sandbox, world: WorldProgram, states: Trajectory, height: int, width: int) -> Frames:
    """One frame a state, uint8 (T, height, width, 3)."""
    return calls.render(sandbox, world.sources["rendering"], states, height, width)
