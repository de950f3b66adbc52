"""Where an error comes from: our error split by what it would be with links of the method known from truth.

For an error e of our method (a velocity or state metric):

- perception = e - e(true start): what the estimate of the initial state costs;
- parameters = e(true start) - e(true start and parameters): what fitting to perceived states costs;
- structure = e(true start and parameters): what the dynamics program gets wrong whatever its numbers.

They add up to e by construction. A negative part says that two errors cancel; as effects meet, another order
of replacing would shift some of one part to its neighbour. Two checks stand beside: `physics`, the error of the
benchmark's own physics from our estimate (perception alone, with nothing else wrong), and `parser`, the error
that PhyWorld's way of measuring has on the true video. For pictures (PSNR, SSIM): `limit`, the value of our
rendering of the true motion (constants such as a radius as estimated), and `lost` = limit - ours, what drawing
things in another place costs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..archive.records import FEWEST, Budgets, EpisodeRecord, MetricValue
from .methods import (
    HIGHER_IS_BETTER,
    OURS,
    PARSER_FLOOR,
    TRUE_PARAMETERS,
    TRUE_PHYSICS,
    TRUE_START,
    TRUE_STATES,
)
from .statistics import bootstrap_means

TOTAL, PHYSICS, PARSER, LIMIT, LOST = "total", "physics", "parser", "limit", "lost"
PARTS = ("perception", "parameters", "structure")
ORDER = (TOTAL, *PARTS, PHYSICS, PARSER, LIMIT, LOST)
CANCELLED = 0.2  # of the error; a part more negative than this cancels another
_CHECKS = {PHYSICS: TRUE_PHYSICS, PARSER: PARSER_FLOOR}


def budget(metric: str, methods: Mapping[str, float | None]) -> dict[str, float]:
    """Part -> value, from the values of one metric in one episode (or their means over the same episodes).

    Empty where an error or an ablation that a part needs is missing or not finite.
    """
    known = {m: v for m, v in methods.items() if v is not None and math.isfinite(v)}
    ours = known.get(OURS)
    if ours is None:
        return {}
    if metric in HIGHER_IS_BETTER:
        limit = known.get(TRUE_STATES)
        return {} if limit is None else {TOTAL: ours, LIMIT: limit, LOST: limit - ours}
    if TRUE_START not in known or TRUE_PARAMETERS not in known:
        return {}
    start, fitted = known[TRUE_START], known[TRUE_PARAMETERS]
    parts = {TOTAL: ours, "perception": ours - start, "parameters": start - fitted, "structure": fitted}
    return parts | {name: known[method] for name, method in _CHECKS.items() if method in known}


def budgets(groups: Mapping[str, Sequence[EpisodeRecord]], seed: int) -> Budgets:
    """Group of episodes -> metric -> part -> mean, interval and number of episodes that have the parts."""
    found = {name: _pooled(members, seed) for name, members in groups.items()}
    return {name: metrics for name, metrics in found.items() if metrics}


def _pooled(episodes: Sequence[EpisodeRecord], seed: int) -> dict[str, dict[str, MetricValue]]:
    columns: dict[tuple[str, str], list[float]] = {}
    for metric in dict.fromkeys(m for e in episodes for m in e.metrics):
        rows = [budget(metric, e.metrics.get(metric, {})) for e in episodes]
        for part in (p for p in ORDER if any(p in row for row in rows)):
            columns[metric, part] = [row.get(part, math.nan) for row in rows]
    if not columns:
        return {}
    found: dict[str, dict[str, MetricValue]] = {}
    means = bootstrap_means(np.array(list(columns.values())).T, seed=seed)
    for (metric, part), mean in zip(columns, means, strict=True):
        if mean is not None:
            found.setdefault(metric, {})[part] = mean
    return found


@dataclass(frozen=True)
class Largest:
    """The greatest of the parts; `clear` if enough episodes put its interval above those of the others.

    Not where a part may cancel others: "most of" would mislead.
    """

    part: str
    clear: bool


def largest(parts: Mapping[str, MetricValue]) -> Largest | None:
    """Of perception, parameters and structure; None where there are none or all are zero."""
    known = {p: parts[p] for p in PARTS if p in parts}
    if not known or all(v.mean <= 0 for v in known.values()):
        return None
    top = max(known, key=lambda p: known[p].mean)
    others = [v.ci95[1] for p, v in known.items() if p != top]
    enough = known[top].n >= FEWEST
    apart = known[top].ci95[0] > max(others, default=-math.inf)
    return Largest(top, enough and apart and not _negative(parts))


def cancelling(parts: Mapping[str, MetricValue]) -> bool:
    """Whether a part is clearly so negative that what others say of the error's size would mislead."""
    return any(p.n >= FEWEST and p.ci95[1] < 0 for p in _negative(parts))


def _negative(parts: Mapping[str, MetricValue]) -> list[MetricValue]:
    known = [parts[p] for p in PARTS if p in parts]
    error = sum(p.mean for p in known)  # by construction
    return [p for p in known if p.mean < -CANCELLED * error]


def loss(low: float, high: float, smallest: float) -> Literal["lost", "gained", "equal", "unclear"]:
    """What the interval of `lost` says beside the smallest effect that matters; of one episode it is a value.

    "gained" where ours is above the limit of the drawing: the estimate makes up for a drawing that is off.
    """
    if low > smallest:
        return "lost"
    if high < -smallest:
        return "gained"
    return "equal" if -smallest <= low and high <= smallest else "unclear"
