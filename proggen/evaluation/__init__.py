"""Scores: pure functions over arrays. They may see truth; they run no program and no program reaches them."""

from __future__ import annotations

from .baselines import constant_velocity, continuation, is_rate, nearest_clip, repeat_last
from .images import psnr, psnr_over_time, ssim, ssim_over_time
from .matching import apply, match, state_errors, state_errors_over_time
from .published import published
from .statistics import bootstrap_mean
from .summary import summarise
from .velocity import parse_frames, velocity_metrics

__all__ = [
    "apply",
    "bootstrap_mean",
    "constant_velocity",
    "continuation",
    "is_rate",
    "match",
    "nearest_clip",
    "parse_frames",
    "psnr",
    "psnr_over_time",
    "published",
    "repeat_last",
    "ssim",
    "ssim_over_time",
    "state_errors",
    "state_errors_over_time",
    "summarise",
    "velocity_metrics",
]
