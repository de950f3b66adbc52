"""A regressor without physics: displacements learned from windows of perceived states (scikit-learn)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from ...states import Trajectory
from ..scoring import Forecast
from .base import Array, Context, Material, TrainingClip, held

FOLDS = 5
ROWS = 6000  # at most, to learn from; more add seconds and little else


def _ridge(strength: float) -> Callable[[int], Any]:
    """Products of two features hold speed x time and time squared: the straight line is among its answers."""

    def make(seed: int) -> Any:
        quadratic = PolynomialFeatures(2, include_bias=False)
        return make_pipeline(StandardScaler(), quadratic, StandardScaler(), Ridge(strength))

    return make


def _neighbours(seed: int) -> Any:
    return make_pipeline(StandardScaler(), KNeighborsRegressor(5, weights="distance"))


def _trees(seed: int) -> Any:
    return ExtraTreesRegressor(30, min_samples_leaf=2, max_features=0.5, random_state=seed)


@dataclass(frozen=True)
class Candidate:
    """A regressor, of displacements or, with `from_line`, of how far they are from the straight line's."""

    make: Callable[[int], Any]
    from_line: bool


CANDIDATES: dict[str, Candidate] = {
    "ridge regression on quadratic features": Candidate(_ridge(1.0), False),
    "ridge regression on quadratic features, from the straight line": Candidate(_ridge(1.0), True),
    "ridge regression on quadratic features, from the straight line, shrunk": Candidate(_ridge(300.0), True),
    "nearest neighbours": Candidate(_neighbours, False),
    "nearest neighbours, from the straight line": Candidate(_neighbours, True),
    "extremely randomised trees": Candidate(_trees, False),
    "extremely randomised trees, from the straight line": Candidate(_trees, True),
}


@dataclass(frozen=True)
class _Windows:
    """What is learned from: a row for each window of a clip and each horizon."""

    inputs: Array  # (rows, features)
    outputs: Array  # (rows, variables): displacement since the window's last frame, in the variable's spread
    lines: Array  # (rows, variables): the displacement along a straight line
    start: Array  # (rows,) first frame of the window
    clip: Array  # (rows,)

    def where(self, rows: NDArray[Any]) -> _Windows:
        parts = (self.inputs, self.outputs, self.lines, self.start, self.clip)
        return _Windows(*(part[rows] for part in parts))


class _Model:
    """A candidate that was fitted to windows."""

    def __init__(self, name: str, windows: _Windows, seed: int) -> None:
        self._candidate = CANDIDATES[name]
        wanted = windows.outputs - windows.lines if self._candidate.from_line else windows.outputs
        self._model = self._candidate.make(seed).fit(windows.inputs, wanted)

    def __call__(self, inputs: Array, lines: Array) -> Array:
        """Displacements (rows, variables)."""
        found = np.asarray(self._model.predict(inputs)).reshape(lines.shape)
        return found + lines if self._candidate.from_line else found


