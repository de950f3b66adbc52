"""One job's process, from the fork to its end: confine, read the request, do the job, answer, exit."""

from __future__ import annotations

import fcntl
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
# The first byte a job sends, before the program is loaded, so that no program can unsend it.
CONFINED = b"C"

Confine = Callable[[list[int]], None]


def main(descriptors: list[int], limits: Limits, confine: Confine) -> NoReturn:
    """Runs the one job that arrives on the first descriptor; `confine` gets the others. Never returns."""

    def work() -> None:
        request = _receive()
        confine(list(range(JOB_FD + 1, JOB_FD + len(descriptors))))
        os.write(JOB_FD, CONFINED)
        _send(jobs.run(request, limits.output_bytes))

    run(descriptors, work)


def run(descriptors: list[int], work: Callable[[], None]) -> NoReturn:
    """Does `work` with the descriptors at `JOB_FD` and following, then ends this process."""
    code = EXIT_BROKEN
    try:
        _isolate(descriptors)
        work()
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


def _isolate(descriptors: list[int]) -> None:
    """A session of its own, no descriptors but those given, no output, signals as at a start."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    last = JOB_FD + len(descriptors)
    out_of_the_way = [fcntl.fcntl(d, fcntl.F_DUPFD_CLOEXEC, last) for d in descriptors]
    for place, descriptor in enumerate(out_of_the_way, JOB_FD):
        os.dup2(descriptor, place, inheritable=False)
    os.closerange(last, os.sysconf("SC_OPEN_MAX"))
    nowhere: Any = _Nowhere()
    sys.stdout = sys.stderr = nowhere
    random.seed(0)
    np.random.seed(0)


def _receive() -> Message:
    prefix = bytes(_read(wire.PREFIX.size))
    header_size, payload_size = wire.decode_prefix(prefix, wire.MAX_REQUEST_HEADER, 2**62)
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
