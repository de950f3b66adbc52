"""Programs are read in several threads at once, as candidates are."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from proggen.syntax import UNREADABLE, parse

SOURCE = "\n".join(f"def f{i}(x):\n    return [x + {i}, (x, {{'a': [x, (x * 2)]}})]\n" for i in range(300))


class _Rubbish:
    """Whose end runs Python code, in which threads change places, in the middle of whatever goes on."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        sum(range(5))


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads change places as often as can be, and rubbish is looked for as often."""
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(50)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("switching")
def test_programs_are_parsed_in_several_threads() -> None:
    def one(_: int) -> int:
        for _ in range(50):
            _Rubbish()
        return len(parse(SOURCE).body)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(one, range(100))) == {300}


@pytest.mark.parametrize("source", ["def (", "\x00", "(" * 100_000])
def test_what_is_no_program_raises_what_is_named(source: str) -> None:
    with pytest.raises(UNREADABLE):
        parse(source)
