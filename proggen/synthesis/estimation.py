"""Which way to estimate goes with the chosen programs: the one whose predictions are nearest to the clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..archive.records import EstimationRecord, EstimationTrial
from ..inference.fit import PerceivedClip
from ..inference.pixels import derivative_steps
from ..sandbox.workers import Workers
from ..world import WorldProgram
from .selection import prediction_psnr

_SHARES = (0.5, 0.75, 1.0)
_WORTH = 0.02  # dB that a way must gain over a cheaper one


def choose_estimation(
    workers: Workers, world: WorldProgram, clips: Sequence[PerceivedClip], scales: Mapping[str, float]
) -> EstimationRecord:
    """Try every way on all training clips, the cheapest first; `scales` as of `context_scales`."""
    base = EstimationRecord(scales=dict(scales))
    ways = [base, base.model_copy(update={"way": "dynamics"})]
    steps, drawn = derivative_steps(workers.sandbox, world.sources["rendering"], clips, scales)
    if drawn:
        pixels = base.model_copy(update={"way": "pixels", "steps": steps, "drawn": drawn})
        ways += [pixels.model_copy(update={"share": share}) for share in _SHARES]
    best, trials = base, list[EstimationTrial]()
    for way in ways:
        value = prediction_psnr(workers, replace(world, estimation=way), clips)
        if not trials or value > max(t.psnr for t in trials) + _WORTH:
            best = way
        trials.append(EstimationTrial(way=way.way, share=way.share, psnr=value))
    return best.model_copy(update={"trials": trials})
