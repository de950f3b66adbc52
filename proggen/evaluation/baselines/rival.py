"""The one baseline that flags and headlines compare with, chosen without looking at an episode.

The best of several baselines on the very episode that is judged is better than any of them: luck is chosen along
with it. So the rival is chosen beforehand, on the training clips held out, which baselines learned from the other
training clips predict. Their truth is known to evaluation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ...archive.records import MatchRecord, RivalRecord
from ...benchmarks.base import BenchmarkInfo, Episode
from ...errors import ProgramFailure
from ...inference.estimate import perceive_context
from ...sandbox import Sandbox
from ...states import Trajectory
from ...world import WorldProgram
from ..rivals import order, pick
from ..scoring import score_episode
from .panel import Panel


def choose_rival(
    info: BenchmarkInfo,
    world: WorldProgram,
    aside: Sequence[Episode],
    panel: Panel,
    matches: Sequence[MatchRecord],
    smallest: Mapping[str, float],
    sandbox: Sandbox,
) -> RivalRecord | None:
    """The best of a panel that did not learn from the clips `aside`; None if none of them predicts anything."""
    found: dict[str, dict[str, list[float]]] = {}
    for episode in aside:
        forecasts = panel.forecasts(episode.clip, _perceived(sandbox, world, episode))
        for metric, methods in score_episode(info, episode, matches, forecasts).metrics.items():
            for method in forecasts:
                value = methods.get(method, math.nan)
                found.setdefault(metric, {}).setdefault(method, []).append(value)
    means = {m: _means(found[m]) for m in order(info.headline) if m in found}
    return pick({m: v for m, v in means.items() if v}, smallest, [e.clip.name for e in aside])


def _means(values: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Of the baselines that have a value in each clip where one of them has: fewer clips would be others."""
    known = {b: [v for v in row if math.isfinite(v)] for b, row in values.items()}
    most = max(map(len, known.values()), default=0)
    return {b: sum(row) / most for b, row in known.items() if most and len(row) == most}


def _perceived(sandbox: Sandbox, world: WorldProgram, episode: Episode) -> Trajectory | None:
    try:
        return perceive_context(sandbox, world, episode.clip)
    except ProgramFailure:
        return None
