"""What the builder copies: GIFs and pictures as they are, and a still frame of a GIF as PNG."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from PIL import Image, UnidentifiedImageError

THUMBNAIL = 360  # pixels of width


def copy(source: Path, target: Path) -> Path:
    """A byte-equal copy with its own time, so that MkDocs notices a new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return target


def still(gif: Path, target: Path, share: float = 0.5) -> tuple[int, int] | None:
    """A frame of a GIF, `share` of the way through, as PNG of at most `THUMBNAIL` pixels width.

    Returns the GIF's own width and height, or None if it can't be read (then nothing is written).
    """
    try:
        with Image.open(gif) as image:
            size = image.size
            image.seek(round(share * (getattr(image, "n_frames", 1) - 1)))
            frame = image.convert("RGB")
    except (OSError, EOFError, UnidentifiedImageError, ValueError):
        return None
    if frame.width > THUMBNAIL:
        frame = frame.resize(
            (THUMBNAIL, round(frame.height * THUMBNAIL / frame.width)), Image.Resampling.LANCZOS
        )
    frame.quantize(64).save(target, optimize=True)
    return size


def picture(source: Path, folder: Path) -> tuple[str, tuple[int, int]] | None:
    """Copy a prompt's picture under a name made of its digest (many prompts share one): file name and size."""
    try:
        data = source.read_bytes()
        with Image.open(source) as image:
            size = image.size
    except (OSError, UnidentifiedImageError):
        return None
    name = f"{hashlib.sha256(data).hexdigest()[:16]}.png"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / name).exists():
        (folder / name).write_bytes(data)
    return name, size
