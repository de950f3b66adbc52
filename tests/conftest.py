"""Fixtures that several rooms share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from proggen.inference import JOBS
from proggen.llm import Recorder
from proggen.sandbox import Limits, Sandbox
from proggen.sandbox.workers import Workers
from proggen.synthesis import Brief, Video, Workshop, synthesize
from proggen.synthesis.journal import ArchiveJournal

from .world import Box, ScriptedModel, episode

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(JOBS) as box:
        yield box


@pytest.fixture
def workers() -> Iterator[Workers]:
    limits = Limits(wall_seconds=30, cpu_seconds=5)
    with Sandbox(JOBS, limits=limits) as box, Workers(box, 2) as found:
        yield found


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that, on the path, adds the benchmark test/box as an installed package would."""
    folder = tmp_path_factory.mktemp("plugin")
    info = folder / "box_benchmark-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: box-benchmark\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[proggen.benchmarks]\ntest/box = tests.world:Box\n")
    return folder


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory, plugin: Path) -> Path:
    """Replies for test/box, recorded by asking a scripted model."""
    folder = tmp_path_factory.mktemp("recordings")
    clips = tuple(episode(i, "train").clip for i in range(4))
    info = Box.info
    brief = Brief(Video(info.name, info.description, info.context, info.takes_actions), clips)
    model = Recorder(ScriptedModel(), folder)
    with Sandbox(JOBS) as box, Workers(box, 2) as found:
        out = ArchiveJournal(tmp_path_factory.mktemp("trace"))
        synthesize(brief, Workshop(model, out, 2, 2), found, seed=42)
    return folder


@pytest.fixture
def installed(plugin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """test/box is an installed benchmark, in this process and its children."""
    monkeypatch.syspath_prepend(str(plugin))
    monkeypatch.setenv("PYTHONPATH", f"{plugin}{os.pathsep}{ROOT}")
