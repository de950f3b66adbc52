"""Predictions without our dynamics: what someone would use instead of a program. None of them sees truth.

A baseline is made once per benchmark, from its training clips, and asked for every episode. It answers with
states, with frames or with both; what is missing is drawn by our rendering program or read by our perception
program, so that every method has the same metrics.
"""

from __future__ import annotations

from .base import Baseline, Context, Material, TrainingClip
from .panel import Panel, make_panel
from .registry import BASELINES, QUICK, checked, chosen
from .rival import choose_rival

__all__ = [
    "BASELINES",
    "QUICK",
    "Baseline",
    "Context",
    "Material",
    "Panel",
    "TrainingClip",
    "checked",
    "choose_rival",
    "chosen",
    "make_panel",
]
