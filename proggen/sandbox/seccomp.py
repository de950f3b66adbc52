"""Seccomp: the list of system calls that a job may make; every other one fails with EPERM.

The filter is a program for the kernel's classic BPF machine, see seccomp(2) and <linux/filter.h>. It is an
allow-list, so that a system call which a later kernel adds is closed too. Opening files stays possible,
for reading only: which files, Landlock decides.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from typing import Final

from .system import PR_SET_SECCOMP, prctl

SECCOMP_MODE_FILTER = 2
ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000 | 1  # SECCOMP_RET_ERRNO | EPERM
KILL: Final = 0x80000000
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER_OFFSET, ARCH_OFFSET, ARGUMENTS_OFFSET = 0, 4, 16
X32_BIT = 0x40000000

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column below, AUDIT_ARCH

# name: (x86-64, aarch64)
ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "close": (3, 57),
    "lseek": (8, 62),
    "fstat": (5, 80),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "stat": (4, None),
    "lstat": (6, None),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getdents64": (217, 61),
    "getcwd": (79, 17),
    "dup": (32, 23),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "mprotect": (10, 226),
    "madvise": (28, 233),
    "brk": (12, 214),
    "futex": (202, 98),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrandom": (318, 278),
    "getrusage": (98, 165),
    "getrlimit": (97, 163),
    "sysinfo": (99, 179),
    "uname": (63, 160),
    "exit": (60, 93),
    "exit_group": (231, 94),
}

# Allowed with some arguments only.
CONDITIONAL: dict[str, tuple[int | None, int | None]] = {
    "open": (2, None),
    "openat": (257, 56),
    "ioctl": (16, 29),
    "fcntl": (72, 25),
    "prlimit64": (302, 261),
    "tgkill": (234, 131),
}
# O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_PATH and __O_TMPFILE, alike on both architectures.
NOT_READ_ONLY = 0o3 | 0o100 | 0o1000 | 0o2000 | 0o10000000 | 0o20000000
TERMINAL_QUERY, CLOSE_ON_EXEC = 0x5401, 0x5451
FCNTL_COMMANDS = (0, 1, 2, 3, 1030)  # duplicate, read flags, set close-on-exec


def install() -> None:
    """Puts this process under the filter for good; needs "no new privileges".

    Raises:
        OSError: the kernel refuses, or the machine's architecture has no table here.
    """
    program = build(platform.machine(), os.getpid())
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(header, len(header)))


def build(machine: str, pid: int) -> bytes:
    """The filter's instructions, 8 bytes each, for a process with this id.

    Raises:
        OSError: there is no table for the machine.
    """
    if machine not in ARCHITECTURES:
        raise OSError(f"no table of system calls for {machine}")
    column, arch = ARCHITECTURES[machine]
    code = [_load(ARCH_OFFSET), _jump(JUMP_EQUAL, arch, 1, 0), _return(KILL), _load(NUMBER_OFFSET)]
    if machine == "x86_64":
        code += [_jump(JUMP_AT_LEAST, X32_BIT, 0, 1), _return(REFUSE)]
    for numbers in ALLOWED.values():
        code += _if_number(numbers[column], [_return(ALLOW)])
    for name, numbers in CONDITIONAL.items():
        code += _if_number(numbers[column], _condition(name, pid))
    return b"".join([*code, _return(REFUSE)])


def _condition(name: str, pid: int) -> list[bytes]:
    if name in ("open", "openat"):
        argument = 1 if name == "open" else 2
        return [
            _load_argument(argument),
            _jump(JUMP_ANY_BIT, NOT_READ_ONLY, 1, 0),
            _return(ALLOW),
            _return(REFUSE),
        ]
    if name == "ioctl":
        return _one_of(1, (TERMINAL_QUERY, CLOSE_ON_EXEC))
    if name == "fcntl":
        return _one_of(1, FCNTL_COMMANDS)
    if name == "tgkill":  # abort(3) and faults raised by the process itself
        return _one_of(0, (pid,))
    return _reading_own_limits()


def _one_of(argument: int, values: tuple[int, ...]) -> list[bytes]:
    code = [_load_argument(argument)]
    for value in values:
        code += [_jump(JUMP_EQUAL, value, 0, 1), _return(ALLOW)]
    return [*code, _return(REFUSE)]


def _reading_own_limits() -> list[bytes]:
    """prlimit64 of process 0 (itself) without new limits (a null pointer, both halves of it)."""
    zero = [(0, 0), (2, 0), (2, 4)]
    code = []
    for argument, half in zero:
        code += [_load(ARGUMENTS_OFFSET + 8 * argument + half), _jump(JUMP_EQUAL, 0, 1, 0), _return(REFUSE)]
    return [*code, _return(ALLOW)]


def _if_number(number: int | None, then: list[bytes]) -> list[bytes]:
    return [] if number is None else [_jump(JUMP_EQUAL, number, 0, len(then)), *then]


def _load_argument(index: int) -> bytes:
    return _load(ARGUMENTS_OFFSET + 8 * index)  # the lower half: both architectures are little endian


def _load(offset: int) -> bytes:
    return _instruction(LOAD, 0, 0, offset)


def _return(value: int) -> bytes:
    return _instruction(RETURN, 0, 0, value)


def _jump(code: int, value: int, if_true: int, if_false: int) -> bytes:
    return _instruction(code, if_true, if_false, value)


def _instruction(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)
