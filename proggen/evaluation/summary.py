"""Means over episodes: split -> metric -> method -> value."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..archive.records import EpisodeRecord, Metrics, Splits
from .statistics import bootstrap_mean

OOD, ALL = "ood", "all"


def summarise(
    episodes: Sequence[EpisodeRecord], splits: Sequence[str], ood_splits: Sequence[str], seed: int
) -> Splits:
    """Metrics of each split that has episodes, of `ood_splits` pooled as "ood", and of all as "all".

    Each mean is over the episodes with a finite value (as PhyWorld's nanmean); one without any is left out.
    The result depends on no order of episodes: they are taken by id, metrics and methods as they first
    appear.
    """
    ordered = sorted(episodes, key=lambda e: e.id)
    groups = {split: [e for e in ordered if e.split == split] for split in splits}
    groups[OOD] = [e for e in ordered if e.split in ood_splits]
    groups[ALL] = ordered
    return {name: _metrics(members, seed) for name, members in groups.items() if members}


def _metrics(episodes: Sequence[EpisodeRecord], seed: int) -> Metrics:
    values: dict[str, dict[str, list[float]]] = {}
    for episode in episodes:
        for metric, methods in episode.metrics.items():
            for method, value in methods.items():
                values.setdefault(metric, {}).setdefault(method, []).append(
                    math.nan if value is None else value
                )
    metrics: Metrics = {}
    for metric, by_method in values.items():
        for method, numbers in by_method.items():
            mean = bootstrap_mean(numbers, seed=seed)
            if mean is not None:
                metrics.setdefault(metric, {})[method] = mean
    return metrics
