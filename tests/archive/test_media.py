from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageSequence

from proggen.archive.media import SHEET_COLUMNS, THUMBNAIL, difference, gif, sheet, side_by_side, thumbnail


def decoded(data: bytes) -> list[np.ndarray]:
    return [np.asarray(f.convert("RGB")) for f in ImageSequence.Iterator(Image.open(io.BytesIO(data)))]


def test_a_sheet_holds_every_frame_exactly_and_in_its_place() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (11, 20, 30, 3), dtype=np.uint8)
    frames[5] = frames[4]  # equal frames keep their places too
    picture = np.asarray(Image.open(io.BytesIO(sheet(frames))).convert("RGB"))
    assert picture.shape == (2 * 20, SHEET_COLUMNS * 30, 3)
    for i, frame in enumerate(frames):
        row, column = divmod(i, SHEET_COLUMNS)
        assert np.array_equal(picture[20 * row :, 30 * column :][:20, :30], frame)


def test_a_sheet_of_few_frames_has_no_empty_columns() -> None:
    assert Image.open(io.BytesIO(sheet(np.zeros((3, 4, 5, 3), np.uint8)))).size == (15, 4)


def test_a_thumbnail_shows_the_middle_frame_of_every_panel() -> None:
    frames = np.zeros((3, 240, 240, 3), dtype=np.uint8)
    frames[1] = 255
    picture = np.asarray(Image.open(io.BytesIO(thumbnail(frames, 255 - frames))).convert("L"))
    assert picture.shape == (THUMBNAIL, 2 * THUMBNAIL + 2)
    assert picture[:, :110].min() > 250
    assert picture[:, 130:].max() < 5


def test_a_gif_has_every_frame_and_comes_close() -> None:
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    frames = np.zeros((2, 64, 64, 3), dtype=np.uint8)
    frames[0, ..., 0], frames[0, ..., 1] = ramp[:, None], ramp[None, :]
    found = decoded(gif(frames, 10.0))
    assert len(found) == 2
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
