from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageSequence

from proggen.archive.media import difference, gif, side_by_side


def decoded(data: bytes) -> list[np.ndarray]:
    return [np.asarray(f.convert("RGB")) for f in ImageSequence.Iterator(Image.open(io.BytesIO(data)))]


def test_few_colours_are_exact() -> None:
    rng = np.random.default_rng(0)
    palette = rng.integers(0, 256, (200, 3), dtype=np.uint8)
    frames = palette[rng.integers(0, 200, (3, 20, 30))]
    found = decoded(gif(frames, 10.0))
    assert len(found) == 3
    assert all(np.array_equal(a, b) for a, b in zip(found, frames, strict=True))


def test_many_colours_come_close() -> None:
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    frames = np.zeros((2, 64, 64, 3), dtype=np.uint8)
    frames[0, ..., 0], frames[0, ..., 1] = ramp[:, None], ramp[None, :]
    found = decoded(gif(frames, 10.0))
    assert np.abs(found[0].astype(int) - frames[0]).mean() < 12


def test_panels_stand_beside_each_other_and_wide_ones_shrink() -> None:
    frames = np.zeros((2, 10, 20, 3), dtype=np.uint8)
    assert side_by_side(frames, frames, frames).shape == (2, 10, 3 * 20 + 2 * 4, 3)
    wide = np.zeros((1, 400, 600, 3), dtype=np.uint8)
    assert side_by_side(wide, wide).shape == (1, 200, 2 * 300 + 4, 3)


def test_difference_is_absolute() -> None:
    a, b = np.full((1, 2, 2, 3), 10, np.uint8), np.full((1, 2, 2, 3), 250, np.uint8)
    assert (difference(a, b) == 240).all()
    assert (difference(b, a) == 240).all()
