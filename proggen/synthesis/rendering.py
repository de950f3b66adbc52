"""Rendering programs: draw the perceived states of training frames, judged by the pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..archive.records import ScoreRecord
from ..clips import Frames
from ..errors import ProgramFailure
from ..inference import calls
from ..inference.fit import PerceivedClip
from ..llm import Picture
from ..sandbox.workers import Workers
from .candidates import Candidate
from .edges import Edges, fit_frames
from .pictures import comparison_sheet

_EVERY = 4  # frames of a training clip that are drawn to score a program
_WORST_CLIPS, _WORST_FRAMES = 2, 3  # shown for repair: clips, and frames of each


@dataclass(frozen=True)
class Drawings:
    """What a rendering draws: of perceived states, and of states fitted to the pixels.

    errors: perception id -> squared errors of its states' frames, a row a clip, NaN where not drawn.
    """

    errors: dict[str, np.ndarray]
    edges: Edges

    def psnr(self, perception: Candidate) -> float:
        return psnr(self.errors[perception.id])


def examine(workers: Workers, perceptions: Sequence[Candidate], c: Candidate) -> None:
    """Draw the states of every working perception; `result` is Drawings."""
    calls.describe(workers.sandbox, "rendering", c.source or "")
    errors = {p.id: pair_errors(workers, p, c) for p in perceptions}
    best = max(perceptions, key=lambda p: psnr(errors[p.id]))
    meaning = f"frames drawn from the states of {best.id} against the real ones, all training clips"
    c.scores.append(ScoreRecord(name="psnr", value=psnr(errors[best.id]), unit="dB", meaning=meaning))
    c.result = Drawings(errors, fit_frames(workers, c.source or "", best.result))
    meaning = "the same for single frames whose drawn variables were first fitted to the pixels"
    value = psnr(c.result.edges.squared_errors)
    c.scores.append(ScoreRecord(name="fitted_psnr", value=value, unit="dB", meaning=meaning))


def pair_errors(workers: Workers, perception: Candidate, c: Candidate) -> np.ndarray:
    """The squared errors of one perception's states, drawn by `c`: a row a clip, NaN where not drawn."""
    return np.stack(workers.map(lambda clip: squared_errors(workers, c, clip), perception.result))


def squared_errors(workers: Workers, c: Candidate, clip: PerceivedClip) -> np.ndarray:
    """Mean squared pixel error of every `_EVERY`-th frame, NaN where its state is not complete."""
    chosen = np.arange(0, len(clip.whole), _EVERY)
    errors = np.full(len(chosen), np.nan)
    drawn = [i for i, k in enumerate(chosen) if np.isfinite(clip.whole.values[k]).all()]
    if drawn:
        frames = draw(workers, c, clip, chosen[drawn])
        real = clip.clip.frames[chosen[drawn]].astype(np.float32)
        errors[drawn] = ((frames - real) ** 2).mean(axis=(1, 2, 3))
    return errors


def draw(workers: Workers, c: Candidate, clip: PerceivedClip, chosen: np.ndarray) -> Frames:
    states = type(clip.whole)(clip.whole.names, clip.whole.values[chosen])
    try:
        return calls.render(workers.sandbox, c.source or "", states, clip.clip.height, clip.clip.width)
    except ProgramFailure as failure:
        raise ProgramFailure(failure.kind, f"On states of clip {clip.clip.name}: {failure.message}") from None


def psnr(squared: np.ndarray) -> float:
    """Decibels from squared errors of 8-bit values; no frame at all counts as the worst, 0 dB."""
    finite = squared[np.isfinite(squared)]
    return float(10 * np.log10(255**2 / max(finite.mean(), 1e-3))) if len(finite) else 0.0


def worst_frames(workers: Workers, perception: Candidate, c: Candidate) -> tuple[str, tuple[Picture, ...]]:
    """The clips with the largest errors, drawn beside the real frames; text with their numbers."""
    errors = np.nan_to_num(c.result.errors[perception.id], nan=-1.0)
    sheets, lines = [], []
    # One sheet a clip, so that the pictures show different situations.
    for i in np.argsort(-errors.max(axis=1))[:_WORST_CLIPS]:
        clip, row = perception.result[i], errors[i]
        picks = np.sort(np.argsort(-row)[:_WORST_FRAMES])
        picks = picks[row[picks] >= 0]
        if not len(picks):
            continue
        chosen = picks * _EVERY
        rendered = np.zeros_like(clip.clip.frames)
        rendered[chosen] = draw(workers, c, clip, chosen)
        sheets.append(comparison_sheet(clip.clip, rendered, chosen.tolist(), "drawn from measured states"))
        cells = ", ".join(f"frame {k}: {row[p]:.2f}" for k, p in zip(chosen, picks, strict=True))
        lines.append(f"Clip {clip.clip.name}: mean squared pixel error {cells}.")
    return "\n".join(lines), tuple(sheets)
