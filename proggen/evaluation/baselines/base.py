"""What a baseline is made from, what it is asked, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...archive.records import VariableRecord
from ...benchmarks.base import BenchmarkInfo
from ...clips import Clip
from ...sandbox import Sandbox
from ...states import Trajectory
from ..scoring import Forecast

Array = NDArray[np.float64]
Item = TypeVar("Item", bound=np.generic)
Read = TypeVar("Read")
_PER_TIME = re.compile(
    r"/\s*\(?\s*(s|sec|seconds?|frames?)\b|\bper (second|frame)\b|\bs\s*(\^|\*\*)?\s*-\s*\d|s⁻"
)


@dataclass(frozen=True)
class TrainingClip:
    """A training clip with the states that our perception program sees in all of its frames."""

    clip: Clip
    whole: Trajectory


class MoreClips(Protocol):
    """Training clips of a benchmark's source beyond the ten, never held in memory together."""

    def __call__(self, n: int, read: Callable[[Clip], Read]) -> list[Read]:
        """What `read` makes of each of the first `n`, fewer where there are fewer. Several threads read."""
        ...


@dataclass(frozen=True)
class Material:
    """What a baseline may learn from; there is no truth in it.

    clips: the clips that the programs were learned from. variables: what their states hold. more: the
    source that they are the first clips of.
    """

    info: BenchmarkInfo
    clips: tuple[TrainingClip, ...]
    variables: tuple[VariableRecord, ...]
    sandbox: Sandbox
    seed: int
    more: MoreClips


@dataclass(frozen=True)
class Context:
    """What is known of an episode when it is predicted.

    head: the given frames. perceived: their states as our perception program sees them, None where it
    failed. actions: float64 (T - 1,) of the whole episode, where the benchmark has some; they are decided
    beforehand. horizon: number of frames to predict.
    """

    head: Clip
    perceived: Trajectory | None
    horizon: int
    actions: NDArray[np.float64] | None = None


class Baseline(Protocol):
    """A way to predict without our dynamics. Several threads ask one baseline at the same time.

    notes: sentences for the archive, such as that there were fewer clips than asked for.
    """

    notes: Sequence[str]

    def forecast(self, context: Context) -> Forecast | None:
        """None where nothing can be said. What has states but no frames is drawn by our rendering program,
        what has frames but no states is read by our perception program. ProgramFailure counts as None."""
        ...


def is_rate(variable: VariableRecord) -> bool:
    """Whether the unit is one per time, as in "m/s" or "rad s^-1": a velocity or an acceleration."""
    return bool(_PER_TIME.search(variable.unit))


def held(values: Array) -> Array:
    """States (T, N) in which a variable that is not observed keeps its last observed value."""
    found = values.copy()
    for row in range(1, len(found)):
        missing = np.isnan(found[row])
        found[row, missing] = found[row - 1, missing]
    return found


def continuation(values: NDArray[Item], start: int, n_steps: int) -> NDArray[Item]:
    """Rows `start` to `start + n_steps` of a clip's frames or states; where it ends, its last one goes on."""
    return values[np.minimum(np.arange(start, start + n_steps), len(values) - 1)]
