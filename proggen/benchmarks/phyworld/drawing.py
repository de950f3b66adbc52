"""PhyWorld's pictures: soft-edged balls on white, 256 x 256."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...clips import Camera, Frames
from .scenes import WORLD

SIZE = 256  # pixels, both sides
CAMERA = Camera(units_per_pixel=WORLD / (SIZE - 1), unit="u", origin_column=0, origin_row=SIZE - 1)
COLORS = ((255, 0, 0), (0, 0, 255))  # RGB; the second ball is painted over the first
EDGE = 0.03  # the edge fades over this part of the squared radius; half intensity lies at 0.9925 r


def draw(positions: NDArray[np.float64], radii: Sequence[float]) -> Frames:
    """Frames uint8 (T, 256, 256, 3), row 0 at the top, of positions (T, balls, 2) and radii, u.

    Balls are blended in floating point and truncated at the end, in coordinates divided by the picture's
    side, as the published videos are: the frames equal theirs before compression.
    """
    frames = np.full((len(positions), SIZE, SIZE, 3), 255.0)
    for frame, centres in zip(frames, positions, strict=True):
        for centre, radius, color in zip(centres, radii, COLORS, strict=False):
            _paint(frame, centre / WORLD, radius / WORLD, color)
    return frames.astype(np.uint8)[:, ::-1]


def _paint(
    frame: NDArray[np.float64], centre: NDArray[np.float64], radius: float, color: tuple[int, int, int]
) -> None:
    """Blend a ball into a frame (256, 256, 3) whose row 0 is at the bottom; lengths are parts of a side."""
    axis = np.linspace(0, 1, SIZE)
    dx, dy = ((axis - coordinate) ** 2 for coordinate in centre)
    columns, rows = (np.flatnonzero(d < radius**2) for d in (dx, dy))
    distance_squared = dx[columns] + dy[rows, np.newaxis]
    alpha = np.clip((radius**2 - distance_squared) / (radius**2 * EDGE), 0, 1)[..., np.newaxis]
    window = np.ix_(rows, columns)
    frame[window] = (1 - alpha) * frame[window] + alpha * np.array(color)
