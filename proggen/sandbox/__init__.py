"""The only place where a generated program runs: a separate process, confined as far as the system allows."""

from __future__ import annotations

from .api import FitProblem, FitSolution, Limits, ParameterSpec, RefineProblem, Rollout, Segment
from .client import Sandbox

__all__ = [
    "FitProblem",
    "FitSolution",
    "Limits",
    "ParameterSpec",
    "RefineProblem",
    "Rollout",
    "Sandbox",
    "Segment",
]
