"""A clip: what the programs and the language model may see of a video. No truth in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class Camera:
    """Calibration of a fixed orthographic camera.

    A pixel's centre is at whole (column, row); rows grow downwards, world y grows upwards:
    x = (column - origin_column) * units_per_pixel, y = (origin_row - row) * units_per_pixel.
    """

    units_per_pixel: float
    unit: str
    origin_column: float
    origin_row: float


@dataclass(frozen=True)
class Clip:
    """Frames uint8 (T, H, W, 3) at `fps`; `actions[k]`, float64 (T - 1,), acts between frames k and k + 1."""

    name: str
    frames: Frames
    fps: float
    camera: Camera
    actions: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if self.frames.ndim != 4 or self.frames.shape[3] != 3 or self.frames.dtype != np.uint8:
            raise ValueError(
                f"frames must be uint8 (T, H, W, 3), not {self.frames.dtype} {self.frames.shape}"
            )
        if self.actions is not None and self.actions.shape != (len(self.frames) - 1,):
            raise ValueError(f"{len(self.frames)} frames need {len(self.frames) - 1} actions")

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def height(self) -> int:
        return int(self.frames.shape[1])

    @property
    def width(self) -> int:
        return int(self.frames.shape[2])

    @property
    def dt(self) -> float:
        """Seconds between two frames."""
        return 1.0 / self.fps

    def head(self, n: int) -> Clip:
        """The first `n` frames, with the actions between them: what a prediction is given."""
        actions = None if self.actions is None else self.actions[: n - 1]
        return Clip(self.name, self.frames[:n], self.fps, self.camera, actions)
