"""What a benchmark is: training clips, evaluation episodes with truth, words that describe its video."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, get_args, runtime_checkable

import numpy as np

from ..clips import Clip
from ..states import State, Trajectory, Variable


@dataclass(frozen=True)
class Episode:
    """A clip with what really happened in it. Only evaluation may look at `truth` and `attributes`.

    truth: true states at the frames, (T, N), names as in the benchmark's `truth_variables`.
    attributes: the scene's generating values (PhyWorld's init row: `v`, `r`, or `r1`, `r2`, `v1`, `v2`).
    """

    id: str
    split: str
    clip: Clip
    truth: Trajectory
    attributes: Mapping[str, float]


@dataclass(frozen=True)
class EpisodeKey:
    """An episode's address before it is loaded: `id` is unique in its source, safe as a file name."""

    id: str
    split: str


class EpisodeSource(Protocol):
    """Episodes that are made or read only when asked for, so that thousands need no memory."""

    keys: Sequence[EpisodeKey]
    problems: Sequence[str]  # rows of a data file that had to be left out, each with its reason
    left_out: str  # the same in one line for the terminal; empty if all of the data are used

    def load(self, key: EpisodeKey) -> Episode: ...


Impacts = Literal["elastic", "box2d-default"]
IMPACTS: tuple[Impacts, ...] = get_args(Impacts)


@dataclass(frozen=True)
class DataOptions:
    """Where clips come from: generated with `seed`, or published files; lossless skips the video codec.

    impacts: how PhyWorld's balls collide, see `proggen.benchmarks.phyworld.simulation`.
    """

    seed: int = 42
    data: Path | None = None
    train_data: Path | None = None
    lossless: bool = False
    impacts: Impacts = "elastic"


@dataclass(frozen=True)
class TrueConstant:
    """A constant of the physics behind a benchmark's clips. Only evaluation may see it.

    also: other names for it, each as words or a letter, such as "half length" or "g".
    """

    name: str
    value: float
    unit: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class BenchmarkInfo:
    """The facts of a benchmark that need no data."""

    name: str  # "phyworld/collision"
    title: str  # "Collision of two balls"
    description: str  # what the language model is told of the videos, in sentences; holds no truth of a clip
    context: int  # frames given before prediction starts
    length: int  # frames of a training clip
    fps: float
    splits: tuple[str, ...]  # in the order of tables
    ood_splits: tuple[str, ...]  # pooled as `ood`
    truth_variables: tuple[Variable, ...]
    velocity_protocol: str | None = None  # PhyWorld's metric for "uniform", "parabola" or "collision"
    headline: tuple[str, ...] = field(default=())  # metrics shown first, that of published models foremost
    takes_actions: bool = False
    true_constants: tuple[TrueConstant, ...] = ()  # same in all clips; for evaluation alone


class Benchmark(Protocol):
    """The contract of an entry point in the group `proggen.benchmarks` (a class made without arguments)."""

    info: BenchmarkInfo

    def training(self, options: DataOptions) -> EpisodeSource:
        """Episodes to learn from, in order; the runner takes the first ten."""
        ...

    def evaluation(self, options: DataOptions) -> EpisodeSource:
        """All scoreable episodes in published order."""
        ...


@runtime_checkable
class WithPhysics(Protocol):
    """A benchmark that can also go on from any state; without it, error budgets lack one row."""

    def physics(self, episode: Episode, frame: int, state: State) -> Trajectory:
        """The benchmark's own physics from `state`, all its true variables, at `frame` to the clip's end.

        Returns the states after `frame`, in the benchmark's true variables. It gets what acts in the episode
        and else nothing of its truth. ValueError for a state that is none, such as a negative radius.
        """
        ...


Physics = Callable[[Episode, int, State], Trajectory]


def physics_of(benchmark: Benchmark) -> Physics | None:
    """The benchmark's own physics, None if it has none to offer."""
    return benchmark.physics if isinstance(benchmark, WithPhysics) else None


def select(keys: Sequence[EpisodeKey], splits: Sequence[str], n: int | None) -> list[EpisodeKey]:
    """`n` keys spread evenly over the splits and, within a split, evenly over its order; None takes all."""
    if n is None or n >= len(keys):
        return list(keys)
    by_split = {s: [k for k in keys if k.split == s] for s in splits}
    by_split = {s: ks for s, ks in by_split.items() if ks}
    quota = dict.fromkeys(by_split, 0)
    while sum(quota.values()) < n:
        for split, members in by_split.items():
            if sum(quota.values()) < n and quota[split] < len(members):
                quota[split] += 1
    chosen = {
        members[i].id
        for split, members in by_split.items()
        for i in np.linspace(0, len(members) - 1, quota[split]).round().astype(int)
    }
    return [k for k in keys if k.id in chosen]
