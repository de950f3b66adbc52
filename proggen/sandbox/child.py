"""One job's process, from the fork to its end: wait, read the request, confine, do the job, answer, exit."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np

from ..errors import ProgramFailure
from . import system, wire
from .limits import Limits
from .wire import Message

JOB_FD = 3
EXIT_OK = 0
EXIT_MEMORY = 71
EXIT_BROKEN = 72
MAX_IO = 2**24
# The first byte a job sends, before the program is loaded, so that no program can unsend it.
CONFINED = b"C"

Confine = Callable[[Limits, list[int]], None]
Jobs = Mapping[str, Callable[[Message], Message]]
JOB = struct.Struct("<ddQQ")  # wall_seconds, cpu_seconds, memory_bytes, output_bytes


def main(channel: int, others: list[int], confine: Confine, jobs: Jobs) -> NoReturn:
    """Waits on the channel for limits and the socket of the one job of this process. Never returns.

    `jobs`: what can be asked for, by name. `confine` gets the limits and the places where the `others`,
    descriptors too, are now.
    """

    def work() -> None:
        limits = _wait_for_job()
        request = _receive()
        confine(limits, list(range(JOB_FD + 1, JOB_FD + 1 + len(others))))
        os.write(JOB_FD, CONFINED)
        _send(answer(jobs, request, limits.output_bytes))
        os.close(JOB_FD)  # the parent need not wait for the end of this process

    run([channel, *others], work)


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


def answer(jobs: Jobs, request: Message, output_bytes: int) -> Message:
    """The reply to a request: `status` is "ok", or "failure" with kind and message."""
    try:
        reply = jobs[request.body["job"]](request)
        size = sum(a.nbytes for a in reply.arrays)
        if size > output_bytes:
            raise ProgramFailure("output", f"the result has {size} bytes, at most {output_bytes} are allowed")
    except ProgramFailure as failure:
        return Message({"status": "failure", "kind": failure.kind, "message": failure.message})
    return Message({"status": "ok", **reply.body}, reply.arrays)


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
    if sys.platform == "linux":
        system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
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


def _wait_for_job() -> Limits:
    """The limits; the job's socket takes the channel's place."""
    with socket.socket(fileno=os.dup(JOB_FD)) as channel:
        message, descriptors, _, _ = socket.recv_fds(channel, JOB.size, 1)
    if len(message) != JOB.size or len(descriptors) != 1:
        raise EOFError("the server went away")
    os.dup2(descriptors[0], JOB_FD, inheritable=False)
    os.close(descriptors[0])
    wall, cpu, memory, output = JOB.unpack(message)
    return Limits(wall, cpu, memory, output)


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
