"""How far two predictions of one episode are apart, over all metrics: what "the runs agree" is judged by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..archive.records import BenchmarkRecord, EpisodeRecord
from .effects import TINY, tied
from .methods import OURS


@dataclass(frozen=True)
class Gap:
    """The metric in which two predictions differ most; `times` its scale, inf where only one has a value."""

    metric: str
    times: float


def scales(record: BenchmarkRecord, smallest: Mapping[str, float]) -> dict[str, float]:
    """Metric -> half the width of the 95 % interval of our mean over all episodes, at least its smallest effect.

    In units of it, differences of metrics with other units can be compared: one of 1 in every episode would move
    the mean by as much as the choice of episodes does.
    """
    pooled = record.metrics.get("all", {})
    widths = {m: (v[OURS].ci95[1] - v[OURS].ci95[0]) / 2 for m, v in pooled.items() if OURS in v}
    return {m: max(w, smallest.get(m, 0.0), TINY) for m, w in widths.items()}


def largest(one: EpisodeRecord, other: EpisodeRecord, scales: Mapping[str, float]) -> Gap | None:
    """None where our values of all metrics are equal but for rounding."""
    found = []
    for metric in dict.fromkeys([*one.metrics, *other.metrics]):
        a, b = (e.metrics.get(metric, {}).get(OURS) for e in (one, other))
        if a is None and b is None:
            continue
        if a is None or b is None:
            found.append(Gap(metric, math.inf))
        elif not tied(a, b):
            found.append(Gap(metric, abs(a - b) / scales.get(metric, TINY)))
    return max(found, key=lambda gap: gap.times, default=None)
