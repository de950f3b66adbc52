"""Our method against one baseline: how it is chosen from means, and what is said of a single episode."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..archive.records import BenchmarkRecord, EpisodeRecord, RivalRecord
from .effects import tied
from .methods import HIGHER_IS_BETTER, OURS, best
from .severity import PSNR, distance

Means = Mapping[str, Mapping[str, float]]  # metric -> baseline -> mean over clips


def order(headline: Sequence[str]) -> list[str]:
    """Metrics in the order in which they decide: the last headline error, which is the hardest, first."""
    errors = [m for m in reversed(headline) if m not in HIGHER_IS_BETTER]
    return list(dict.fromkeys([*errors, *headline, PSNR]))


def pick(means: Means, smallest: Mapping[str, float], clips: Sequence[str]) -> RivalRecord | None:
    """The best by the first metric; among those that it can't tell apart, by the next one, then the first named."""
    left: list[str] = list(next(iter(means.values()), {}))
    for metric, values in means.items():
        known = {b: values[b] for b in left if b in values}
        if (top := best(metric, known)) is not None:
            left = [b for b, v in known.items() if tied(v, known[top], smallest.get(metric, 0.0))]
    if not left:
        return None
    return RivalRecord(method=left[0], values={m: dict(v) for m, v in means.items()}, clips=list(clips))


@dataclass(frozen=True)
class Against:
    """Our distance from the ideal as a multiple of the rival's in one episode, by one metric.

    worse: ours is farther off by more than a tie (see `effects.tied`). times: inf where ours has no value, or the
    rival is perfect and ours is not.
    """

    metric: str
    times: float
    worse: bool


def against(record: BenchmarkRecord, episode: EpisodeRecord) -> Against | None:
    """By the first metric of `order` that is defined for the rival; None without a rival or such a metric."""
    if record.rival is None or episode.failure is not None:
        return None
    for metric in order(record.headline):
        methods = episode.metrics.get(metric, {})
        theirs, ours = methods.get(record.rival.method), methods.get(OURS)
        if theirs is None:
            continue
        if ours is None:
            return Against(metric, math.inf, worse=True)
        mine, other = distance(metric, ours), distance(metric, theirs)
        level = bool(tied(ours, theirs, record.smallest.get(metric, 0.0)))
        return Against(metric, _ratio(mine, other), worse=mine > other and not level)
    return None


def _ratio(mine: float, other: float) -> float:
    if other == 0:
        return math.inf if mine else 1.0
    return mine / other
