"""Perception programs: run on the training clips, judged by how well their states can be drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..archive.records import SceneRecord, ScoreRecord
from ..clips import Clip
from ..errors import ProgramFailure
from ..inference import calls
from ..inference.estimate import perceive
from ..inference.fit import PerceivedClip, noise_scales, spread
from ..sandbox.workers import Workers
from . import tables
from .candidates import Candidate
from .replies import fenced
from .static_check import check


def read_program(candidate: Candidate, reply: str) -> None:
    """Take the source out of the reply and check it without running it."""
    candidate.source = fenced(reply, "python")
    candidate.findings = check(candidate.program, candidate.source)  # type: ignore[arg-type]


def examine(workers: Workers, scene: SceneRecord, context: int, clips: Sequence[Clip], c: Candidate) -> None:
    """Perceive every training clip, from its context alone and whole; `result` is list[PerceivedClip]."""
    source = c.source or ""
    calls.describe(workers.sandbox, "perception", source)

    def one(clip: Clip) -> PerceivedClip:
        try:
            head = perceive(workers.sandbox, scene, source, clip.head(context), context)
            return PerceivedClip(clip, head, perceive(workers.sandbox, scene, source, clip, context))
        except ProgramFailure as failure:
            message = f"On clip {clip.name} ({len(clip)} frames): {failure.message}"
            raise ProgramFailure(failure.kind, message) from None

    c.result = workers.map(one, clips)
    value = float(np.mean(list(consistency(c.result).values())))
    meaning = (
        "states from the context alone against the same frames seen in the whole clip, mean over variables"
    )
    c.scores.append(ScoreRecord(name="consistency", value=value, unit="standard deviations", meaning=meaning))


def consistency(clips: Sequence[PerceivedClip]) -> dict[str, float]:
    """RMS difference between the two ways to see the context, in the variable's spread over clips."""
    return {
        name: rms / max(spread(clips, name), 1e-9)
        for name, rms in context_difference(clips).items()
        if spread(clips, name) > 1e-9
    }


def context_difference(clips: Sequence[PerceivedClip]) -> dict[str, float]:
    """The same in the variable's unit."""
    found = {}
    for name in clips[0].context.names:
        pairs = [c.context[name] - c.whole[name][: len(c.context)] for c in clips]
        squares = np.concatenate(pairs) ** 2
        found[name] = float(np.sqrt(np.nanmean(squares))) if np.isfinite(squares).any() else np.nan
    return found


def diagnosis(scene: SceneRecord, clips: Sequence[PerceivedClip]) -> str:
    """What can be said about a perception program without knowing the true states, for a repair prompt."""
    names = [v.name for v in scene.variables]
    units = [v.unit for v in scene.variables]
    noise, difference = noise_scales(clips), context_difference(clips)
    missing = {n: float(np.mean([np.isnan(c.whole[n]).mean() for c in clips])) for n in names}
    rows = [
        tables.difference_table(
            "RMS difference between the states from the context alone and from the whole clip, same frames",
            units,
            names,
            np.array([difference[n] for n in names]),
        ),
        tables.difference_table(
            "Frame-to-frame noise in whole clips (from second differences over time)",
            units,
            names,
            np.array([noise[n] for n in names]),
        ),
        "Share of frames not measured: " + "; ".join(f"{n} {missing[n]:.1%}" for n in names) + ".",
    ]
    return "\n\n".join([*rows, rate_table(scene, clips)])


def rate_table(scene: SceneRecord, clips: Sequence[PerceivedClip]) -> str:
    """How far perceived rates are from the slopes of perceived positions; rates are found by their unit."""
    lines = []
    for rate in (v for v in scene.variables if v.unit.endswith("/s")):
        parent = _parent(scene, rate.name, clips)
        if parent is None:
            continue
        errors = [
            c.whole[rate.name][1:-1] - (c.whole[parent][2:] - c.whole[parent][:-2]) / (2 * c.clip.dt)
            for c in clips
        ]
        values = np.concatenate(errors)
        values = values[np.isfinite(values)]
        if len(values):
            rms, median = float(np.sqrt(np.mean(values**2))), float(np.median(values))
            lines.append(
                f"{rate.name} against the slope of {parent} over the neighbouring frames: "
                f"RMS {rms:.5f}, median {median:+.5f} {rate.unit}."
            )
    return "\n".join(lines)


def _parent(scene: SceneRecord, rate: str, clips: Sequence[PerceivedClip]) -> str | None:
    """The variable whose slope is nearest to `rate`, of the same object and fitting unit."""
    owner = rate.partition(".")[0]
    unit = next(v.unit for v in scene.variables if v.name == rate).removesuffix("/s")
    best: tuple[float, str] | None = None
    for v in scene.variables:
        if v.name.partition(".")[0] != owner or v.unit != unit or v.constant:
            continue
        slopes = [(c.whole[v.name][2:] - c.whole[v.name][:-2]) / (2 * c.clip.dt) for c in clips]
        gaps = np.concatenate([c.whole[rate][1:-1] - s for c, s in zip(clips, slopes, strict=True)])
        if np.isfinite(gaps).any():
            size = float(np.nanmedian(np.abs(gaps)))
            best = min(best or (size, v.name), (size, v.name))
    return best[1] if best else None
