"""The search of a fit: from coarse to fine, with as few rollouts as that takes.

Parameters are points of [0, 1]^n. Steps are those of Gauss and Newton on soft L1 (reweighted, damped as by
Levenberg and Marquardt, bounded), with a Jacobian from finite differences that Broyden's rank one update
carries on for as long as its predictions hold. A program may answer in steps (an impact happens in one
substep or the next): differences that change nothing, or that lie, are made wider, and the points they took
are candidates themselves (implicit filtering: Kelley 2011). Some of the segments find the basin, all of them
its bottom; other basins are looked for only if the first one leaves more than noise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

Values = NDArray[np.float64]
Evaluate = Callable[[Values, Sequence[int]], Values]  # residuals of a point over some segments, in scales

WIDE, NARROW = 3e-2, 1e-3  # differences, of a parameter's range; float32 physics resolves none much finer
WIDER, WIDEST = 3.0, 0.25  # by how much, and how far, one grows while nothing changes
AGREES = 0.5  # relative difference of two columns that still tell of one slope
POLLS = (
    0.15,
    0.1,
    0.06,
    0.03,
    0.01,
)  # of the range, around the values of parameters that the program answers in steps
NOISE = 1.0  # mean soft L1 of residuals in scales that noise explains
ROUGH, FINE = 1e-2, 1e-6  # the least fall of the cost, relative, that is worth a rollout
NOTHING = 1e-10  # the same for one residual, absolute
ROUNDS = 12  # Jacobians in a local search; each may serve several steps
PROMISING = 2.0  # times the best cost: what another start may have after a few rounds to go on
SAMPLES = 24
GRID = 64  # combinations of stepped values that are all tried; with more, one parameter after the other
BAD = 1e6  # in scales: residuals of a rollout that failed, and the largest of any other


@dataclass(frozen=True)
class Space:
    """[0, 1]^n. free: its continuous coordinates; grids: the values that each of the others may have."""

    size: int
    free: tuple[int, ...]
    grids: dict[int, Values]


@dataclass(frozen=True)
class Point:
    """A point with its residuals."""

    at: Values
    residuals: Values

    def cost(self, width: float = 1.0) -> float:
        return soft_l1(self.residuals, width)


def soft_l1(residuals: Values, width: float = 1.0) -> float:
    """Sum of 2 w^2 (sqrt(1 + (r / w)^2) - 1): quadratic within the width, linear beyond."""
    return float(np.sum(2.0 * width**2 * (np.sqrt(1.0 + (residuals / width) ** 2) - 1.0)))


def search(evaluate: Evaluate, space: Space, start: Values, count: int, starts: int, seed: int) -> None:
    """Looks for the least cost over `count` segments; `evaluate` keeps what was best, and may raise to stop."""
    rng = np.random.default_rng(seed)
    found = Local(evaluate, space, range(count), start)
    if not space.grids and (len(space.free) == 1 or found.explained):
        found.finish()
        if found.explained:
            return
    basin = Local(evaluate, space, _some(count, space.size, rng), found.best.at)
    basin.run(WIDE, ROUGH)
    basin = _tried_grids(evaluate, space, basin)
    if starts > 1 and not basin.explained:
        basin = _other_basins(evaluate, space, basin, starts - 1, rng)
    found.take(basin)
    found.finish()
    _tried_neighbours(evaluate, space, found)


class Local:
    """A local search of the free coordinates on some of the segments; `best` is the best point so far."""

    def __init__(self, evaluate: Evaluate, space: Space, segments: Sequence[int], start: Values) -> None:
        self._evaluate, self._free, self.segments = evaluate, space.free, segments
        self.best = self.point(start)
        self._jacobian = np.zeros((len(self.best.residuals), len(space.free)))
        self._steps = np.zeros(len(space.free))
        self._stepwise: set[int] = set()  # columns of coordinates that the program answers in steps
        self._dead: set[int] = set()  # columns of those that it does not answer at all
        self._straight = False  # whether the only coordinate kept its promise over a wide move
        self._damping = 1e-6
        self._side = 1.0

    def point(self, at: Values) -> Point:
        inside = np.clip(at, 0.0, 1.0)
        return Point(inside, self._evaluate(inside, self.segments))

    @property
    def explained(self) -> bool:
        """Whether noise may be all that is left."""
        return self.best.cost() <= NOISE * len(self.best.residuals)

    def take(self, other: Local) -> None:
        """Goes on where another search ended, if that is better, with what it learnt of the program's steps."""
        self.best = min(self.best, self.point(other.best.at), key=lambda p: p.cost())
        self._stepwise = other._stepwise | other._dead
        for i in self._stepwise:
            self._steps[i] = other._steps[i]

    def run(self, step: float, worth: float, rounds: int = ROUNDS) -> None:
        """Improves `best` with differences of this width, until a round gains nothing worth it."""
        self._steps = np.maximum(self._steps, step)
        for _ in range(rounds):
            before, width = self.best, _width(self.best.residuals)
            stencil = self._differentiate()
            reached, converged = self._descend(width, worth)
            self.best = min([before, reached, *stencil], key=lambda p: p.cost(width))
            gained = before.cost(width) - self.best.cost(width)
            self._side = -self._side
            if converged or not (_worth(gained, before, width, worth) or self._doubt()):
                break

    def finish(self) -> None:
        """To the bottom, with narrow differences, and beyond the steps that these do not see."""
        self.run(NARROW, FINE)
        if not self._straight and self._doubt():
            self.run(NARROW, FINE)
        for _ in range(ROUNDS):
            if not self.poll():
                break
            self.run(NARROW, FINE)

    def refitted(self, point: Point) -> Point:
        """Another point, after one step of Gauss and Newton with the Jacobian that is at hand."""
        if not self._jacobian.any():
            return point
        width = _width(point.residuals)
        move, _ = self._step(self._jacobian, point, width)
        return min(point, self.point(point.at + move), key=lambda p: p.cost(width))

    def poll(self) -> bool:
        """Tries points on both sides along stepwise coordinates, ever nearer; whether that was worth it."""
        start = self.best
        for reach, i, side in product(POLLS, sorted(self._stepwise - self._dead), (1.0, -1.0)):
            tried = self.point(self._moved(self.best.at, i, side * reach))
            self.best = min(self.best, tried, key=lambda p: p.cost())
        return _worth(start.cost() - self.best.cost(), start, 1.0, ROUGH)

    def _differentiate(self) -> list[Point]:
        """Sets the Jacobian at `best`; the points that took."""
        points: list[Point] = []
        self._jacobian = np.zeros_like(self._jacobian)
        for i in set(range(len(self._free))) - self._dead:
            column, point = self._difference(i, self._steps[i])
            points.append(point)
            while not column.any() and self._steps[i] < WIDEST:
                self._steps[i] = min(WIDEST, max(self._steps[i] * WIDER, WIDE))
                column, point = self._difference(i, self._steps[i])
                self._stepwise.add(i)
                points.append(point)
            if not column.any():
                self._dead.add(i)
            self._jacobian[:, i] = column
        return points

    def _difference(self, i: int, step: float) -> tuple[Values, Point]:
        """Forward or backward, by turns, but never beyond a bound and not into a failure if that can be."""
        for side in (self._side, -self._side):
            point = self.point(self._moved(self.best.at, i, side * step))
            moved = point.at[self._free[i]] - self.best.at[self._free[i]]
            if abs(moved) >= 0.5 * step and not (point.residuals >= BAD).any():
                return (point.residuals - self.best.residuals) / moved, point
        return np.zeros(len(self.best.residuals)), point

    def _moved(self, at: Values, i: int, by: float) -> Values:
        moved = at.copy()
        moved[self._free[i]] += by
        return moved

    def _descend(self, width: float, worth: float) -> tuple[Point, bool]:
        """Damped steps with the Jacobian, brought up to date after each; whether no more can be expected."""
        now, failures, fresh, kept = self.best, 0, True, True
        while failures < 3:
            move, expected = self._step(self._jacobian, now, width)
            if not _worth(expected, now, width, worth):
                return now, kept
            trial = self.point(now.at + move)
            gained = now.cost(width) - trial.cost(width)
            if gained > 0:
                self._learn(now, trial)
                now, fresh, kept = trial, False, 0.7 * expected < gained < 1.4 * expected
                # where the cost is linear in the residuals, twice what was expected is what a straight line gives
                held = 0.7 * expected < gained < 2.5 * expected
                self._straight |= held and len(self._free) == 1 and bool(np.abs(move).max() > WIDE)
                self._damping = max(self._damping / 10, 1e-9)
                if gained < 0.25 * expected:
                    break
            elif not fresh:
                break
            else:
                failures += 1
                self._damping = max(self._damping, 1e-4) * 30
        return now, False

    def _learn(self, before: Point, after: Point) -> None:
        """Broyden's update: the Jacobian that explains the step just taken and differs least."""
        move = (after.at - before.at)[list(self._free)]
        surprise = after.residuals - before.residuals - self._jacobian @ move
        self._jacobian = self._jacobian + np.outer(surprise, move) / (move @ move)

    def _step(self, jacobian: Values, point: Point, width: float) -> tuple[Values, float]:
        """A move within the bounds, and the fall of the cost that it should bring."""
        root = (1.0 + (point.residuals / width) ** 2) ** -0.25
        weighted = jacobian * root[:, None]
        orthogonal, triangle = np.linalg.qr(np.column_stack([weighted, -point.residuals * root]))
        del orthogonal
        matrix, target = triangle[:, :-1], triangle[:, -1]
        sizes = np.linalg.norm(matrix, axis=0)
        live = sizes > 1e-9 * max(float(sizes.max()), 1e-300)
        free = np.array(self._free, dtype=int)[live]
        move = np.zeros(len(point.at))
        if not live.any():
            return move, 0.0
        damped = np.vstack([matrix[:, live], np.diag(np.sqrt(self._damping) * sizes[live])])
        aim = np.concatenate([target, np.zeros(int(live.sum()))])
        low, high = -point.at[free], 1.0 - point.at[free]
        found = lsq_linear(damped, aim, (low - 1e-12, high + 1e-12), method="bvls").x
        move[free] = np.clip(found, low, high)
        left = target - matrix[:, live] @ move[free]
        return move, float(target @ target - left @ left)

    def _doubt(self) -> bool:
        """Whether wider differences contradict a column; they take its place."""
        found = False
        for i in set(range(len(self._free))) - self._dead - self._stepwise:
            narrow = self._jacobian[:, i]
            wide, point = self._difference(i, WIDE)
            gap = np.linalg.norm(wide - narrow)
            if gap > AGREES * max(np.linalg.norm(wide), np.linalg.norm(narrow)):
                self._stepwise.add(i)
                self._steps[i], found = WIDE, True
            self.best = min(self.best, point, key=lambda p: p.cost())
        return found