class Regressor:
    """Predicts how far each variable moves in `h` steps, from a window as long as the context.

    Features: the window's last state, the least-squares slope of every variable over the window, the time
    ahead, and, where there are actions, their sum and their double sum over that time (how much was pushed,
    and how early). The regressor is the one of `CANDIDATES` with the least error in cross-validation over
    clips. Predictions are clipped to the range of the training states, extended by its own width at both
    ends, so that nothing grows without bounds; constants keep their perceived value.
    """

    notes: Sequence[str] = ()

    def __init__(self, material: Material) -> None:
        constant = {v.name for v in material.variables if v.constant}
        names = tuple(v.name for v in material.variables)
        self._names = names
        self._moving = np.array([i for i, n in enumerate(names) if n not in constant], dtype=int)
        self._window = material.info.context
        states = np.concatenate([c.whole.ordered(names).values for c in material.clips])
        low, high = np.nanmin(states, axis=0), np.nanmax(states, axis=0)
        width = np.maximum(high - low, 1e-9)
        self._bounds = low - width, high + width
        self._spread = width[self._moving]
        windows = self._windows(material.clips)
        self.name = self._best(windows, len(material.clips), material.seed)
        self._model = _Model(self.name, _thinned(windows, ROWS, material.seed), material.seed)

    def forecast(self, context: Context) -> Forecast | None:
        if context.perceived is None:
            return None
        window = held(context.perceived.ordered(self._names).values)[-self._window :]
        pushes = None if context.actions is None else context.actions[len(context.head) - 1 :]
        inputs = _features(window, context.horizon, context.head.dt, pushes)
        if not np.isfinite(inputs).all():
            return None
        future = np.tile(window[-1], (context.horizon, 1))
        future[:, self._moving] += self._model(inputs, self._lines(inputs)) * self._spread
        future[:, self._moving] = np.clip(future, *self._bounds)[:, self._moving]
        return Forecast(context.perceived.then(Trajectory(self._names, future)), None)

    def _windows(self, clips: Sequence[TrainingClip]) -> _Windows:
        """All windows and horizons of the clips in which everything is observed."""
        parts: list[tuple[Array, ...]] = []
        for number, c in enumerate(clips):
            states = c.whole.ordered(self._names).values
            for start in range(len(states) - self._window):
                last = start + self._window - 1
                n = len(states) - 1 - last
                pushes = None if c.clip.actions is None else c.clip.actions[last:]
                inputs = _features(states[start : last + 1], n, c.clip.dt, pushes)
                outputs = (states[last + 1 :] - states[last])[:, self._moving] / self._spread
                parts.append((inputs, outputs, self._lines(inputs), np.full(n, start), np.full(n, number)))
        all_rows = _Windows(*(np.concatenate(column) for column in zip(*parts, strict=True)))
        seen = np.isfinite(all_rows.inputs).all(axis=1) & np.isfinite(all_rows.outputs).all(axis=1)
        return all_rows.where(np.flatnonzero(seen))

    def _lines(self, inputs: Array) -> Array:
        """Slope times time ahead of each row of features, in the spread, (rows, moving variables)."""
        n = len(self._names)
        along = inputs[:, n : 2 * n] * inputs[:, 2 * n : 2 * n + 1]
        lines: Array = along[:, self._moving] / self._spread
        return lines

    def _best(self, windows: _Windows, n_clips: int, seed: int) -> str:
        """The candidate with the least mean absolute error on clips left out, predicted from their beginning."""
        errors = dict.fromkeys(CANDIDATES, 0.0)
        for fold in range(min(FOLDS, n_clips)):
            out = windows.clip % FOLDS == fold
            known = _thinned(windows.where(np.flatnonzero(~out)), ROWS // 2, seed)
            asked = windows.where(np.flatnonzero(out & (windows.start == 0)))
            if not len(known.inputs) or not len(asked.inputs):
                continue
            for name in CANDIDATES:
                guess = _Model(name, known, seed)(asked.inputs, asked.lines)
                errors[name] += float(np.abs(guess - asked.outputs).sum())
        return min(errors, key=lambda name: errors[name])


def _features(window: Array, n: int, dt: float, actions: Array | None) -> Array:
    """Features (n, .) of a window of states (W, N) for 1 to `n` steps ahead; actions (n,) act in the steps."""
    steps = np.arange(1, n + 1)
    columns = [np.tile(np.concatenate([window[-1], _slopes(window, dt)]), (n, 1)), steps[:, None] * dt]
    if actions is not None:
        pushed = np.cumsum(actions[:n]) * dt
        columns += [pushed[:, None], np.cumsum(pushed)[:, None] * dt]
    return np.concatenate(columns, axis=1)


def _slopes(window: Array, dt: float) -> Array:
    """Least-squares slope over time of each column, (N,)."""
    times = dt * (np.arange(len(window)) - (len(window) - 1) / 2)
    slopes: Array = times @ window / max(float(times @ times), 1e-12)
    return slopes


def _thinned(windows: _Windows, n: int, seed: int) -> _Windows:
    """At most `n` rows, a random part in the given order."""
    if len(windows.inputs) <= n:
        return windows
    rows = np.random.default_rng(seed).choice(len(windows.inputs), n, replace=False)
    return windows.where(np.sort(rows))
