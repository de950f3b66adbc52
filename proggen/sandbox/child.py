"""One job's process, from the fork to its end: confine, read the request, do the job, answer, exit."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from . import jobs, wire
from .api import Limits
from .wire import Message

JOB_FD = 3
EXIT_OK = 0
EXIT_MEMORY = 71
EXIT_BROKEN = 72
MAX_IO = 2**24


def main(data_fd: int, limits: Limits, confine: Callable[[], None]) -> NoReturn:
    """Runs the one job that arrives on `data_fd`; never returns."""
    code = EXIT_BROKEN
    try:
        _isolate(data_fd)
        request = _receive()
        confine()
        _send(jobs.run(request, limits.output_bytes))
        code = EXIT_OK
    except MemoryError:
        code = EXIT_MEMORY
    finally:
        os._exit(code)


class _Nowhere:
    """Standard output of a program: thrown away at once."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False


def _isolate(data_fd: int) -> None:
    """A session of its own, no descriptor but the job's socket, no output, signals as at a start."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    os.dup2(data_fd, JOB_FD, inheritable=False)
    os.closerange(JOB_FD + 1, os.sysconf("SC_OPEN_MAX"))
    nowhere: Any = _Nowhere()
    sys.stdout = sys.stderr = nowhere
    random.seed(0)
    np.random.seed(0)


def _receive() -> Message:
    header_size, payload_size = wire.decode_prefix(
        bytes(_read(wire.PREFIX.size)), wire.MAX_REQUEST_HEADER, 2**62
    )
    header = bytes(_read(header_size))
    return wire.decode(header, np.frombuffer(_read(payload_size), dtype=np.uint8))


def _read(size: int) -> memoryview:
    buffer = np.empty(size, dtype=np.uint8).data
    done = 0
    while done < size:
        n = os.readv(JOB_FD, [buffer[done : done + MAX_IO]])
        if n == 0:
            raise EOFError("the parent went away")
        done += n
    return buffer


def _send(reply: Message) -> None:
    for part in wire.encode(reply):
        while part:
            part = part[os.write(JOB_FD, part[:MAX_IO]) :]  # noqa: PLW2901
