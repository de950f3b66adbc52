"""The parent's connection to the server: starting it, one exchange a job, the clock, and how a job ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..archive.records import SandboxRecord
from ..errors import FAILURE_KINDS, FailureKind, ProgramFailure, SandboxError
from . import landlock, macos, system, wire
from .child import EXIT_BROKEN, EXIT_MEMORY, JOB
from .confine import LAYERS
from .levels import judge
from .limits import Limits
from .server import FORK_FAILED, STATUS
from .wire import Message, OversizeError, WireError

START_SECONDS = 120.0
KILL_SECONDS = 10.0
MAX_MESSAGE = 2000
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
# A fixed hash seed: the order of sets of text is the same in every run.
ENVIRONMENT = {"PYTHONHASHSEED": "0", **dict.fromkeys(THREADS, "1")}

# Packages without their __init__ files, so that the server loads nothing but what it needs.
BOOTSTRAP = """
import sys, types
root, control, options, bare = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]
for name in bare:
    package = types.ModuleType(name)
    package.__path__ = [root + "/" + name.replace(".", "/")]
    sys.modules[name] = package
from proggen.sandbox import server
server.main(control, options)
"""


class ServerLost(Exception):
    """The server died while a job was running."""


class Server:
    """A running server process and the parent's end of its control socket."""

    def __init__(self, jobs: str | None, without: Collection[str]) -> None:
        self.control, theirs = socket.socketpair()
        root = Path(__file__).parents[2]
        options = json.dumps({"jobs": jobs, "without": sorted(without)})
        self._prefix = [] if "sandbox-exec" in without else _wrapper(root)
        command = [*self._prefix, sys.executable, "-s", "-P", "-c", BOOTSTRAP]
        command += [
            str(root),
            str(theirs.fileno()),
            options,
            "proggen",
            "proggen.sandbox",
            *_packages(jobs),
        ]
        with theirs:
            self.process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                env=ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._lock = threading.Lock()
        self._hello: dict[str, Any] | None = None

    @property
    def hello(self) -> dict[str, Any]:
        """What the server told of itself when it was ready.

        Raises:
            SandboxError: it did not start.
        """
        with self._lock:
            if self._hello is None:
                self._hello = self._wait_for_hello()
            return self._hello

    def start_job(self, limits: Limits, data_fd: int, status_fd: int) -> None:
        """Hands a job's sockets to the server."""
        fields = (limits.wall_seconds, limits.cpu_seconds, limits.memory_bytes, limits.output_bytes)
        with self._lock:
            try:
                socket.send_fds(self.control, [JOB.pack(*fields)], [data_fd, status_fd])
            except OSError:
                raise ServerLost from None

    def stop(self) -> None:
        """Closes the control socket; the server ends its jobs and itself."""
        self.hang_up()
        if self._hello is None:  # still loading its libraries, it would not notice for a second
            self.kill()
        try:
            self.process.wait(KILL_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def hang_up(self) -> None:
        """Closes the control socket, also under a thread that is reading from it."""
        with contextlib.suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)
        self.control.close()

    def kill(self) -> None:
        """Ends a server that no longer answers."""
        for pid in (self.process.pid, (self._hello or {}).get("pid")):
            if pid is not None and self.process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def _wait_for_hello(self) -> dict[str, Any]:
        self.control.settimeout(START_SECONDS)
        hello: dict[str, Any] = {"wrapped": bool(self._prefix)}
        try:
            while not {"pid", "layers"} <= set(hello):  # in either order, see `server.main`
                (size,) = struct.unpack("<I", _receive_all(self.control, 4))
                hello |= json.loads(_receive_all(self.control, size))
        except (OSError, EOFError):
            raise SandboxError(
                "The sandbox's server process did not start; `proggen doctor` tells what this machine offers."
            ) from None
        self.control.settimeout(None)
        return hello


class Connection:
    """The server in use; it is started again if it dies, and the job it died under is tried once more."""

    def __init__(self, jobs: str | None, *, unsafe: bool = False, without: Collection[str] = ()) -> None:
        system.hide_memory()
        self._jobs = jobs
        self._lock = threading.Lock()
        self._unsafe = unsafe
        self._without = {*LAYERS, "sandbox-exec"} if unsafe else set(without)
        self._closed = False
        self._server = Server(self._jobs, self._without)

    @property
    def record(self) -> SandboxRecord:
        return judge(self._server.hello, unsafe=self._unsafe)

    @property
    def server_pid(self) -> int:
        return int(self._server.hello["pid"])

    def run(self, request: Message, limits: Limits) -> Message:
        """The reply to a request.

        Raises:
            ProgramFailure: the program failed, or what came back is no valid reply.
            WireError: the request itself cannot be sent.
            SandboxError: the sandbox is closed or cannot start jobs.
        """
        parts = wire.encode(request)
        for _ in range(2):
            server = self._current()
            judge(server.hello, unsafe=self._unsafe)
            try:
                return _Exchange(server, limits).run(list(parts))
            except ServerLost:
                self._replace(server)
        raise ProgramFailure("crash", "the sandbox's server died twice while the program ran")

    def close(self) -> None:
        with self._lock:
            if not self._closed:
                self._closed = True
                self._server.stop()

    def _current(self) -> Server:
        with self._lock:
            if self._closed:
                raise SandboxError("The sandbox is closed; open a new one.")
            return self._server

    def _replace(self, lost: Server) -> None:
        with self._lock:
            if self._server is lost and not self._closed:
                lost.hang_up()
                lost.kill()
                self._server = Server(self._jobs, self._without)


