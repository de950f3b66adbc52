"""How bad an episode is: by the metric in which it is worst, in units of what is usual in its split.

An episode is as bad as the worst thing about it. A ranking by one metric calls an episode good where that metric
is not defined (the velocity after an impact that the clip does not reach), whatever its pictures look like.
Metrics have other units, so each value becomes its distance from the ideal, as a multiple of the median over the
split: other splits are harder, and within one "three times the usual" means the same of each metric.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..archive.records import EpisodeRecord
from .methods import OURS

PSNR, SSIM = "psnr", "ssim"
# A split's median counts as at least this distance: where all are nearly perfect, the least perfect is no fault.
FLOORS = {
    PSNR: 1e-3,
    SSIM: 1e-3,
}  # a quarter of a grey level; of other metrics the smallest effect that matters


FAILED, UNKNOWN, MISSING = 3e9, 2e9, 1e9  # ranks above every multiple; JSON has no infinity


@dataclass(frozen=True)
class Severity:
    """The worst metric of an episode; `times` the split's median.

    metric: None where nothing was predicted, or no metric is defined (`times` is NaN then). times: inf where ours
    has no value of a metric that is defined in the episode.
    """

    metric: str | None
    times: float
    failed: bool = False

    @property
    def rank(self) -> float:
        """Greater is worse: what failed, then what can't be judged, then what has no value, then by `times`."""
        if self.failed:
            return FAILED
        return UNKNOWN if self.metric is None else min(self.times, MISSING)


def distance(metric: str, value: float) -> float:
    """From the ideal, 0 at best: RMSE of pixels as a part of their range for PSNR in dB, 1 - SSIM, errors as is.

    PSNR = -20 log10(RMSE / 255), so the RMSE of a mean PSNR is the geometric mean of the frames' RMSEs.
    """
    if metric == PSNR:
        return float(10.0 ** (-value / 20))
    return 1.0 - value if metric == SSIM else value


def severities(
    episodes: Iterable[EpisodeRecord], smallest: Mapping[str, float] | None = None
) -> dict[str, Severity]:
    """Id -> severity of each episode of a benchmark. smallest: as in `BenchmarkRecord`."""
    splits: dict[str, list[EpisodeRecord]] = {}
    for episode in episodes:
        splits.setdefault(episode.split, []).append(episode)
    floors = {**(smallest or {}), **FLOORS}
    found: dict[str, Severity] = {}
    for members in splits.values():
        units = _units(members, floors)
        found |= {e.id: _severity(e, units) for e in members}
    return found


def worst_first(episodes: Sequence[EpisodeRecord], smallest: Mapping[str, float]) -> list[EpisodeRecord]:
    """Ties keep their order."""
    found = severities(episodes, smallest)
    return sorted(episodes, key=lambda e: found[e.id].rank, reverse=True)


def _units(members: Sequence[EpisodeRecord], floors: Mapping[str, float]) -> dict[str, float]:
    """Metric -> median distance of ours over the episodes where it is defined, no less than its floor."""
    known: dict[str, list[float]] = {}
    for episode in members:
        for metric in episode.metrics:
            if (value := _ours(episode, metric)) is not None:
                known.setdefault(metric, []).append(distance(metric, value))
    return {m: max(float(np.median(v)), floors.get(m, 0.0)) for m, v in known.items()}


def _severity(episode: EpisodeRecord, units: Mapping[str, float]) -> Severity:
    if episode.failure is not None:
        return Severity(None, math.nan, failed=True)
    times = {m: t for m, unit in units.items() if (t := _times(episode, m, unit)) is not None}
    if not times:
        return Severity(None, math.nan)
    worst = max(times, key=lambda m: times[m])
    return Severity(worst, times[worst])


def _times(episode: EpisodeRecord, metric: str, unit: float) -> float | None:
    """None where the metric is not defined in the episode: no method has a value."""
    value = _ours(episode, metric)
    if value is None:
        others = [v for m, v in episode.metrics.get(metric, {}).items() if m != OURS and v is not None]
        return math.inf if others else None
    far = distance(metric, value)
    return far / unit if unit > 0 else (math.inf if far > 0 else 0.0)


def _ours(episode: EpisodeRecord, metric: str) -> float | None:
    value = episode.metrics.get(metric, {}).get(OURS)
    return value if value is not None and math.isfinite(value) else None
