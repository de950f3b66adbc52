"""The warm server: a process with every library loaded that forks one child a job.

It speaks with the parent over a control socket. Each job arrives as one fixed-size message with two
descriptors: the job's data socket, which only the child keeps, and a status socket, on which the server
sends how the job ended. The parent ends a job by shutting its side of the status socket down; when the
control socket closes, the server ends with everything it started.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import selectors
import signal
import socket
import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from . import limits as rlimits
from .api import Limits

JOB = struct.Struct("<ddQQ")  # wall_seconds, cpu_seconds, memory_bytes, output_bytes
STATUS = struct.Struct("<id")  # wait status (or FORK_FAILED), CPU seconds
FORK_FAILED = -1


def main(control_fd: int) -> NoReturn:
    """Entry point of the server process; `control_fd` is its end of the control socket."""
    preload()
    with contextlib.suppress(OSError, KeyboardInterrupt):
        Server(socket.socket(fileno=control_fd)).serve()
    os._exit(0)


def preload() -> None:
    """Imports what programs may use, then forgets the environment that set the thread count."""
    import importlib

    for name in PRELOADED:
        importlib.import_module(name)
    _fix_entropy()
    os.environ.clear()
    gc.collect()
    gc.freeze()


PRELOADED = (
    "numpy",
    "scipy.integrate",
    "scipy.interpolate",
    "scipy.linalg",
    "scipy.ndimage",
    "scipy.optimize",
    "scipy.signal",
    "scipy.spatial",
    "scipy.special",
    "scipy.stats",
    "Box2D",
    "PIL.Image",
    "PIL.ImageDraw",
    "PIL.ImageFilter",
    "dataclasses",
    "typing",
    "proggen.sandbox.child",
    "proggen.sandbox.optimise",
)


def _fix_entropy() -> None:
    """Unseeded generators give the same numbers in every job: same seed, same run."""
    from numpy.random import bit_generator

    if hasattr(bit_generator, "randbits"):
        bit_generator.randbits = lambda bits: 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << bits)


@dataclass
class _Job:
    pid: int
    status: socket.socket


class Server:
    """Forks, watches and reaps jobs until the parent closes the control socket."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._jobs: dict[int, _Job] = {}
        self._selector = selectors.DefaultSelector()
        self._baseline = rlimits.address_space()
        self._wake, wake_write = socket.socketpair()
        self._wake.setblocking(False)
        wake_write.setblocking(False)
        self._wake_write = wake_write
        _become_subreaper()

    def serve(self) -> None:
        """Works until the parent goes away; then every job is ended."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write.fileno())
        self._selector.register(self._control, selectors.EVENT_READ, self._accept)
        self._selector.register(self._wake, selectors.EVENT_READ, self._reap)
        self._control.sendall(_framed({"pid": os.getpid(), "layers": [], "open": []}))
        try:
            while True:
                for key, _ in self._selector.select():
                    key.data()
        finally:
            for pid in list(self._jobs):
                _kill_group(pid)

    def _accept(self) -> None:
        message, descriptors, _, _ = socket.recv_fds(self._control, JOB.size, 2)
        if len(message) != JOB.size or len(descriptors) != 2:
            raise ConnectionAbortedError("the parent closed the control socket")
        wall, cpu, memory, output = JOB.unpack(message)
        self._start(Limits(wall, cpu, memory, output), descriptors[0], socket.socket(fileno=descriptors[1]))

    def _start(self, limits: Limits, data_fd: int, status: socket.socket) -> None:
        try:
            pid = os.fork()
        except OSError:
            self._report(status, FORK_FAILED, 0.0)
            os.close(data_fd)
            return
        if pid == 0:
            from . import child

            child.main(data_fd, limits, lambda: self._confine(limits))
        os.close(data_fd)
        self._jobs[pid] = _Job(pid, status)
        self._selector.register(status, selectors.EVENT_READ, lambda: self._end(pid))

    def _confine(self, limits: Limits) -> None:
        rlimits.apply(limits, self._baseline)

    def _end(self, pid: int) -> None:
        """The parent shut the status socket down: the job is no longer wanted."""
        self._selector.unregister(self._jobs[pid].status)
        _kill_group(pid)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wake.recv(4096)
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._finish(pid, status, usage)

    def _finish(self, pid: int, status: int, usage: resource.struct_rusage) -> None:
        job = self._jobs.pop(pid, None)
        if job is None:
            return
        _kill_group(pid)
        self._kill_strays()
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(job.status)
        self._report(job.status, status, usage.ru_utime + usage.ru_stime)

    def _report(self, status: socket.socket, code: int, cpu: float) -> None:
        with contextlib.suppress(OSError):
            status.sendall(STATUS.pack(code, cpu))
        status.close()

    def _kill_strays(self) -> None:
        """Ends processes that a job left behind; as subreaper, the server became their parent."""
        for pid in _children() - set(self._jobs):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _framed(message: dict[str, Any]) -> bytes:
    text = json.dumps(message).encode()
    return struct.pack("<I", len(text)) + text


def _kill_group(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _children() -> set[int]:
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    with contextlib.suppress(OSError):
        return {int(pid) for pid in path.read_text().split()}
    return set()


def _become_subreaper() -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
