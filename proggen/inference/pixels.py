"""Analysis by synthesis: the context's states from the pixels, by the program's own dynamics and rendering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..clips import Clip, Frames
from ..sandbox import Sandbox
from ..states import Trajectory
from ..world import WorldProgram
from . import calls
from .fit import PerceivedClip, spread
from .problems import PixelProblem, Rollout

SHIFT = 0.4  # pixels that a drawn variable's step moves the picture: enough for 8 bits, less than an edge
_UNDRAWN = 3.0  # of perception's noise: the step of a variable that no picture shows
_CLIPS = 3  # that the steps are measured on
_ROUNDS = 6
Values = NDArray[np.float64]


def fit_pixels(sandbox: Sandbox, world: WorldProgram, head: Clip, perceived: Trajectory) -> Trajectory:
    """The rollout over the context, (T, N), whose drawn frames are nearest to those of `head`."""
    dynamics = world.sources["dynamics"]
    problem = PixelProblem(
        state=perceived.state(0),
        params=world.parameters,
        dt=head.dt,
        frames=head.frames,
        steps=world.estimation.steps,
        drawn=world.estimation.drawn,
        actions=head.actions,
    )
    [first] = calls.refine_pixels(sandbox, dynamics, world.sources["rendering"], [problem])
    rest = Rollout(first, world.parameters, head.dt, len(head) - 1, head.actions)
    [rolled] = calls.rollout(sandbox, dynamics, [rest])
    return Trajectory.from_states([first], perceived.names).then(rolled)


def derivative_steps(
    sandbox: Sandbox, rendering: str, clips: Sequence[PerceivedClip], scales: Mapping[str, float]
) -> tuple[dict[str, float], list[str]]:
    """For every variable the change by which pixels are derived, in its unit, and which variables are drawn.

    A drawn variable's step moves the picture of `rendering` by about `SHIFT` pixels (median over a few
    training clips); one that no picture shows gets a multiple of perception's noise in `scales`.
    """
    steps, drawn = {}, []
    for name in clips[0].context.names:
        found = [_step(sandbox, rendering, c, name, spread(clips, name)) for c in clips[:_CLIPS]]
        shown = [s for s in found if s is not None]
        if shown:
            drawn.append(name)
        steps[name] = float(np.median(shown)) if shown else _UNDRAWN * scales.get(name, 0.0)
    return {n: s for n, s in steps.items() if s > 0}, drawn


def shifted(sandbox: Sandbox, rendering: str, c: PerceivedClip, name: str, step: float) -> float:
    """How far, in pixels, a change of a variable by `step` moves the picture of the context's last frame."""
    row = c.context.values[-1]
    shift = np.where(np.array(c.context.names) == name, step, 0.0)
    states = Trajectory(c.context.names, np.stack([row + shift, row - shift]))
    more, less = calls.render(sandbox, rendering, states, c.clip.height, c.clip.width)
    return displacement(more, less) / 2


def _step(sandbox: Sandbox, rendering: str, c: PerceivedClip, name: str, size: float) -> float | None:
    """The change of a variable that moves the picture by `SHIFT` pixels; None if it changes nothing."""
    step, moved = 1e-2 * max(size, 1e-3), 0.0
    for _ in range(_ROUNDS):
        moved = shifted(sandbox, rendering, c, name, step)
        if 0.8 * SHIFT < moved < 1.25 * SHIFT:
            break
        step *= float(np.clip(SHIFT / moved, 0.05, 20.0)) if moved else 20.0
    return step if moved else None


def displacement(one: Frames, other: Frames) -> float:
    """How far apart two pictures, uint8 (H, W, 3), of the same things are, in pixels; 0 if they are equal.

    The absolute difference over the slopes around it: what an edge of height c that moves by d leaves is
    c d, however soft it is, and the slopes over it add up to c.
    """
    a, b = one.astype(np.float64).sum(axis=-1), other.astype(np.float64).sum(axis=-1)
    changed = a != b
    if not changed.any():
        return 0.0
    near = changed.copy()
    for axis in (0, 1):
        for shift in (-1, 1):
            near |= np.roll(changed, shift, axis)
    slopes = np.hypot(*np.gradient((a + b) / 2))
    return float(np.abs(a - b)[changed].sum() / max(slopes[near].sum(), 1e-9))
