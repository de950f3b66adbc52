"""Pictures of an episode: exact frame sheets for the site's scrubber, GIFs to watch, download and share.

Metrics come from the frames themselves, never from an encoded picture.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from ..clips import Frames

SHEET_COLUMNS = 8  # keeps 72 frames of 600 x 400 within WebP's 16383 pixels, near enough to a square
THUMBNAIL = 120  # height of a thumbnail's panels, pixels

_PANEL = 300  # widest panel of a side-by-side picture, pixels
_COLOURS = 256


def sheet(frames: Frames) -> bytes:
    """All frames, uint8 (T, H, W, 3), in one lossless WebP: rows of `SHEET_COLUMNS`, the rest black.

    An animation would merge equal frames, so that its index is no frame number; a sheet keeps it. Method 1 at
    quality 0 is the fastest lossless setting that is still smaller than PNG (27 ms and 134 kB for a lossy
    PhyWorld clip, against 55 ms for 1 % less).
    """
    count, height, width, _ = frames.shape
    columns = min(count, SHEET_COLUMNS)
    rows = -(-count // columns)
    tiles = np.zeros((rows * columns, height, width, 3), dtype=np.uint8)
    tiles[:count] = frames
    grid = tiles.reshape(rows, columns, height, width, 3).swapaxes(1, 2)
    data = io.BytesIO()
    picture = Image.fromarray(grid.reshape(rows * height, columns * width, 3))
    picture.save(data, "webp", lossless=True, quality=0, method=1)
    return data.getvalue()


def same_picture(a: bytes, b: bytes, tolerance: int = 1) -> bool:
    """Whether two lossless pictures are equal, up to a rounding of the colours (0..255) by another machine."""
    if a == b:
        return True
    try:
        x, y = (np.asarray(Image.open(io.BytesIO(p)).convert("RGB"), dtype=np.int16) for p in (a, b))
    except (OSError, ValueError):
        return False
    return x.shape == y.shape and bool((np.abs(x - y) <= tolerance).all())


def thumbnail(*panels: Frames) -> bytes:
    """One frame, the middle one, of panels beside each other as a small WebP."""
    middle = [p[len(p) // 2 : len(p) // 2 + 1] for p in panels]
    [beside] = side_by_side(*middle)
    image = Image.fromarray(beside)
    if image.height > THUMBNAIL:
        image = image.resize((round(image.width * THUMBNAIL / image.height), THUMBNAIL), Image.Resampling.BOX)
    return lossy(np.asarray(image))


def lossy(picture: Frames) -> bytes:
    """A small WebP of one picture, uint8 (H, W, 3), to look at and not to measure."""
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "webp", quality=70, method=2)
    return data.getvalue()


def gif(frames: Frames, fps: float) -> bytes:
    """An endless GIF of uint8 (T, H, W, 3), with one palette of 256 colours for all frames."""
    some = np.concatenate([frames[i] for i in (0, len(frames) // 2, -1)])
    palette = Image.fromarray(some).quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    images = [Image.fromarray(f).quantize(palette=palette, dither=Image.Dither.NONE) for f in frames]
    data = io.BytesIO()
    # A GIF counts time in hundredths of a second; browsers slow anything below two of them. Optimising the
    # palette of every frame would take 60 % of the time and save nothing, since they share one.
    images[0].save(
        data, "gif", save_all=True, append_images=images[1:], duration=max(round(100 / fps), 2) * 10, loop=0,
        optimize=False,
    )  # fmt: skip
    return data.getvalue()


def side_by_side(*panels: Frames) -> Frames:
    """Panels of equal size in a row with a gap, scaled down together if they are wide."""
    small = [_scaled(p) for p in panels]
    gap = np.full((len(small[0]), small[0].shape[1], 4, 3), 128, dtype=np.uint8)
    parts = [part for panel in small for part in (panel, gap)]
    return np.concatenate(parts[:-1], axis=2)


def _scaled(frames: Frames) -> Frames:
    factor = -(-frames.shape[2] // _PANEL)
    if factor == 1:
        return frames
    return np.stack([np.asarray(Image.fromarray(f).reduce(factor)) for f in frames])


def difference(a: Frames, b: Frames) -> Frames:
    """Absolute difference, black where equal."""
    return np.asarray(np.maximum(a, b) - np.minimum(a, b), dtype=np.uint8)
