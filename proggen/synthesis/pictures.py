"""Pictures for prompts: full-size frames, contact sheets, enlarged details, and frames beside renderings."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ..clips import Clip, Frames
from ..llm import Picture

_GAP = 6
_LABEL = 14
_SHEET_WIDTH = 1400


def _png(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "png")
    return data.getvalue()


def background(frames: Frames) -> NDArray[np.uint8]:
    """The most frequent colour, (3,)."""
    colours, counts = np.unique(frames[0].reshape(-1, 3), axis=0, return_counts=True)
    return np.asarray(colours[counts.argmax()], dtype=np.uint8)


def sheet(rows: Sequence[Sequence[tuple[str, NDArray[np.uint8]]]], scale: float = 1.0) -> bytes:
    """Rows of labelled frames as one PNG."""
    height, width = rows[0][0][1].shape[:2]
    h, w = round(height * scale), round(width * scale)
    columns = max(len(row) for row in rows)
    canvas = Image.new(
        "RGB", (columns * (w + _GAP) + _GAP, len(rows) * (h + _LABEL + _GAP) + _GAP), (90, 90, 90)
    )
    draw = ImageDraw.Draw(canvas)
    for r, row in enumerate(rows):
        for c, (label, frame) in enumerate(row):
            x, y = _GAP + c * (w + _GAP), _GAP + r * (h + _LABEL + _GAP)
            draw.text((x + 2, y), label, fill=(255, 255, 255))
            picture = Image.fromarray(frame)
            if scale != 1.0:
                picture = picture.resize((w, h), Image.Resampling.LANCZOS)
            canvas.paste(picture, (x, y + _LABEL))
    return _png(canvas)


def full_frame(clip: Clip, frame: int) -> Picture:
    """One frame as it is, pixel for pixel."""
    return Picture(_png(Image.fromarray(clip.frames[frame])), f"Clip {clip.name}, frame {frame}, full size.")


def contact_sheet(clips: Sequence[Clip], columns: int = 6) -> Picture:
    """Evenly spaced frames, one row a clip."""
    steps = np.linspace(0, min(len(c) for c in clips) - 1, columns).round().astype(int)
    scale = min(1.0, (_SHEET_WIDTH / columns - _GAP) / clips[0].width)
    rows = [[(f"{c.name}  frame {k}", c.frames[k]) for k in steps] for c in clips]
    caption = f"Contact sheet: {len(clips)} clips (rows), frames {', '.join(map(str, steps))} (columns)"
    return Picture(sheet(rows, scale), f"{caption}, scaled by {scale:.2f}.")


def detail(clip: Clip, frame: int, size: int = 48, zoom: int = 12) -> Picture:
    """An enlarged piece around the sharpest edge of what is not background, to show how edges look."""
    image = clip.frames[frame]
    y, x = edge_point(image, background(clip.frames))
    top = int(np.clip(y - size // 2, 0, max(clip.height - size, 0)))
    left = int(np.clip(x - size // 2, 0, max(clip.width - size, 0)))
    piece = Image.fromarray(image[top : top + size, left : left + size])
    big = piece.resize((piece.width * zoom, piece.height * zoom), Image.Resampling.NEAREST)
    where = f"rows {top} to {top + piece.height - 1}, columns {left} to {left + piece.width - 1}"
    return Picture(_png(big), f"Clip {clip.name}, frame {frame}: {where}, every pixel enlarged {zoom} times.")


def edge_point(image: NDArray[np.uint8], back: NDArray[np.uint8]) -> tuple[int, int]:
    """(row, column) of the leftmost pixel of the middle row of what differs clearly from the background."""
    mask = np.abs(image.astype(int) - back).max(axis=2) > 60
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return image.shape[0] // 2, image.shape[1] // 2
    # The row of median mass, and not the middle of the extent: a thin line elsewhere must not decide.
    row = int(np.searchsorted(np.cumsum(mask.sum(axis=1)), mask.sum() / 2))
    columns = np.flatnonzero(mask[row])
    return row, int(columns[0]) if len(columns) else image.shape[1] // 2


def comparison_sheet(clip: Clip, rendered: Frames, frames: Sequence[int], label: str) -> Picture:
    """For each chosen frame a row: real, rendered, absolute difference (three times as strong)."""
    scale = min(1.0, (_SHEET_WIDTH / 3 - _GAP) / clip.width)
    rows = []
    for k in frames:
        difference = np.abs(clip.frames[k].astype(int) - rendered[k]) * 3
        rows.append(
            [
                (f"{clip.name} frame {k}: real", clip.frames[k]),
                (label, rendered[k]),
                ("difference x 3", difference.clip(0, 255).astype(np.uint8)),
            ]
        )
    caption = f"Clip {clip.name}: real frame, {label}, absolute difference times 3, one row a frame"
    return Picture(sheet(rows, scale), f"{caption}, scaled by {scale:.2f}.")
