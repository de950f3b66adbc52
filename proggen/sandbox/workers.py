"""Work side by side: one sandbox, several threads that keep it busy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

from ..progress import Task
from . import Sandbox
from .system import keep_freed_memory

A = TypeVar("A")
B = TypeVar("B")


class Workers:
    """A sandbox and `jobs` threads. Results come in the order of the items, whatever finishes first."""

    def __init__(self, sandbox: Sandbox, jobs: int) -> None:
        keep_freed_memory()
        self.sandbox = sandbox
        self.jobs = jobs
        self._pool = ThreadPoolExecutor(jobs, thread_name_prefix="proggen")

    def map(self, work: Callable[[A], B], items: Iterable[A], task: Task | None = None) -> list[B]:
        """`work` on every item; the first error, in the order of the items, is raised when all is done."""

        def one(item: A) -> B:
            result = work(item)
            if task is not None:
                task.advance()
            return result

        futures = [self._pool.submit(one, item) for item in items]
        try:
            return [f.result() for f in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            raise

    def call(self, work: Callable[[], B]) -> B:
        """One long piece of work in its turn, so that no more than `jobs` run at once."""
        return self._pool.submit(work).result()

    def stop(self) -> None:
        """End all jobs now: on Ctrl-C no thread must wait for a program's time limit."""
        self.sandbox.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.stop()
        self._pool.shutdown(cancel_futures=True)
        self.sandbox.close()
