"""The rest of the training clip that begins most alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...clips import Frames
from ...states import Trajectory
from ..scoring import Forecast
from .base import Context, Material, continuation, held


class NearestClip:
    """What followed in the training clip whose first frames differ least: its frames and perceived states."""

    notes: Sequence[str] = ()

    def __init__(self, material: Material) -> None:
        self._clips = material.clips
        self._heads = [c.clip.frames[: material.info.context].astype(np.float32) for c in material.clips]

    def forecast(self, context: Context) -> Forecast:
        near = self._clips[nearest(context.head.frames, self._heads)]
        start, horizon = len(context.head), context.horizon
        frames = continuation(near.clip.frames, start, horizon)
        if context.perceived is None:
            return Forecast(None, frames)
        later = Trajectory(near.whole.names, continuation(held(near.whole.values), start, horizon))
        return Forecast(context.perceived.then(later), frames)


def nearest(given: Frames, heads: Sequence[Frames] | Sequence[NDArray[np.float32]]) -> int:
    """Index of the training clip whose first frames differ least, in the mean square, from the given ones."""
    if not heads:
        raise ValueError("there is no training clip to choose from")
    wanted = given.astype(np.float32)
    return int(np.argmin([np.mean((head - wanted) ** 2) for head in heads]))
