from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest
from numpy.typing import NDArray

from proggen.benchmarks import DataOptions
from proggen.benchmarks.phyworld import Collision
from proggen.benchmarks.video import decode, encode, probe
from proggen.errors import DataError


@pytest.fixture(scope="module")
def frames() -> NDArray[np.uint8]:
    source = Collision().evaluation(DataOptions(lossless=True))
    return source.load(source.keys[0]).clip.frames


@pytest.fixture(scope="module")
def mp4(frames: NDArray[np.uint8]) -> bytes:
    return encode(frames, 10.0)


def test_frames_come_back_lossy_but_close(frames: NDArray[np.uint8], mp4: bytes) -> None:
    decoded = decode(mp4)
    assert decoded.shape == frames.shape == (32, 256, 256, 3)
    error = np.mean((decoded.astype(float) - frames) ** 2)
    assert error > 0
    assert 10 * np.log10(255**2 / error) > 33


def test_the_same_frames_give_the_same_bytes(frames: NDArray[np.uint8], mp4: bytes) -> None:
    assert encode(frames, 10.0) == mp4


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """So many other processes that never rest."""
    loads = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for load in loads:
            load.kill()
            load.wait()


@pytest.mark.slow
def test_two_hundred_clips_are_encoded_and_decoded_the_same_however_busy_the_machine_is() -> None:
    source = Collision().evaluation(DataOptions(lossless=True))
    keys = source.keys[:200]

    def digests(i: int) -> tuple[str, str]:
        mp4 = encode(source.load(keys[i]).clip.frames, 10.0)
        return hashlib.sha256(mp4).hexdigest(), hashlib.sha256(decode(mp4)).hexdigest()

    alone = [digests(i) for i in range(len(keys))]
    with busy(4), ThreadPoolExecutor(8) as pool:
        together = list(pool.map(digests, range(len(keys))))
    assert len(set(alone)) == 200
    assert together == alone


def test_the_settings_are_those_of_the_published_files(mp4: bytes) -> None:
    """x264 writes its settings into the stream."""
    settings = mp4[mp4.index(b"x264 - core") :][:1500]
    assert b"crf=23.0" in settings
    assert b" threads=1 lookahead_threads=1 sliced_threads=0 " in settings
    assert len(mp4) < 12_000


def test_the_tables_tell_the_format(mp4: bytes) -> None:
    assert probe(mp4) == (32, 256, 256, 10.0)


def test_height_and_width_are_not_confused() -> None:
    video = encode(np.zeros((3, 64, 96, 3), np.uint8), 10.0)
    assert probe(video) == (3, 64, 96, 10.0)
    assert decode(video).shape == (3, 64, 96, 3)


@pytest.mark.parametrize("length", [0, 7, 40, 1000, -1])
def test_a_truncated_video_is_noticed(mp4: bytes, length: int) -> None:
    with pytest.raises(DataError):
        probe(mp4[:length])


def test_something_else_is_no_video() -> None:
    with pytest.raises(DataError):
        decode(b"GIF89a" + bytes(500))


def test_damaged_pictures_are_noticed(mp4: bytes) -> None:
    start = mp4.index(b"mdat") + 1500
    damaged = mp4[:start] + np.random.default_rng(0).bytes(800) + mp4[start + 800 :]
    with pytest.raises(DataError, match="ffmpeg could not work on the video: error while decoding"):
        decode(damaged)