def _other_basins(
    evaluate: Evaluate, space: Space, basin: Local, starts: int, rng: np.random.Generator
) -> Local:
    """The best of the basin and those around the best points of a Latin hypercube."""
    points = [basin.point(u) for u in _latin_hypercube(SAMPLES, space, rng)]
    for point in sorted(points, key=lambda p: p.cost())[:starts]:
        other = Local(evaluate, space, basin.segments, point.at)
        other.run(WIDE, ROUGH, rounds=3)
        if other.best.cost() < PROMISING * basin.best.cost():
            other.run(WIDE, ROUGH)
            basin = min(basin, _tried_grids(evaluate, space, other), key=lambda b: b.best.cost())
    return basin


def _tried_grids(evaluate: Evaluate, space: Space, basin: Local) -> Local:
    """With the values of stepped parameters for which, the others fitted again, the cost is least."""
    every = np.prod([len(g) for g in space.grids.values()]) <= GRID
    while space.grids:
        points = _every_value(space, basin.best.at) if every else _one_changed(space, basin.best.at)
        tried = sorted((basin.refitted(basin.point(at)) for at in points), key=lambda p: p.cost())
        others = [Local(evaluate, space, basin.segments, point.at) for point in tried[:3]]
        for other in others:
            other.run(WIDE, ROUGH, rounds=4)
        best = min([basin, *others], key=lambda b: b.best.cost())
        improved = _worth(basin.best.cost() - best.best.cost(), basin.best, 1.0, FINE)
        basin = best
        if every or not improved:
            break
    return basin


