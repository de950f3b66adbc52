from __future__ import annotations

from collections.abc import Iterator

import pytest

from proggen.inference import JOBS
from proggen.sandbox import Limits, Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One warm sandbox for all tests that do not disturb its server."""
    with Sandbox(JOBS, limits=Limits(wall_seconds=30, cpu_seconds=20)) as shared:
        yield shared
