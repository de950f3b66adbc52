"""Pooling over episodes: means, paired differences and curves over the horizon, split by split."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..archive.records import (
    CurveRecord,
    CurvesRecord,
    Differences,
    EpisodeRecord,
    Metrics,
    OverTimeRecord,
    PairedDifference,
    Splits,
)
from .methods import HIGHER_IS_BETTER, OURS, comparable, kind
from .statistics import bootstrap_means, paired_differences

IN, OOD, ALL = "in", "ood", "all"
Values = dict[tuple[str, str], list[float]]  # (metric, method) -> a value an episode, NaN where undefined


def summarise(
    episodes: Sequence[EpisodeRecord], splits: Sequence[str], ood_splits: Sequence[str], seed: int
) -> Splits:
    """Metrics of each split that has episodes, of `ood_splits` pooled as "ood", and of all as "all".

    Each mean is over the episodes with a finite value (as PhyWorld's nanmean); one without any is left out.
    The result depends on no order of episodes: they are taken by id, metrics and methods as they first
    appear.
    """
    pools = groups(episodes, splits, ood_splits)
    return {name: _metrics(_values(members), seed) for name, members in pools.items()}


def compare(
    episodes: Sequence[EpisodeRecord],
    splits: Sequence[str],
    ood_splits: Sequence[str],
    seed: int,
    smallest: Mapping[str, float],
) -> Differences:
    """Our method against each baseline on the same episodes, for the groups and metrics of `summarise`.

    smallest: metric -> smallest effect that matters, see `effects`.
    """
    pools = groups(episodes, splits, ood_splits)
    return {name: _differences(_values(members), seed, smallest) for name, members in pools.items()}


def curves(
    episodes: Iterable[tuple[EpisodeRecord, OverTimeRecord]], ood_splits: Sequence[str], seed: int
) -> CurvesRecord:
    """Mean of each error in each predicted frame, of the split "in" and of `ood_splits` pooled as "ood".

    For our method and the baselines, with the interval of `bootstrap_mean` over the episodes that have a
    finite value in that frame. A curve ends where fewer than half of the pool's episodes go on: after that
    it would be about other episodes. `episodes` is read once, in the order of ids.
    """
    pools: dict[str, list[OverTimeRecord]] = {IN: [], OOD: []}
    context = 0
    for record, series in episodes:
        context = record.context
        pool = IN if record.split == IN else OOD if record.split in ood_splits else None
        if pool is not None and series.values:
            pools[pool].append(series)
    return CurvesRecord(
        curves={name: _curves(members, context, seed) for name, members in pools.items() if members}
    )


def significant(value: float | None) -> float | None:
    """Six significant digits: more than a curve shows, and a third of the space of all of them."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")


def groups(
    episodes: Sequence[EpisodeRecord], splits: Sequence[str], ood_splits: Sequence[str]
) -> dict[str, list[EpisodeRecord]]:
    ordered = sorted(episodes, key=lambda e: e.id)
    groups = {split: [e for e in ordered if e.split == split] for split in splits}
    groups[OOD] = [e for e in ordered if e.split in ood_splits]
    groups[ALL] = ordered
    return {name: members for name, members in groups.items() if members}


def _values(episodes: Sequence[EpisodeRecord]) -> Values:
    pairs: dict[str, dict[str, None]] = {}
    for episode in episodes:
        for metric, methods in episode.metrics.items():
            pairs.setdefault(metric, {}).update(dict.fromkeys(methods))
    return {
        (metric, method): [_number(e.metrics.get(metric, {}).get(method)) for e in episodes]
        for metric, methods in pairs.items()
        for method in methods
    }


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _metrics(values: Values, seed: int) -> Metrics:
    metrics: Metrics = {}
    if not values:
        return metrics
    means = bootstrap_means(np.array(list(values.values())).T, seed=seed)
    for (metric, method), mean in zip(values, means, strict=True):
        if mean is not None:
            metrics.setdefault(metric, {})[method] = mean
    return metrics


def _differences(
    values: Values, seed: int, smallest: Mapping[str, float]
) -> dict[str, dict[str, PairedDifference]]:
    found: dict[str, dict[str, PairedDifference]] = {}
    for metric in dict.fromkeys(m for m, method in values if method == OURS):
        baselines = [b for m, b in values if m == metric and kind(b) == "baseline"]
        if not baselines:
            continue
        columns = np.array([values[metric, b] for b in baselines]).T
        higher = metric in HIGHER_IS_BETTER
        least = smallest.get(metric, 0.0)
        each = paired_differences(values[metric, OURS], columns, higher=higher, smallest=least, seed=seed)
        rows = {b: d for b, d in zip(baselines, each, strict=True) if d is not None}
        if rows:
            found[metric] = rows
    return found


def _curves(episodes: Sequence[OverTimeRecord], context: int, seed: int) -> dict[str, dict[str, CurveRecord]]:
    names: dict[str, dict[str, None]] = {}
    for episode in episodes:
        for metric, methods in episode.values.items():
            names.setdefault(metric, {}).update(dict.fromkeys(m for m in methods if comparable(m)))
    return {
        metric: {method: _curve([e.values.get(metric, {}).get(method, []) for e in episodes], context, seed)
                 for method in methods}
        for metric, methods in names.items()
    }  # fmt: skip


def _curve(series: Sequence[Sequence[float | None]], start: int, seed: int) -> CurveRecord:
    lengths = sorted((len(s) for s in series), reverse=True)
    frames = lengths[(len(lengths) - 1) // 2]
    means = bootstrap_means(_table(series, frames), seed=seed)
    return CurveRecord(
        start=start,
        mean=[significant(m.mean if m else None) for m in means],
        low=[significant(m.ci95[0] if m else None) for m in means],
        high=[significant(m.ci95[1] if m else None) for m in means],
        n=[m.n if m else 0 for m in means],
    )


def _table(series: Sequence[Sequence[float | None]], frames: int) -> NDArray[np.float64]:
    """(episodes, frames), NaN where a series is over or undefined."""
    table = np.full((len(series), frames), np.nan)
    for row, values in zip(table, series, strict=True):
        known = [_number(v) for v in values[:frames]]
        row[: len(known)] = known
    return table


def over_time_record(series: Mapping[str, Mapping[str, NDArray[np.float64]]]) -> OverTimeRecord:
    """Series metric -> method -> (frames,) as they are archived."""
    return OverTimeRecord(
        values={
            metric: {method: [significant(float(v)) for v in row] for method, row in rows.items()}
            for metric, rows in series.items()
        }
    )
