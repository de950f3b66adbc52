"""The few calls into libc that Python has no names for."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import struct
import sys
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
CAPABILITY_VERSION_3 = 0x20080522
M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
CAPSET = {"x86_64": 126, "aarch64": 91}

_libc: Any = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, first: int = 0, second: Any = 0) -> None:
    """prctl(2).

    Raises:
        OSError: the kernel refuses.
    """
    unsigned = ctypes.c_ulong
    second = unsigned(second) if isinstance(second, int) else second
    _check(_libc.prctl(ctypes.c_int(option), unsigned(first), second, unsigned(0), unsigned(0)))


def syscall(number: int, *arguments: Any) -> int:
    """syscall(2) with integers and pointers.

    Raises:
        OSError: the kernel refuses.
    """
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _check(_libc.syscall(ctypes.c_long(number), *converted))


def unshare(flags: int) -> None:
    """unshare(2).

    Raises:
        OSError: the kernel refuses.
    """
    _check(_libc.unshare(ctypes.c_int(flags)))


def drop_capabilities() -> None:
    """Gives up every capability of this process, in whatever user namespace it has them."""
    header = ctypes.create_string_buffer(struct.pack("<Ii", CAPABILITY_VERSION_3, 0))
    nothing = ctypes.create_string_buffer(struct.pack("<6I", *[0] * 6))
    syscall(CAPSET[platform.machine()], header, nothing)


def hide_memory() -> None:
    """Makes this process's memory and environment unreadable for others of the same user (Linux only)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            prctl(PR_SET_DUMPABLE, 0)


def keep_freed_memory() -> None:
    """Lets this process reuse the memory of large arrays at once (glibc only; elsewhere nothing happens).

    By default an array of a picture's size comes from the kernel and goes back to it, and the zeroing of its
    pages is a fifth of the time of an episode.
    """
    mallopt = getattr(_libc, "mallopt", None)
    if mallopt is not None:
        for option in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
            mallopt(ctypes.c_int(option), ctypes.c_int(2**30))


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
