"""The warm server: a process with every library loaded that forks one child a job, always one ahead.

It speaks with the parent over a control socket. Each job arrives as one fixed-size message with two
descriptors: the job's data socket, which only the child keeps, and a status socket, on which the server
sends how the job ended. The parent ends a job by shutting its side of the status socket down; when the
control socket closes, the server ends with everything it started.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
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

from . import probes, system
from .confine import Confinement
from .limits import Limits

STATUS = struct.Struct("<id")  # wait status (or FORK_FAILED), CPU seconds
FORK_FAILED = -1

PRELOADED = (
    "numpy", "numpy.fft", "numpy.linalg", "numpy.ma", "numpy.polynomial", "numpy.random",
    "numpy.lib.stride_tricks",
    "scipy.cluster.hierarchy", "scipy.cluster.vq", "scipy.constants", "scipy.fft", "scipy.integrate",
    "scipy.interpolate", "scipy.linalg", "scipy.ndimage", "scipy.optimize", "scipy.signal", "scipy.sparse",
    "scipy.sparse.csgraph", "scipy.sparse.linalg", "scipy.spatial", "scipy.spatial.distance",
    "scipy.spatial.transform", "scipy.special", "scipy.stats", "scipy.stats.qmc",
    "Box2D", "Box2D.b2",
    "PIL.Image", "PIL.ImageChops", "PIL.ImageColor", "PIL.ImageDraw", "PIL.ImageEnhance", "PIL.ImageFilter",
    "PIL.ImageFont", "PIL.ImageMath", "PIL.ImageMorph", "PIL.ImageOps", "PIL.ImagePath", "PIL.ImageStat",
    "PIL.ImageTransform",
    "__future__", "collections.abc", "copy", "dataclasses", "enum", "functools", "heapq", "itertools", "math",
    "operator", "random", "re", "statistics", "typing", "warnings",
    "encodings.ascii", "encodings.idna", "encodings.latin_1", "encodings.utf_8", "mmap", "threading",
    "proggen.sandbox.child",
)  # fmt: skip


def main(control_fd: int, options: str) -> NoReturn:
    """Entry point of the server process: its end of the control socket, and options as JSON."""
    control = socket.socket(fileno=control_fd)
    given = json.loads(options)
    confinement = Confinement(without=given["without"])
    system.keep_freed_memory()
    with contextlib.suppress(OSError, KeyboardInterrupt):
        confinement.enter_namespaces(lambda pid: send_framed(control, {"pid": pid}))
        jobs = preload(given["jobs"])
        confinement.prepare()
        Server(control, confinement, jobs).serve()
    os._exit(0)


def preload(jobs: str | None) -> dict[str, Any]:
    """Imports what programs may use and the module `jobs`, then forgets the environment that set the thread
    count. Returns that module's `JOBS`, by name."""
    for name in PRELOADED:
        with contextlib.suppress(ModuleNotFoundError):  # some versions of the libraries lack a part
            importlib.import_module(name)
    _fix_entropy()
    os.environ.clear()
    found: dict[str, Any] = importlib.import_module(jobs).JOBS if jobs else {}
    gc.collect()
    gc.freeze()
    return found


def _fix_entropy() -> None:
    """Unseeded generators give the same numbers in every job: same seed, same run."""
    from numpy.random import bit_generator

    if hasattr(bit_generator, "randbits"):
        bit_generator.randbits = lambda bits: 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << bits)


@dataclass
class _Spare:
    """A child that was forked ahead of its job, so that no job waits for a fork."""

    pid: int
    channel: socket.socket


