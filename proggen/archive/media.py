"""GIFs of an episode: for people to watch, download and share. Metrics never come from them."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from ..clips import Frames

_PANEL = 300  # widest panel of a side-by-side picture, pixels
_COLOURS = 256


def gif(frames: Frames, fps: float) -> bytes:
    """An endless GIF of uint8 (T, H, W, 3), exact up to 256 colours a frame."""
    images = [_palette(Image.fromarray(f)) for f in frames]
    data = io.BytesIO()
    # A GIF counts time in hundredths of a second; browsers slow anything below two of them.
    duration = max(round(100 / fps), 2) * 10
    images[0].save(data, "gif", save_all=True, append_images=images[1:], duration=duration, loop=0)
    return data.getvalue()


def _palette(image: Image.Image) -> Image.Image:
    colours = image.getcolors(_COLOURS)
    if colours is None:
        return image.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    table = np.array([c for _, c in colours], dtype=np.uint8)
    flat = np.asarray(image).astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    keys = table.astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    order = keys.argsort()
    exact = Image.fromarray(order[np.searchsorted(keys[order], flat)].astype(np.uint8), "P")
    exact.putpalette(table.tobytes())
    return exact


def side_by_side(*panels: Frames) -> Frames:
    """Panels of equal size in a row with a gap, scaled down together if they are wide."""
    scale = min(1.0, _PANEL / panels[0].shape[2])
    small = [_scaled(p, scale) for p in panels]
    gap = np.full((len(small[0]), small[0].shape[1], 4, 3), 128, dtype=np.uint8)
    parts = [part for panel in small for part in (panel, gap)]
    return np.concatenate(parts[:-1], axis=2)


def _scaled(frames: Frames, scale: float) -> Frames:
    if scale == 1.0:
        return frames
    size = (round(frames.shape[2] * scale), round(frames.shape[1] * scale))
    return np.stack([np.asarray(Image.fromarray(f).resize(size, Image.Resampling.BOX)) for f in frames])


def difference(a: Frames, b: Frames) -> Frames:
    """Absolute difference, black where equal."""
    return np.asarray(np.abs(a.astype(np.int16) - b), dtype=np.uint8)
