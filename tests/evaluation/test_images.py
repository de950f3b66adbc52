from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from proggen.evaluation.images import HIGHEST_PSNR, luma, psnr, psnr_over_time, ssim, ssim_over_time

Image = NDArray[np.uint8]


def noise(height: int = 40, width: int = 50, seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_psnr_of_black_against_white_is_zero() -> None:
    assert psnr(np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)) == 0.0


def test_psnr_of_a_constant_difference() -> None:
    a = np.full((8, 8, 3), 100, np.uint8)
    assert psnr(a, a + np.uint8(10)) == pytest.approx(28.1308, abs=1e-4)  # 20 log10(25.5)


def test_psnr_of_identical_frames_is_the_stated_cap() -> None:
    assert psnr(noise(), noise()) == HIGHEST_PSNR == 100.0


def test_psnr_never_exceeds_the_cap() -> None:
    a = np.zeros((400, 600, 3), np.uint8)
    b = a.copy()
    b[0, 0, 0] = 1  # 106.7 dB
    assert psnr(a, b) == HIGHEST_PSNR


def test_psnr_agrees_with_scikit_image() -> None:
    a, b = noise(seed=1), noise(seed=2)
    assert psnr(a, b) == pytest.approx(peak_signal_noise_ratio(a, b))


def test_ssim_of_identical_frames_is_one() -> None:
    assert ssim(noise(), noise()) == 1.0


@pytest.mark.parametrize("shape", [(7, 7), (40, 50), (38, 9), (100, 7)])
def test_ssim_agrees_with_scikit_image_on_luma(shape: tuple[int, int]) -> None:
    a, b = noise(*shape, seed=1), noise(*shape, seed=2) // np.uint8(2)
    expected = structural_similarity(luma(a).astype(np.uint8), luma(b).astype(np.uint8), win_size=7)
    assert ssim(a, b) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("corner", [(0, 0), (30, 40), (58, 78)])
def test_ssim_of_a_local_difference_agrees_with_scikit_image(corner: tuple[int, int]) -> None:
    a = noise(60, 80)
    b = a.copy()
    b[corner[0] : corner[0] + 2, corner[1] : corner[1] + 2] ^= 128
    expected = structural_similarity(luma(a).astype(np.uint8), luma(b).astype(np.uint8), win_size=7)
    assert ssim(a, b) == pytest.approx(expected, abs=1e-12)
    assert expected < 1.0


def test_luma_weighs_as_bt_601() -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]], np.uint8)
    assert luma(colours).tolist() == [[76, 150, 29, 255]]


def test_over_time_has_one_value_a_frame() -> None:
    frames = np.stack([noise(seed=s) for s in range(3)])
    other = frames.copy()
    other[1] = 0
    assert (psnr_over_time(frames, other) == 100.0).tolist() == [True, False, True]
    assert (ssim_over_time(frames, other) == 1.0).tolist() == [True, False, True]


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="2 frames cannot be compared with 3"):
        psnr_over_time(np.zeros((3, 8, 8, 3), np.uint8), np.zeros((2, 8, 8, 3), np.uint8))


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_frames_must_be_bytes_of_one_shape(metric: object) -> None:
    assert callable(metric)
    with pytest.raises(ValueError, match="uint8"):
        metric(np.zeros((8, 8, 3)), np.zeros((8, 8, 3)))
    with pytest.raises(ValueError, match="one shape"):
        metric(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 9, 3), np.uint8))


def test_ssim_needs_room_for_a_window() -> None:
    with pytest.raises(ValueError, match="at least 7 x 7"):
        ssim(np.zeros((6, 9, 3), np.uint8), np.zeros((6, 9, 3), np.uint8))
