"""Analysis by synthesis inside a job: the initial state whose rollout, drawn, is nearest to the given frames.

Gauss-Newton on the pixels. A picture depends on the state of its own frame alone, so its derivatives are
taken variable by variable (central differences, wide enough that 8-bit pixels resolve them) and carried
back to the initial state by the derivatives of the rollout: speeds, which no picture shows, cost no drawing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...errors import ProgramFailure
from ...states import State
from ..problems import PixelProblem, Rollout

Values = NDArray[np.float64]
Image = NDArray[np.uint8]
Roll = Callable[[Rollout], Values]
Draw = Callable[[State], Image]

ROUNDS = 5
DONE = 0.02  # steps; a smaller move ends the search
FAR = 1.0  # steps; after a larger move the derivatives are taken anew
NOISE = 4.0  # grey levels of a pixel that neither codec nor rendering explains
REACH = 4.0  # steps that a variable may plausibly be off; it keeps in place what no pixel shows
MARGIN = 2  # pixels around what a variable changes
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601
_CHROMA = np.array([0.564, 0.713], dtype=np.float32)  # of (B - Y, R - Y), ITU-R BT.601


def refine(roll: Roll, draw: Draw, problem: PixelProblem) -> State:
    """The refined state at frame 0; the given one if the programs fail on the way or nothing got better."""
    try:
        return _Search(roll, draw, problem).run()
    except ProgramFailure:
        return dict(problem.state)


@dataclass(frozen=True)
class _Window:
    """The part of one frame that the variables change, on even borders so that it holds whole chroma blocks."""

    rows: slice
    columns: slice

    def features(self, frame: Image) -> NDArray[np.float32]:
        """Luma of every pixel and chroma averaged over 2 x 2 pixels: what 4:2:0 video stores, weighed alike."""
        part = frame[self.rows, self.columns].astype(np.float32)
        luma = part @ _LUMA
        chroma = (part[..., [2, 0]] - luma[..., None]) * _CHROMA
        h, w = luma.shape[0] // 2 * 2, luma.shape[1] // 2 * 2
        blocks = chroma[:h, :w].reshape(h // 2, 2, w // 2, 2, 2).mean(axis=(1, 3))
        return np.concatenate([luma.ravel(), blocks.ravel()])


@dataclass(frozen=True)
class _View:
    """What the search knows at a place: derivatives of the windows' features, (M, P), and what is left, (M,)."""

    windows: list[_Window]
    jacobian: Values
    residual: Values
    cost: float


