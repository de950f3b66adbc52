"""The last given frame, standing still."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...archive.records import VariableRecord
from ...states import Trajectory
from ..scoring import Forecast
from .base import Context, Material, held, is_rate


class RepeatLast:
    """The last frame and its perceived state, again and again."""

    notes: Sequence[str] = ()

    def __init__(self, material: Material) -> None:
        self._variables = material.variables

    def forecast(self, context: Context) -> Forecast:
        last = context.head.frames[-1]
        frames = np.broadcast_to(last, (context.horizon, *last.shape))
        if context.perceived is None:
            return Forecast(None, frames)
        still = standing_still(context.perceived, self._variables, context.horizon)
        return Forecast(context.perceived.then(still), frames)


def standing_still(perceived: Trajectory, variables: Sequence[VariableRecord], n_steps: int) -> Trajectory:
    """The last perceived state, (n_steps, N); a picture that stands still has rates of 0.

    A variable not observed in the last frame keeps its last observed value.
    """
    rates = [perceived.names.index(v.name) for v in variables if is_rate(v) and v.name in perceived.names]
    row = held(perceived.values)[-1]
    row[rates] = 0.0
    return Trajectory(perceived.names, np.tile(row, (n_steps, 1)))
