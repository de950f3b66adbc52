"""Progress of long work: bars with time left on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress


class Task(Protocol):
    def advance(self, n: int = 1) -> None: ...


class Progress(Protocol):
    """What long work tells its caller."""

    def say(self, line: str) -> None: ...

    def task(self, label: str, total: int) -> AbstractContextManager[Task]: ...


class Silent:
    """Says nothing."""

    def say(self, line: str) -> None:
        pass

    @contextmanager
    def task(self, label: str, total: int) -> Iterator[Task]:
        yield _NoTask()


class _NoTask:
    def advance(self, n: int = 1) -> None:
        pass


class Plain:
    """A line when something begins and a few while it goes on: for log files."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, line: str) -> None:
        self._console.print(escape(line), highlight=False, soft_wrap=True)

    @contextmanager
    def task(self, label: str, total: int) -> Iterator[Task]:
        yield _PlainTask(self, label, total)


class _PlainTask:
    def __init__(self, owner: Plain, label: str, total: int) -> None:
        self._owner, self._label, self._total = owner, label, total
        self._done, self._lock = 0, threading.Lock()

    def advance(self, n: int = 1) -> None:
        with self._lock:
            before, self._done = self._done, self._done + n
            quarter = max(self._total // 4, 1)
            if self._done // quarter > before // quarter or self._done == self._total:
                self._owner.say(f"{self._label}: {self._done}/{self._total}")


class Bars:
    """Bars with elapsed and remaining time, by rich."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self._rich = RichProgress(*columns, console=console, transient=True)
        self._open = 0
        self._lock = threading.Lock()

    def say(self, line: str) -> None:
        self._rich.console.print(escape(line), highlight=False)

    @contextmanager
    def task(self, label: str, total: int) -> Iterator[Task]:
        with self._lock:
            self._open += 1
            if self._open == 1:
                self._rich.start()
        handle = self._rich.add_task(escape(label), total=total)
        try:
            yield _BarTask(self._rich, handle)
        finally:
            self._rich.remove_task(handle)
            with self._lock:
                self._open -= 1
                if self._open == 0:
                    self._rich.stop()


class _BarTask:
    def __init__(self, rich: RichProgress, handle: object) -> None:
        self._rich, self._handle = rich, handle

    def advance(self, n: int = 1) -> None:
        self._rich.advance(self._handle, n)  # type: ignore[arg-type]


def open_progress(*, quiet: bool) -> Progress:
    """The fitting one for standard error."""
    console = Console(stderr=True)
    if quiet:
        return Silent()
    return Bars(console) if console.is_terminal else Plain(console)