class _Search:
    def __init__(self, roll: Roll, draw: Draw, problem: PixelProblem) -> None:
        self._roll, self._draw, self._problem = roll, draw, problem
        self._names = [n for n in problem.steps if n in problem.state]
        self._steps = np.array([problem.steps[n] for n in self._names])
        self._origin = np.array([problem.state[n] for n in self._names])

    def run(self) -> State:
        """Positions are in steps from the given state."""
        place = np.zeros(len(self._names))
        best, first = place, self._derive(place)
        now, least = first, first.cost
        for _ in range(ROUNDS):
            move = self._move(now.jacobian, now.residual, place)
            place = place + move
            far = float(np.abs(move).max(initial=0.0)) > FAR
            now = self._derive(place) if far else self._look(now, place)
            if not far and now.cost >= least:
                break
            best, least = place, now.cost
            if np.abs(move).max(initial=0.0) < DONE:
                break
        # Costs of different windows can't be compared: what is returned must be better where we started.
        return self._state(best if self._look(first, best).cost < first.cost else np.zeros(len(best)))

    def _derive(self, place: Values) -> _View:
        """A place with derivatives of its own."""
        states = self._states(place)
        windows, jacobian = self._jacobian(states, place)
        residual = self._residual(states, windows)
        return _View(windows, jacobian, residual, self._cost(residual, place))

    def _look(self, at: _View, place: Values) -> _View:
        """A place nearby: the same windows and derivatives."""
        residual = self._residual(self._states(place), at.windows)
        return replace(at, residual=residual, cost=self._cost(residual, place))

    def _state(self, place: Values) -> State:
        moved = self._origin + place * self._steps
        return {**self._problem.state, **dict(zip(self._names, moved.tolist(), strict=True))}

    def _states(self, place: Values) -> Values:
        """States at the frames, (T, N), columns as in the given state."""
        p, first = self._problem, self._state(place)
        values = np.array([list(first.values())])
        steps = len(p.frames) - 1
        if not steps:
            return values
        return np.vstack([values, self._roll(Rollout(first, p.params, p.dt, steps, p.actions))])

    def _picture(self, row: Values) -> Image:
        return self._draw(dict(zip(self._problem.state, row.tolist(), strict=True)))

    def _cost(self, residual: Values, place: Values) -> float:
        return float(residual @ residual) / NOISE**2 + float(place @ place) / REACH**2

    def _move(self, jacobian: Values, residual: Values, place: Values) -> Values:
        normal = jacobian.T @ jacobian / NOISE**2 + np.eye(len(place)) / REACH**2
        slope = jacobian.T @ residual / NOISE**2 + place / REACH**2
        return np.clip(-np.linalg.solve(normal, slope), -2 * FAR, 2 * FAR)

    def _residual(self, states: Values, windows: list[_Window]) -> Values:
        parts = [
            w.features(self._picture(row)) - w.features(real)
            for w, row, real in zip(windows, states, self._problem.frames, strict=True)
        ]
        return np.concatenate(parts).astype(np.float64)

    def _jacobian(self, states: Values, place: Values) -> tuple[list[_Window], Values]:
        """Derivatives of all features by the place, (M, P), and the windows that they are taken in."""
        carried = self._carried(states, place)
        windows, parts = [], []
        for k, row in enumerate(states):
            window, own = self._drawn(row)
            windows.append(window)
            parts.append(own @ carried[k])
        return windows, np.concatenate(parts)

    def _drawn(self, row: Values) -> tuple[_Window, Values]:
        """Derivatives of one frame's features by its own state's variables, in steps, (M, P)."""
        pairs = []
        for name, step in zip(self._names, self._steps, strict=True):
            if name not in self._problem.drawn:
                continue
            column = list(self._problem.state).index(name)
            shift = np.zeros(len(row))
            shift[column] = step
            pairs.append((self._names.index(name), self._picture(row + shift), self._picture(row - shift)))
        window = _window([(a, b) for _, a, b in pairs], self._problem.frames.shape[1:3])
        found = np.zeros((len(window.features(self._problem.frames[0])), len(self._names)))
        for i, more, less in pairs:
            found[:, i] = (window.features(more) - window.features(less)) / 2
        return window, found

    def _carried(self, states: Values, place: Values) -> Values:
        """Derivatives of each frame's free variables by the initial ones, in steps of both, (T, P, P)."""
        count = len(self._names)
        columns = [list(self._problem.state).index(n) for n in self._names]
        found = np.zeros((len(states), count, count))
        for i in range(count):
            shifted = self._states(place + np.eye(count)[i])
            found[:, :, i] = (shifted - states)[:, columns] / self._steps
        return found


def _window(pairs: list[tuple[Image, Image]], shape: tuple[int, ...]) -> _Window:
    changed = np.zeros(shape, dtype=bool)
    for more, less in pairs:
        changed |= (more != less).any(axis=-1)
    return _Window(_span(np.any(changed, axis=1)), _span(np.any(changed, axis=0)))


def _span(changed: NDArray[np.bool_]) -> slice:
    """From the first to the last that changed, with a margin; empty if none did."""
    where = np.flatnonzero(changed)
    if not where.size:
        return slice(0, 0)
    start = max(0, int(where[0]) - MARGIN)
    return slice(start - start % 2, int(where[-1]) + 1 + MARGIN)
