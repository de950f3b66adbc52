"""The filter decides as its tables say, on both architectures, by running it as the kernel would."""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path

import pytest

from proggen.sandbox import seccomp

X86, ARM = "x86_64", "aarch64"
PID = 4321
O_RDONLY, O_WRONLY, O_CREAT, O_CLOEXEC, O_PATH = 0, 1, 0o100, 0o2000000, 0o10000000


def decide(machine: str, number: int, *arguments: int, arch: int | None = None) -> int:
    """What the filter returns for a system call: a small classic BPF machine."""
    arch = seccomp.ARCHITECTURES[machine][1] if arch is None else arch
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, arch, 0, *padded)
    program = list(struct.iter_unpack("<HBBI", seccomp.build(machine, PID)))
    counter = accumulator = 0
    while True:
        code, if_true, if_false, value = program[counter]
        counter += 1
        if code == seccomp.RETURN:
            return int(value)
        if code == seccomp.LOAD:
            (accumulator,) = struct.unpack_from("<I", data, value)
            continue
        tests = {
            seccomp.JUMP_EQUAL: accumulator == value,
            seccomp.JUMP_AT_LEAST: accumulator >= value,
            seccomp.JUMP_ANY_BIT: bool(accumulator & value),
        }
        counter += if_true if tests[code] else if_false


@pytest.mark.parametrize(("machine", "read", "socket"), [(X86, 0, 41), (ARM, 63, 198)])
def test_what_is_on_the_list_passes_and_nothing_else(machine: str, read: int, socket: int) -> None:
    assert decide(machine, read) == seccomp.ALLOW
    assert decide(machine, socket) == seccomp.REFUSE
    assert decide(machine, 9999) == seccomp.REFUSE


@pytest.mark.parametrize("machine", [X86, ARM])
@pytest.mark.parametrize("flags", [O_WRONLY, O_CREAT, O_PATH, O_WRONLY | O_CLOEXEC, 2, 0o1000, 0o2000])
def test_files_open_for_reading_only(machine: str, flags: int) -> None:
    openat = seccomp.CONDITIONAL["openat"][seccomp.ARCHITECTURES[machine][0]]
    assert openat is not None
    assert decide(machine, openat, 0, 0, O_RDONLY | O_CLOEXEC) == seccomp.ALLOW
    assert decide(machine, openat, 0, 0, flags) == seccomp.REFUSE


@pytest.mark.parametrize(("machine", "tgkill"), [(X86, 234), (ARM, 131)])
def test_a_job_may_signal_itself_alone(machine: str, tgkill: int) -> None:
    assert decide(machine, tgkill, PID, PID, 6) == seccomp.ALLOW
    assert decide(machine, tgkill, 1, 1, 9) == seccomp.REFUSE


@pytest.mark.parametrize(("machine", "prlimit"), [(X86, 302), (ARM, 261)])
def test_limits_may_be_read_but_not_set(machine: str, prlimit: int) -> None:
    assert decide(machine, prlimit, 0, 7, 0, 0x1000) == seccomp.ALLOW
    assert decide(machine, prlimit, 0, 7, 0x1000) == seccomp.REFUSE
    assert decide(machine, prlimit, 0, 7, 1 << 40) == seccomp.REFUSE
    assert decide(machine, prlimit, 77, 7, 0) == seccomp.REFUSE


def test_the_other_architecture_s_numbers_are_fatal() -> None:
    assert decide(X86, 0, arch=0x40000003) == seccomp.KILL
    assert decide(ARM, 63, arch=0xC000003E) == seccomp.KILL


def test_x32_numbers_are_refused() -> None:
    assert decide(X86, seccomp.X32_BIT | 0) == seccomp.REFUSE


def test_a_machine_without_table_is_an_error() -> None:
    with pytest.raises(OSError, match="riscv64"):
        seccomp.build("riscv64", os.getpid())


@pytest.mark.parametrize(
    ("column", "pattern", "places"),
    [
        (
            0,
            r"#define __NR_(\w+) (\d+)",
            ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
        ),
        (1, r"#define __NR(?:3264)?_(\w+)\s+(\d+)", ("/usr/include/asm-generic/unistd.h",)),
    ],
)
def test_the_tables_agree_with_the_kernel_s_headers(
    column: int, pattern: str, places: tuple[str, ...]
) -> None:
    header = next((p for p in map(Path, places) if p.exists()), None)
    if header is None:
        pytest.skip("the kernel's headers are not installed")
    numbers = dict(re.findall(pattern, header.read_text()))
    numbers.setdefault("newfstatat", numbers.get("fstatat"))
    ours = {n: pair[column] for n, pair in (seccomp.ALLOWED | seccomp.CONDITIONAL).items()}
    assert ours == {n: None if v is None else int(numbers[n]) for n, v in ours.items()}