class _Exchange:
    """One job: request out, reply in, and the reason if there is none."""

    def __init__(self, server: Server, limits: Limits) -> None:
        self._server = server
        self._limits = limits
        self._data, self._job_data = socket.socketpair()
        self._status, self._job_status = socket.socketpair()
        self._data.setblocking(False)

    def run(self, parts: list[memoryview]) -> Message:
        try:
            return self._run(parts)
        finally:
            for end in (self._data, self._job_data, self._status, self._job_status):
                end.close()

    def _run(self, parts: list[memoryview]) -> Message:
        self._server.start_job(self._limits, self._job_data.fileno(), self._job_status.fileno())
        self._job_data.close()
        self._job_status.close()
        self._deadline = time.monotonic() + self._limits.wall_seconds
        try:
            self._send(parts)
            reply = self._receive()
            if reply is not None:  # closing the sockets ends whatever the job still does
                return _checked_reply(reply)
            code, cpu = self._ended()
        except TimeoutError:
            self._end_job()
            text = f"it ran longer than {self._limits.wall_seconds:g} seconds"
            raise ProgramFailure("timeout", text) from None
        except OversizeError as error:
            self._end_job()
            raise ProgramFailure("output", str(error)) from None
        except WireError as error:
            self._end_job()
            raise ProgramFailure("crash", f"the job sent malformed bytes: {error}") from None
        if code == EXIT_BROKEN and not self._confined:
            raise SandboxError("A job could not be confined and was not run; see `proggen doctor`.")
        raise self._death(code, cpu)

    def _send(self, parts: list[memoryview]) -> None:
        try:
            for part in parts:
                while part:
                    self._wait(select.POLLOUT)
                    with contextlib.suppress(BlockingIOError):
                        part = part[self._data.send(part) :]  # noqa: PLW2901
        except (BrokenPipeError, ConnectionResetError):
            pass  # the job is dead; its status tells why

    def _receive(self) -> Message | None:
        self._confined = self._read(1) is not None
        prefix = self._read(wire.PREFIX.size)
        if prefix is None:
            return None
        sizes = wire.decode_prefix(prefix.tobytes(), wire.MAX_REPLY_HEADER, self._limits.output_bytes)
        header, payload = self._read(sizes[0]), self._read(sizes[1])
        if header is None or payload is None:
            raise WireError("the message ends too early")
        self._wait(select.POLLIN)
        if self._peek():
            raise WireError("bytes follow the message")
        return wire.decode(header.tobytes(), payload)

    def _read(self, size: int) -> NDArray[np.uint8] | None:
        """`size` bytes, or None if the job closed its end before."""
        buffer = np.empty(size, dtype=np.uint8)
        view, done = buffer.data, 0
        while done < size:
            self._wait(select.POLLIN)
            try:
                n = self._data.recv_into(view[done:])
            except BlockingIOError:
                continue
            except ConnectionResetError:
                return None
            if n == 0:
                return None
            done += n
        return buffer

    def _peek(self) -> bytes:
        try:
            return self._data.recv(1)
        except ConnectionResetError:
            return b""

    def _wait(self, event: int) -> None:
        poll = select.poll()
        poll.register(self._data, event)
        left = self._deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise TimeoutError

    def _end_job(self) -> None:
        """Ends a job that is no longer wanted, and waits until it is gone.

        Raises:
            ServerLost: the server does not answer.
        """
        with contextlib.suppress(OSError):
            self._status.shutdown(socket.SHUT_WR)
        self._deadline = time.monotonic() + KILL_SECONDS
        try:
            self._ended()
        except TimeoutError:
            self._server.kill()
            raise ServerLost from None

    def _ended(self) -> tuple[int, float]:
        """Waits for the job's end: its exit code (negative for signals) and CPU seconds.

        Raises:
            ServerLost: the server died, so nobody knows.
        """
        self._status.settimeout(max(self._deadline - time.monotonic(), 0.001))
        try:
            status, cpu = STATUS.unpack(_receive_all(self._status, STATUS.size))
        except TimeoutError:
            raise
        except (OSError, EOFError):
            raise ServerLost from None
        if status == FORK_FAILED:
            raise SandboxError("The sandbox could not start a process; end other programs and try again.")
        return os.waitstatus_to_exitcode(status), cpu

    def _death(self, code: int, cpu: float) -> ProgramFailure:
        """Why a job ended without a usable reply."""
        if code == -signal.SIGXCPU or (code == -signal.SIGKILL and cpu >= self._limits.cpu_seconds):
            text = f"it used more than {self._limits.cpu_seconds:g} seconds of CPU time"
            return ProgramFailure("timeout", text)
        if code in (-signal.SIGKILL, EXIT_MEMORY):
            return ProgramFailure("memory", "its process ran out of memory")
        if code < 0:
            return ProgramFailure("crash", f"its process was ended by signal {_signal_name(-code)}")
        return ProgramFailure("crash", f"its process ended early with exit code {code} and without a result")


def _checked_reply(reply: Message) -> Message:
    if reply.body.get("status") == "ok":
        return reply
    kind, message = reply.body.get("kind"), reply.body.get("message")
    known: FailureKind = kind if isinstance(kind, str) and kind in FAILURE_KINDS else "crash"
    raise ProgramFailure(known, printable(str(message)))


def printable(text: str) -> str:
    """Text from a program, bounded, with everything that could act on a terminal or page escaped."""
    text = text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 3] + "..."
    escaped = "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
    return escaped[:MAX_MESSAGE]


def _packages(module: str | None) -> list[str]:
    """The packages that a module lies in, outermost first; "proggen" is there already."""
    parts = module.split(".")[:-1] if module else []
    return [".".join(parts[:n]) for n in range(2, len(parts) + 1)]


def _wrapper(root: Path) -> list[str]:
    return macos.command_prefix([root, *landlock.readable_paths()]) if sys.platform == "darwin" else []


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _receive_all(source: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = source.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data
