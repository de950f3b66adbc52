"""How alike two frames are: PSNR and SSIM, frame by frame over the horizon.

Both are computed in integers as far as the formulas allow, so results do not depend on thread count or
library build; numpy lets go of the interpreter meanwhile, so several threads overlap.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from ..clips import Frames

Image = NDArray[np.uint8]

HIGHEST_PSNR = 100.0  # dB; identical frames have infinitely many, and one would carry every mean away
WINDOW = 7  # side of SSIM's window, pixels
STRIP = 128  # rows of windows worked on at a time
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # Wang et al. 2004, K1 = 0.01, K2 = 0.03, L = 255


def psnr(a: Image, b: Image) -> float:
    """Peak signal-to-noise ratio in dB, 10 log10(255^2 / MSE), MSE over all pixels and channels.

    a, b: uint8 of one shape, (H, W, 3). Identical frames, and any above it, give
    `HIGHEST_PSNR`, so that means stay finite.
    Raises ValueError for other dtypes or different shapes.
    """
    _check(a, b)
    difference = (np.maximum(a, b) - np.minimum(a, b)).astype(np.uint16)
    difference *= difference  # at most 255^2, which fits
    total = int(difference.sum(dtype=np.uint64))
    if total == 0:
        return HIGHEST_PSNR
    return min(HIGHEST_PSNR, 10 * math.log10(255**2 * a.size / total))


def ssim(a: Image, b: Image) -> float:
    """Structural similarity of the luma, mean over all windows inside the frame; 1 if identical.

    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural
    similarity", IEEE TIP 13(4), 2004, equation 13, defined there on luminance; here with a uniform 7 x 7
    window and unbiased variances, scikit-image's default, which a test compares it with. Luma is BT.601's,
    8 bits.

    a, b: uint8 (H, W, 3) of one shape with H, W >= 7; ValueError otherwise.
    """
    _check(a, b)
    if min(a.shape[:2]) < WINDOW:
        raise ValueError(f"SSIM needs frames of at least {WINDOW} x {WINDOW} pixels, not {a.shape}")
    x, y = luma(a), luma(b)
    windows: int = (x.shape[0] - WINDOW + 1) * (x.shape[1] - WINDOW + 1)
    box = _difference_box(x, y)
    if box is None:
        return 1.0
    return 1.0 - _dissimilarity(x[box], y[box]) / windows  # windows outside the box have exactly 1


def psnr_over_time(truth_frames: Frames, frames: Frames) -> NDArray[np.float64]:
    """PSNR in dB of each pair of frames, (T,)."""
    return _over_time(psnr, truth_frames, frames)


def ssim_over_time(truth_frames: Frames, frames: Frames) -> NDArray[np.float64]:
    """SSIM of each pair of frames, (T,)."""
    return _over_time(ssim, truth_frames, frames)


def luma(image: Image) -> NDArray[np.int32]:
    """BT.601 luma, rounded to 0..255, (H, W)."""
    return np.asarray(Picture.fromarray(image).convert("L"), dtype=np.int32)


def _dissimilarity(x: NDArray[np.int32], y: NDArray[np.int32]) -> float:
    """Sum of 1 - SSIM over the windows, in strips that fit into a processor's cache."""
    strips = range(0, x.shape[0] - WINDOW + 1, STRIP)
    height = STRIP + WINDOW - 1
    maps = (_ssim_map(x[r : r + height], y[r : r + height]) for r in strips)
    return math.fsum(float((1.0 - m).sum()) for m in maps)


def _ssim_map(x: NDArray[np.int32], y: NDArray[np.int32]) -> NDArray[np.float64]:
    """SSIM of every window, (H - 6, W - 6), from exact integer sums.

    Means have the denominator n, (co)variances n (n - 1): multiplied by n^2 and n (n - 1), numerator and
    denominator need no division each.
    """
    n = WINDOW * WINDOW
    sum_x, sum_y = _box_sum(x), _box_sum(y)
    product = sum_x * sum_y
    squares = sum_x * sum_x + sum_y * sum_y
    covariance = n * _box_sum(x * y) - product
    variances = n * _box_sum(x * x + y * y) - squares
    c1, c2 = _C1 * n**2, _C2 * n * (n - 1)
    result = (2 * product + c1).astype(np.float64, copy=False)
    result *= 2 * covariance + c2
    result /= squares + c1
    result /= variances + c2
    return result


def _box_sum(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """Sums over all 7 x 7 windows; with 8-bit products they stay below 2^31 even times 49."""
    return _sum_of_seven(_sum_of_seven(values).T).T


def _sum_of_seven(values: NDArray[np.int32]) -> NDArray[np.int32]:
    two = values[:-1] + values[1:]
    four = two[:-2] + two[2:]
    seven: NDArray[np.int32] = four[:-3] + two[4:-1] + values[6:]
    return seven


def _difference_box(x: NDArray[np.int32], y: NDArray[np.int32]) -> tuple[slice, slice] | None:
    """The part of the frame that holds every window with a difference; None if there is none."""
    different = x != y
    rows, columns = np.flatnonzero(different.any(axis=1)), np.flatnonzero(different.any(axis=0))
    if not rows.size:
        return None
    return _widened(rows, x.shape[0]), _widened(columns, x.shape[1])


def _widened(indices: NDArray[np.intp], size: int) -> slice:
    return slice(max(0, int(indices[0]) - WINDOW + 1), min(size, int(indices[-1]) + WINDOW))


def _over_time(
    metric: Callable[[Image, Image], float], truth_frames: Frames, frames: Frames
) -> NDArray[np.float64]:
    if len(truth_frames) != len(frames):
        raise ValueError(f"{len(frames)} frames cannot be compared with {len(truth_frames)}")
    return np.array([metric(a, b) for a, b in zip(truth_frames, frames, strict=True)], dtype=np.float64)


def _check(a: Image, b: Image) -> None:
    if a.dtype != np.uint8 or b.dtype != np.uint8 or a.shape != b.shape or a.ndim != 3 or a.shape[2] != 3:
        raise ValueError(
            f"frames must be uint8 (H, W, 3) of one shape: {a.dtype} {a.shape}, {b.dtype} {b.shape}"
        )
