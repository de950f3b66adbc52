"""The self-test: inside a confined job, try what must not be possible, and report what was.

Every probe is harmless where it succeeds: what it makes it removes, and whom it signals it signals with 0.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# What it means for the user when a probe succeeds.
MEANING = {
    "read files": "programs can read files that you can read",
    "list directories": "programs can list directories",
    "write files": "programs can create and change files",
    "tcp": "programs can reach the network by TCP",
    "udp": "programs can reach the network by UDP",
    "unix sockets": "programs can reach local services by Unix sockets",
    "start processes": "programs can start other programs",
    "memory files": "programs can make files in memory",
    "signal processes": "programs can signal your other processes",
    "read memory": "programs can read the memory of your other processes",
}
READABLE = ("/etc/passwd", "/etc/hosts", "/proc/self/environ", "/bin/sh")
PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/")
UNREACHABLE = (errno.ENETUNREACH, errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT)
PROCESS_VM_READV = {"x86_64": 310, "aarch64": 270}


def succeeded() -> list[str]:
    """Names of the probes that got through."""
    return [name for name, probe in PROBES.items() if _passes(probe)]


def _passes(probe: Callable[[], None]) -> bool:
    try:
        probe()
    except Exception:
        return False
    return True


def _read_files() -> None:
    _any_of(READABLE, lambda path: open(path, "rb").close())


def _list_directories() -> None:
    _any_of(PLACES, os.listdir)


def _write_files() -> None:
    def write(place: str) -> None:
        path = Path(place, f".proggen-self-test-{os.getpid()}")
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        path.unlink()

    _any_of(PLACES, write)


def _tcp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        _reaches(lambda: sock.connect(("127.0.0.1", 9)))


def _udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        _reaches(lambda: sock.sendto(b"", ("127.0.0.1", 9)))


def _unix_sockets() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        _reaches(lambda: sock.connect("/run/proggen-self-test"))


def _start_processes() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _memory_files() -> None:
    os.close(os.memfd_create("proggen-self-test"))


def _signal_processes() -> None:
    os.kill(os.getppid(), 0)


def _read_memory() -> None:
    if sys.platform != "linux":
        raise PermissionError
    libc: Any = ctypes.CDLL(None, use_errno=True)
    byte = ctypes.create_string_buffer(1)  # at this address in the parent too: it forked this process
    place = ctypes.create_string_buffer(struct.pack("@PN", ctypes.addressof(byte), 1))
    one, number = ctypes.c_long(1), ctypes.c_long(PROCESS_VM_READV[platform.machine()])
    if libc.syscall(number, ctypes.c_long(os.getppid()), place, one, place, one, ctypes.c_long(0)) != 1:
        raise PermissionError


def _reaches(connect: Callable[[], object]) -> None:
    """Refused or absent counts as reached: there was somebody to say so."""
    try:
        connect()
    except OSError as error:
        if error.errno in UNREACHABLE:
            raise


def _any_of(choices: tuple[str, ...], attempt: Callable[[str], object]) -> None:
    for choice in choices:
        with contextlib.suppress(OSError):
            attempt(choice)
            return
    raise PermissionError


PROBES: dict[str, Callable[[], None]] = {
    "read files": _read_files,
    "list directories": _list_directories,
    "write files": _write_files,
    "tcp": _tcp,
    "udp": _udp,
    "unix sockets": _unix_sockets,
    "start processes": _start_processes,
    "memory files": _memory_files,
    "signal processes": _signal_processes,
    "read memory": _read_memory,
}
