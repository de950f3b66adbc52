"""What a rendering program leaves unexplained once its states are as good as the pixels allow.

Perception's noise moves edges by hundredths of a pixel, which hides how well a rendering draws them. Here the
drawn variables of single frames are first fitted to the pixels by the rendering itself; the rest is its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..clips import Frames
from ..inference import calls
from ..inference.fit import PerceivedClip
from ..inference.pixels import SHIFT, derivative_steps, shifted
from ..inference.problems import PixelProblem
from ..sandbox.workers import Workers
from ..states import Trajectory
from . import tables

_FRAMES = 3  # of each clip
_SHOWN = 3  # frames whose pixels are listed for repair
_STILL = (
    "def rollout(state, params, dt, n_steps, actions):\n    return []\n"  # single frames need no dynamics
)


@dataclass(frozen=True)
class FittedFrame:
    """A frame drawn from the state that fits its pixels best."""

    clip: PerceivedClip
    frame: int
    state: Mapping[str, float]
    real: Frames
    drawn: Frames

    @property
    def squared_error(self) -> float:
        return float(((self.drawn.astype(np.float32) - self.real) ** 2).mean())


@dataclass(frozen=True)
class Edges:
    """The fitted frames of a rendering, and how its picture answers to a quarter of a step (1 is exact)."""

    frames: list[FittedFrame]
    response: dict[str, float]

    @property
    def squared_errors(self) -> np.ndarray:
        return np.array([f.squared_error for f in self.frames])


def fit_frames(workers: Workers, rendering: str, clips: Sequence[PerceivedClip]) -> Edges:
    """A few frames of every clip, each with its drawn variables fitted to its pixels."""
    steps, drawn = derivative_steps(workers.sandbox, rendering, clips, {})

    def one(c: PerceivedClip) -> list[FittedFrame]:
        seen = np.flatnonzero(np.isfinite(c.whole.values).all(axis=1))
        if not seen.size:
            return []
        chosen = seen[np.unique(np.linspace(0, len(seen) - 1, _FRAMES).round().astype(int))]
        problems = [
            PixelProblem(c.whole.state(k), {}, c.clip.dt, c.clip.frames[k : k + 1], steps, drawn)
            for k in chosen
        ]
        states = calls.refine_pixels(workers.sandbox, _STILL, rendering, problems)
        rows = Trajectory.from_states(states, c.whole.names)
        frames = calls.render(workers.sandbox, rendering, rows, c.clip.height, c.clip.width)
        return [
            FittedFrame(c, int(k), s, c.clip.frames[k], f)
            for k, s, f in zip(chosen, states, frames, strict=True)
        ]

    fitted = [f for frames in workers.map(one, clips) for f in frames]
    quarter = {n: shifted(workers.sandbox, rendering, clips[0], n, steps[n] / 4) for n in drawn}
    return Edges(fitted, {n: moved / (SHIFT / 4) for n, moved in quarter.items()})


def diagnosis(edges: Edges, psnr: float) -> str:
    """For a repair prompt: what is left of the frames, number by number."""
    # First frames carry least compression noise, and predictions start from them; three kinds of them.
    first = [f for f in edges.frames if f.frame == min(g.frame for g in edges.frames)]
    first.sort(key=lambda f: -f.squared_error)
    shown = [first[i] for i in np.unique(np.linspace(0, len(first) - 1, _SHOWN).round().astype(int))]
    lines = [
        "The same with the measured states out of the way: in single frames the drawn variables were moved so "
        f"that this program's picture fits the real one best. PSNR {psnr:.2f} dB; what is left is the "
        "rendering's own: edge profile and its dependence on size, colours, chroma, drawing order. It is "
        "this PSNR that programs are chosen by.",
        "Moved by a tenth of a pixel, the picture changes by (1 is exact, 0 is an edge that only whole pixels "
        "move): " + ", ".join(f"{n} {r:.2f}" for n, r in edges.response.items()) + ".",
    ]
    for fitted in shown:
        state = ", ".join(f"{n} = {v:.4f}" for n, v in fitted.state.items())
        lines.append(
            f"Clip {fitted.clip.clip.name}, frame {fitted.frame} (mean squared error "
            f"{fitted.squared_error:.3f}), drawn from {state}:\n"
            + tables.pixel_comparison(fitted.real, fitted.drawn)
        )
    return "\n\n".join(lines)
