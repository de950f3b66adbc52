"""The names under which numbers stand in an archive, by what kind of method they belong to.

A baseline predicts the same episodes without our dynamics. A measurement reads the same prediction, or the
truth, in another way. An ablation is our method with one link replaced by the truth; no page compares it with
a method, because it knows the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Kind = Literal["ours", "baseline", "measurement", "ablation"]

OURS = "proggen"

PARSED = "proggen_parsed"  # our frames through PhyWorld's parser: the number to compare with published models
PARSER_FLOOR = "parser_on_truth"  # the true frames through the same parser: the error of the measurement
MEASUREMENTS = (PARSED, PARSER_FLOOR)

TRUE_START = "true_start"  # our dynamics and parameters from the true state at the end of the context
TRUE_PARAMETERS = "true_start_and_parameters"  # the same with parameters fitted to the true training states
TRUE_PHYSICS = "true_physics"  # the benchmark's own physics from the state that we estimated
TRUE_STATES = "true_states"  # our rendering of the true future motion, with constants as estimated
ABLATIONS = (TRUE_START, TRUE_PARAMETERS, TRUE_PHYSICS, TRUE_STATES)
HIGHER_IS_BETTER = frozenset({"psnr", "ssim"})  # metrics; of all others the smaller value is the better one


def kind(method: str) -> Kind:
    """Whatever is not one of ours is a baseline, so that a new one needs no entry here."""
    if method == OURS:
        return "ours"
    if method in MEASUREMENTS:
        return "measurement"
    return "ablation" if method in ABLATIONS else "baseline"


def comparable(method: str) -> bool:
    """Whether a method may win against others: it knows no truth."""
    return kind(method) in ("ours", "baseline")


def ordered(methods: Iterable[str]) -> list[str]:
    """Our method, the baselines, then other measurements; ablations are left to a table of their own."""
    found = list(dict.fromkeys(methods))
    return [m for k in ("ours", "baseline", "measurement") for m in found if kind(m) == k]


def best(metric: str, values: Mapping[str, float]) -> str | None:
    """The method with the best value of a metric; None if there is none."""
    if not values:
        return None
    sign = -1.0 if metric in HIGHER_IS_BETTER else 1.0
    return min(values, key=lambda m: sign * values[m])
