"""Scores: pure functions over arrays. They may see truth; they run no program and no program reaches them.

The room `baselines` is another matter: it sees no truth, and has the sandbox run what draws and reads for it.
"""

from __future__ import annotations

from .images import psnr, psnr_over_time, ssim, ssim_over_time
from .matching import apply, match, state_errors, state_errors_over_time
from .references import references
from .statistics import bootstrap_mean
from .summary import summarise
from .velocity import parse_frames, velocity_metrics

__all__ = [
    "apply",
    "bootstrap_mean",
    "match",
    "parse_frames",
    "psnr",
    "psnr_over_time",
    "references",
    "ssim",
    "ssim_over_time",
    "state_errors",
    "state_errors_over_time",
    "summarise",
    "velocity_metrics",
]
