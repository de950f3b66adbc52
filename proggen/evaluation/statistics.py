"""Means, and paired differences, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..archive.records import MetricValue, PairedDifference
from .effects import tied

RESAMPLES = 2000
_BLOCK = 250  # resamples drawn at a time, so that thousands of episodes need little memory
Array = NDArray[np.float64]


def bootstrap_mean(values: ArrayLike, *, seed: int = 0, resamples: int = RESAMPLES) -> MetricValue | None:
    """Mean of the finite values, their number n, and the 95 % percentile bootstrap interval of the mean.

    Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13: the 2.5 % and 97.5 % quantiles
    of the means of `resamples` samples of size n, drawn with replacement. One seed draws the same episodes
    for every metric of n episodes. n = 1 gives an interval without width; without a finite value there is
    no mean: None.
    """
    column = np.asarray(values, dtype=np.float64).reshape(-1, 1)
    return bootstrap_means(column, seed=seed, resamples=resamples)[0]


def bootstrap_means(
    columns: ArrayLike, *, seed: int = 0, resamples: int = RESAMPLES
) -> list[MetricValue | None]:
    """`bootstrap_mean` of each column of an array (n, k): far faster than one at a time."""
    array = np.asarray(columns, dtype=np.float64)
    found: list[MetricValue | None] = [None] * array.shape[1]
    for rows, members in _same_rows(np.isfinite(array)):
        values = array[rows][:, members]
        limits = np.quantile(_resampled_means(values, seed, resamples), [0.025, 0.975], axis=0)
        for i, mean, low, high in zip(members, values.mean(axis=0), *limits, strict=True):
            found[i] = MetricValue(mean=float(mean), ci95=(float(low), float(high)), n=len(values))
    return found


def paired_differences(
    ours: ArrayLike, others: ArrayLike, *, higher: bool = False, smallest: float = 0.0, seed: int = 0
) -> list[PairedDifference | None]:
    """How much better `ours`, (n,), is than each column of `others`, (n, k), on the same episodes.

    The gain of an episode is other - ours, or ours - other where `higher` values are better, so that a
    positive gain speaks for ours. Episodes count where both values are finite; None where there is none.
    The interval is that of `bootstrap_mean` over the gains: it keeps the pairs together, and what makes an
    episode hard for both methods drops out. A gain of rounding alone counts as zero; one up to `smallest`,
    the smallest effect that matters (see `effects`), counts as it is and is a tie.
    """
    mine = np.asarray(ours, dtype=np.float64).reshape(-1, 1)
    theirs = np.asarray(others, dtype=np.float64).reshape(len(mine), -1)
    both = np.isfinite(mine) & np.isfinite(theirs)
    mine, theirs = np.where(both, mine, 0.0), np.where(both, theirs, 0.0)
    gains = np.where(tied(mine, theirs), 0.0, (mine - theirs) if higher else (theirs - mine))
    ties = tied(mine, theirs, smallest)
    means = bootstrap_means(np.where(both, gains, np.nan), seed=seed)
    return [
        None if m is None else _difference(m, gains[both[:, i], i], ties[both[:, i], i], smallest)
        for i, m in enumerate(means)
    ]


def _difference(
    mean: MetricValue, gains: Array, ties: NDArray[np.bool_], smallest: float
) -> PairedDifference:
    won, level = int(((gains > 0) & ~ties).sum()), int(ties.sum())
    return PairedDifference(
        mean=mean.mean,
        ci95=mean.ci95,
        wins=(won + level / 2) / len(gains),
        ties=level,
        n=len(gains),
        smallest=smallest,
    )


def _same_rows(finite: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.intp], list[int]]]:
    """Columns that have their finite values in the same rows, with these rows; none without a value."""
    groups: dict[bytes, list[int]] = {}
    for i, column in enumerate(finite.T):
        groups.setdefault(column.tobytes(), []).append(i)
    for members in groups.values():
        rows = np.flatnonzero(finite[:, members[0]])
        if rows.size:
            yield rows, members


def _resampled_means(values: Array, seed: int, resamples: int) -> Array:
    """Means (resamples, k) of samples drawn with replacement from the rows of `values` (n, k)."""
    rng, n = np.random.default_rng(seed), len(values)
    found = np.empty((resamples, values.shape[1]))
    for start in range(0, resamples, _BLOCK):
        block = min(_BLOCK, resamples - start)
        drawn = rng.integers(n, size=(block, n)) + n * np.arange(block)[:, None]
        times = np.bincount(drawn.ravel(), minlength=block * n).reshape(block, n)
        found[start : start + block] = times.astype(np.float64) @ values / n
    return found
