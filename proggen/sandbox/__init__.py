"""The only place where a generated program runs: a separate process, confined as far as the system allows."""

from __future__ import annotations

from .api import (
    FitMethod,
    FitProblem,
    FitSolution,
    Limits,
    ParameterSpec,
    PixelProblem,
    RefineProblem,
    Rollout,
    Segment,
)
from .client import Sandbox

__all__ = [
    "FitMethod",
    "FitProblem",
    "FitSolution",
    "Limits",
    "ParameterSpec",
    "PixelProblem",
    "RefineProblem",
    "Rollout",
    "Sandbox",
    "Segment",
]
