"""How large a difference has to be before a word is said about it: one rule for tables, flags and verdicts.

A smallest effect belongs to a metric of a benchmark and is known before any episode is predicted, from the
training clips alone. It is a tenth of the noise that the metric is measured with:

- velocity metrics: the error of PhyWorld's parser on the true training videos, mean over the clips;
- errors of states: perception's noise, the larger of its scatter (`EstimationRecord.scales`) and its RMS
  distance from the truth on the training clips (`MatchRecord.residual`). The scatter does not know of a
  steady offset, and the distance of rates is one of means over frames: either alone is too small.

PSNR, SSIM and LPIPS have fixed ones, for their noise is that of the video and of the drawing together.
A tenth, because a mean over some hundred episodes averages noise down by about as much: differences
below it could not be told from another draw of noise even on the full grids.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..archive.records import EstimationRecord, MatchRecord
from ..benchmarks.base import BenchmarkInfo, Episode
from .methods import PARSER_FLOOR
from .scoring import score_episode

PART = 0.1  # of the noise
PICTURES = {"psnr": 0.1, "ssim": 0.001, "lpips": 0.001}  # dB, and parts of 1
ROUNDING = 1e-6  # relative; what `proggen verify` takes for one number computed on two machines
TINY = 1e-12  # in any unit; the rounding of a difference of two states that are equal


def smallest_effects(
    info: BenchmarkInfo,
    training: Sequence[Episode],
    matches: Sequence[MatchRecord],
    estimation: EstimationRecord,
) -> dict[str, float]:
    """Metric -> smallest effect that matters, in the metric's unit; a metric without a known noise has none."""
    found = dict(PICTURES)
    for m in matches:
        if (noise := perception_noise(m, estimation)) is not None:
            found |= {f"{kind}.{m.truth}": PART * noise for kind in ("state", "start")}
    measured: dict[str, list[float]] = {}
    for episode in training:
        for metric, methods in score_episode(info, episode, matches, {}).metrics.items():
            measured.setdefault(metric, []).append(methods[PARSER_FLOOR])
    for metric, errors in measured.items():
        if (finite := np.isfinite(errors)).any():
            found[metric] = PART * float(np.array(errors)[finite].mean())
    return found


def perception_noise(match: MatchRecord, estimation: EstimationRecord) -> float | None:
    """Of a true variable, in its unit; None where no variable of the program stands for it."""
    if match.variable is None:
        return None
    scatter = abs(match.factor) * estimation.scales.get(match.variable, 0.0)
    return max(scatter, match.residual or 0.0)


def tied(a: ArrayLike, b: ArrayLike, smallest: float = 0.0) -> NDArray[np.bool_]:
    """Where two values of a metric can't be told apart.

    Relative tolerance `ROUNDING`: further digits depend on the machine. Absolute tolerance `smallest`, at least
    `TINY`: a smaller difference says nothing of the methods, whatever its ratio. Not where one is NaN.
    """
    one, other = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    tolerance = np.maximum(ROUNDING * np.maximum(np.abs(one), np.abs(other)), max(smallest, TINY))
    close: NDArray[np.bool_] = np.abs(one - other) <= tolerance
    return close
