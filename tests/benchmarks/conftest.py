"""Small real data that several tests share, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from proggen.benchmarks import DataOptions, Episode
from proggen.benchmarks.phyworld import Collision, Parabola, export


@pytest.fixture(scope="session")
def collisions() -> list[Episode]:
    """Five evaluation episodes of two groups, as they come from the codec."""
    source = Collision().evaluation(DataOptions())
    return [source.load(source.keys[i]) for i in (0, 7, 50, 120, 300)]


@pytest.fixture(scope="session")
def throws() -> list[Episode]:
    source = Parabola().evaluation(DataOptions())
    return [source.load(source.keys[i]) for i in range(3)]


@pytest.fixture
def collision_file(tmp_path: Path, collisions: list[Episode]) -> Path:
    path = tmp_path / "collisions.hdf5"
    export(path, collisions)
    return path
