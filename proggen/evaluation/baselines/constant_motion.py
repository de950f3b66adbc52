"""Every variable goes on along a line or a parabola through its values in the context."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...archive.records import VariableRecord
from ...states import Trajectory
from ..scoring import Forecast
from .base import Array, Context, Material, is_rate


class ConstantVelocity:
    """Positions and angles go on along lines, rates stay."""

    notes: Sequence[str] = ()
    degree = 1

    def __init__(self, material: Material) -> None:
        self._variables = material.variables

    def forecast(self, context: Context) -> Forecast | None:
        if context.perceived is None:
            return None
        future = constant_motion(
            context.perceived, self._variables, context.horizon, context.head.dt, degree=self.degree
        )
        return Forecast(context.perceived.then(future), None)


class ConstantAcceleration(ConstantVelocity):
    """Positions and angles go on along parabolas, rates along lines."""

    degree = 2


def constant_motion(
    perceived: Trajectory, variables: Sequence[VariableRecord], n_steps: int, dt: float, *, degree: int
) -> Trajectory:
    """The `n_steps` states after the context, (n_steps, N), dt seconds apart.

    A variable follows the least-squares polynomial of `degree` in time through its observed values, of as
    many degrees less as observations are missing; a rate follows one of a degree less. Constants keep their
    last observed value, as does a rate of degree 0: a mean would lag behind what it is the rate of. What was
    never observed stays NaN.
    """
    clock = dt * np.arange(1 - len(perceived), n_steps + 1, dtype=np.float64)  # 0 is the last given frame
    times, future = clock[: len(perceived)], clock[len(perceived) :]
    of = {v.name: 0 if v.constant else degree - is_rate(v) for v in variables}
    columns = [_along(times, perceived[name], future, of.get(name, degree)) for name in perceived.names]
    return Trajectory(perceived.names, np.stack(columns, axis=1))


def _along(times: Array, column: Array, future: Array, degree: int) -> Array:
    seen = np.isfinite(column)
    degree = min(degree, int(seen.sum()) - 1)
    if degree < 0:
        return np.full(len(future), np.nan)
    if degree == 0:
        return np.full(len(future), column[seen][-1])
    curve = np.polynomial.Polynomial.fit(times[seen], column[seen], degree)
    values: Array = curve(future)
    return values
