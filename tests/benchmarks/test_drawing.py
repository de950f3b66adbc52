from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from proggen.benchmarks.phyworld.drawing import CAMERA, draw


def picture(*balls: tuple[float, float, float]) -> NDArray[np.uint8]:
    """A frame of balls (x, y, r), u."""
    positions = np.array([[ball[:2] for ball in balls]])
    return draw(positions, [ball[2] for ball in balls])[0]


def world() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x and y of each pixel by the camera's calibration, (256, 256)."""
    rows, columns = np.indices((256, 256))
    x = (columns - CAMERA.origin_column) * CAMERA.units_per_pixel
    y = (CAMERA.origin_row - rows) * CAMERA.units_per_pixel
    return x, y


@pytest.mark.parametrize("radius", [0.6, 1.0, 2.0])
def test_half_intensity_lies_at_0_9925_of_the_radius(radius: float) -> None:
    x, y = world()
    distance = np.hypot(x - 4.03, y - 6.21)
    green = picture((4.03, 6.21, radius))[..., 1]
    assert (green[distance < 0.9924 * radius] < 128).all()
    assert (green[distance > 0.9926 * radius] >= 127).all()


def test_the_camera_says_where_a_ball_is() -> None:
    x, y = world()
    weight = 255.0 - picture((3.3, 7.1, 1.2))[..., 1]
    assert (x * weight).sum() / weight.sum() == pytest.approx(3.3, abs=2e-3)
    assert (y * weight).sum() / weight.sum() == pytest.approx(7.1, abs=2e-3)


def test_colours_are_red_blue_and_white() -> None:
    frame = picture((2.0, 5.0, 1.0), (8.0, 5.0, 1.0))
    assert frame[127, 51].tolist() == [255, 0, 0]
    assert frame[127, 204].tolist() == [0, 0, 255]
    assert frame[5, 5].tolist() == [255, 255, 255]


def test_the_second_ball_covers_the_first() -> None:
    assert picture((5.0, 5.0, 1.0), (5.0, 5.0, 0.5))[127, 127].tolist() == [0, 0, 255]


@pytest.mark.parametrize("place", [(10.0, 5.0), (5.0, -0.5), (30.0, 30.0)])
def test_balls_may_leave_the_picture(place: tuple[float, float]) -> None:
    x, y = world()
    distance = np.hypot(x - place[0], y - place[1])
    green = picture((*place, 1.0))[..., 1]
    assert (green[distance < 0.98] == 0).all()
    assert (green[distance > 1.0] == 255).all()