class Server:
    """Forks, watches and reaps jobs until the parent closes the control socket."""

    def __init__(self, control: socket.socket, confinement: Confinement, known: dict[str, Any]) -> None:
        self._control = control
        self._known = known
        self._confinement = confinement
        self._started = 0
        self._jobs: dict[int, socket.socket] = {}  # process id -> status socket
        self._spare: _Spare | None = None
        self._selector = selectors.DefaultSelector()
        self._wake, self._wake_write = socket.socketpair()
        self._wake.setblocking(False)
        self._wake_write.setblocking(False)
        if sys.platform == "linux":
            system.prctl(system.PR_SET_CHILD_SUBREAPER, 1)

    def serve(self) -> None:
        """Works until the parent goes away; then every job is ended."""
        passed = self._self_test()
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write.fileno())
        self._selector.register(self._control, selectors.EVENT_READ, self._accept)
        self._selector.register(self._wake, selectors.EVENT_READ, self._reap)
        send_framed(self._control, {"layers": self._confinement.layers, "passed": passed})
        try:
            self._spare = self._fork()
            while True:
                for key, _ in self._selector.select():
                    key.data()
        finally:
            for pid in self._own():
                _kill_group(pid)

    def _own(self) -> set[int]:
        return {*self._jobs, *([self._spare.pid] if self._spare else [])}

    def _self_test(self) -> list[str] | None:
        """Names of the forbidden things that worked in a confined process; None if it could not be made."""
        from . import child

        read_end, write_end = os.pipe()

        def work() -> None:
            self._confinement.apply(Limits(), 0, _following(self._confinement.descriptors))
            os.write(child.JOB_FD, json.dumps(probes.succeeded()).encode())

        pid = os.fork()
        if pid == 0:
            child.run([write_end, *self._confinement.descriptors], work)
        os.close(write_end)
        with open(read_end, "rb") as pipe:
            report = pipe.read()
        os.waitpid(pid, 0)
        passed: list[str] | None = json.loads(report) if report else None
        return passed

    def _accept(self) -> None:
        from .child import JOB

        message, descriptors, _, _ = socket.recv_fds(self._control, JOB.size, 2)
        if len(message) != JOB.size or len(descriptors) != 2:
            raise ConnectionAbortedError("the parent closed the control socket")
        self._start(message, descriptors[0], socket.socket(fileno=descriptors[1]))

    def _start(self, job: bytes, data_fd: int, status: socket.socket) -> None:
        """Gives a job to the spare child, or to a new one if that has died, and forks the next spare."""
        taken = self._give(job, data_fd) or self._give(job, data_fd)
        os.close(data_fd)
        if taken is None:
            self._report(status, FORK_FAILED, 0.0)
            return
        pid = taken.pid
        self._jobs[pid] = status
        self._selector.register(status, selectors.EVENT_READ, lambda: self._end(pid))
        self._spare = self._fork()

    def _give(self, job: bytes, data_fd: int) -> _Spare | None:
        """The child that took the job, if one did."""
        spare, self._spare = self._spare or self._fork(), None
        if spare is None:
            return None
        with spare.channel, contextlib.suppress(OSError):
            socket.send_fds(spare.channel, [job], [data_fd])
            return spare
        return None

    def _fork(self) -> _Spare | None:
        """A child that waits for its job; None if the system has no process to give."""
        from . import child

        self._started += 1
        number, confinement = self._started, self._confinement
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            return None
        if pid == 0:
            others = confinement.descriptors
            child.main(
                theirs.fileno(),
                others,
                lambda limits, given: confinement.apply(limits, number, given),
                self._known,
            )
        theirs.close()
        return _Spare(pid, ours)

    def _end(self, pid: int) -> None:
        """The parent shut the status socket down: the job is no longer wanted."""
        if pid in self._jobs:  # it may have been reaped in the same round of events
            self._selector.unregister(self._jobs[pid])
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
            if os.WIFSTOPPED(status):  # a job that asked to be traced stops instead of ending
                _kill_group(pid)
            else:
                self._finish(pid, status, usage)

    def _finish(self, pid: int, status: int, usage: resource.struct_rusage) -> None:
        job_status = self._jobs.pop(pid, None)
        if job_status is not None:
            _kill_group(pid)
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(job_status)
            self._report(job_status, status, usage.ru_utime + usage.ru_stime)
        elif self._spare is not None and self._spare.pid == pid:
            self._spare.channel.close()
            self._spare = None
        self._kill_strays()

    def _report(self, status: socket.socket, code: int, cpu: float) -> None:
        with contextlib.suppress(OSError):
            status.sendall(STATUS.pack(code, cpu))
        status.close()

    def _kill_strays(self) -> None:
        """Ends processes that a job left behind; as subreaper, the server became their parent."""
        for pid in _children() - self._own():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def send_framed(control: socket.socket, message: dict[str, Any]) -> None:
    """A JSON object with its length before it."""
    text = json.dumps(message).encode()
    control.sendall(struct.pack("<I", len(text)) + text)


def _following(descriptors: list[int]) -> list[int]:
    from .child import JOB_FD

    return list(range(JOB_FD + 1, JOB_FD + 1 + len(descriptors)))


def _kill_group(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _children() -> set[int]:
    """Ids, in this process's own namespace, of its children."""
    with contextlib.suppress(OSError):
        text = Path("/proc/thread-self/children").read_text()
        return {_inner_pid(pid) for pid in text.split()}
    return set()


def _inner_pid(pid: str) -> int:
    """/proc tells ids of the namespace it was mounted in; the status file gives the innermost one last."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return int(pid)