def _tried_neighbours(evaluate: Evaluate, space: Space, found: Local) -> None:
    """Whether all segments together want a neighbouring value of a stepped parameter after all."""
    for i, grid in space.grids.items():
        for at in _with_values(found.best.at, i, _nearest(grid, found.best.at[i])):
            tried = found.refitted(found.point(at))
            if tried.cost() < found.best.cost():
                found = Local(evaluate, space, found.segments, tried.at)
                found.run(NARROW, FINE)


def _every_value(space: Space, at: Values) -> Iterator[Values]:
    """All other combinations of the stepped parameters' values."""
    for values in product(*space.grids.values()):
        point = at.copy()
        point[list(space.grids)] = values
        if not np.array_equal(point, at):
            yield point


def _one_changed(space: Space, at: Values) -> Iterator[Values]:
    """Combinations with one parameter changed, to values nearby and to ever fewer further off."""
    for i, grid in space.grids.items():
        here = int(np.argmin(np.abs(grid - at[i])))
        near = [k for k in range(len(grid)) if k != here and _power_of_two(abs(k - here))]
        yield from _with_values(at, i, grid[near])


def _power_of_two(distance: int) -> bool:
    """Every value nearby, then ever fewer: distances 1, 2, 3, 4, 6, 8, 12, 16, ..."""
    return (
        distance <= 4
        or (distance & (distance - 1)) == 0
        or (distance % 3 == 0 and _power_of_two(distance // 3 * 2))
    )


def _with_values(at: Values, i: int, values: Values) -> Iterator[Values]:
    for value in values:
        point = at.copy()
        point[i] = value
        yield point


def _nearest(grid: Values, value: float) -> Values:
    here = int(np.argmin(np.abs(grid - value)))
    return grid[[k for k in (here - 1, here + 1) if 0 <= k < len(grid)]]


def _some(count: int, dimensions: int, rng: np.random.Generator) -> list[int]:
    """A third of the segments, but enough for the parameters."""
    return sorted(rng.permutation(count)[: max(-(-count // 3), min(count, dimensions + 3))].tolist())


def _latin_hypercube(n: int, space: Space, rng: np.random.Generator) -> Values:
    """`n` points, float64 (n, size), one in each n-th of every axis; stepped ones at a value of their grid."""
    cells = np.stack([rng.permutation(n) for _ in range(space.size)], axis=1)
    points = (cells + rng.random((n, space.size))) / n
    for i, grid in space.grids.items():
        points[:, i] = grid[np.argmin(np.abs(points[:, [i]] - grid), axis=1)]
    return points


def _width(residuals: Values) -> float:
    """The width within which errors count as squares: noise, or what is typical while far from the data."""
    return max(1.0, 1.4826 * float(np.median(np.abs(residuals)))) if residuals.size else 1.0


def _worth(fall: float, point: Point, width: float, part: float) -> bool:
    return fall > part * point.cost(width) + NOTHING * len(point.residuals)
