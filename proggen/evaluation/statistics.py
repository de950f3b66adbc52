"""Means with bootstrap intervals."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..archive.records import MetricValue


def bootstrap_mean(values: ArrayLike, *, seed: int = 0, resamples: int = 2000) -> MetricValue | None:
    """Mean of the finite values, their number n, and the 95 % percentile bootstrap interval of the mean.

    Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13: the 2.5 % and 97.5 % quantiles
    of the means of `resamples` samples of size n, drawn with replacement. One seed draws the same episodes
    for every metric of n episodes. n = 1 gives an interval without width; without a finite value there is
    no mean: None.
    """
    array = np.asarray(values, dtype=np.float64).ravel()
    finite = array[np.isfinite(array)]
    if not finite.size:
        return None
    means = finite[_resamples(finite.size, seed, resamples)].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return MetricValue(mean=float(finite.mean()), ci95=(float(low), float(high)), n=int(finite.size))


@lru_cache(maxsize=8)
def _resamples(n: int, seed: int, resamples: int) -> NDArray[np.int32]:
    """Which values each resample draws, (resamples, n)."""
    return np.random.default_rng(seed).integers(n, size=(resamples, n), dtype=np.int32)
