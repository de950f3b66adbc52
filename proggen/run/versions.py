"""Versions that decide numbers, for the archive and `proggen doctor`."""

from __future__ import annotations

import platform
from contextlib import suppress
from importlib import metadata

import imageio_ffmpeg

_PACKAGES = (
    "proggen", "numpy", "scipy", "Box2D", "pillow", "imageio", "imageio-ffmpeg", "gymnasium", "pygame",
    "h5py", "scikit-image", "scikit-learn", "pydantic", "openai",
)  # fmt: skip


def versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "platform": platform.platform(terse=True)}
    for package in _PACKAGES:
        found[package] = metadata.version(package)
    with suppress(metadata.PackageNotFoundError):  # an extra
        found["torch"] = metadata.version("torch")
    found["ffmpeg"] = ffmpeg_version()
    return found


def ffmpeg_version() -> str:
    """Of the ffmpeg that imageio brings; it encodes and decodes PhyWorld's videos."""
    return str(imageio_ffmpeg.get_ffmpeg_version())
