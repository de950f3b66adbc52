"""Named states: a state is a flat `dict[str, float]`; a trajectory is one state a frame, as an array."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

State = dict[str, float]


@dataclass(frozen=True)
class Variable:
    """A state variable: a name such as `red_ball.x`, its unit (SI-like text) and meaning."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Trajectory:
    """States of consecutive frames: `values` float64 (T, N), columns as in `names`.

    NaN means not observed: perception may leave a variable out where the picture does not show it.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(self.names):
            raise ValueError(f"values {self.values.shape} do not fit {len(self.names)} names")

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """One variable over time, (T,)."""
        return self.values[:, self.names.index(name)]

    def state(self, frame: int) -> State:
        """The observed variables of one frame."""
        row = self.values[frame]
        return {n: float(v) for n, v in zip(self.names, row, strict=True) if np.isfinite(v)}

    def part(self, start: int, stop: int | None = None) -> Trajectory:
        """Frames `start` to `stop` (exclusive)."""
        return Trajectory(self.names, self.values[start:stop])

    def ordered(self, names: Sequence[str]) -> Trajectory:
        """The same states with the columns in another order or fewer; a missing name is all NaN."""
        columns = [self[n] if n in self.names else np.full(len(self), np.nan) for n in names]
        return Trajectory(tuple(names), np.stack(columns, axis=1) if columns else np.empty((len(self), 0)))

    def then(self, other: Trajectory) -> Trajectory:
        """This trajectory followed in time by another one of the same names."""
        return Trajectory(self.names, np.concatenate([self.values, other.ordered(self.names).values]))

    @classmethod
    def from_states(cls, states: Iterable[Mapping[str, float]], names: Sequence[str]) -> Trajectory:
        rows = [[float(s.get(n, np.nan)) for n in names] for s in states]
        return cls(tuple(names), np.array(rows, dtype=np.float64).reshape(len(rows), len(names)))
