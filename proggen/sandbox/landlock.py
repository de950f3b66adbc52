"""Landlock: the kernel lets a job read the libraries and nothing else; no TCP, no signals to others.

Numbers are those of <linux/landlock.h>; see landlock(7). What the running kernel's version does not know
is left out, so the self-test, not a version, tells what holds.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import struct
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from .system import syscall

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on x86-64 and aarch64
VERSION_FLAG = 1
RULE_PATH_BENEATH = 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
FS_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}  # version -> number of file rights it knows
NET_VERSION, SCOPE_VERSION = 4, 6
ALL_TCP = 0b11  # bind, connect
ALL_SCOPES = 0b11  # abstract sockets, signals
PACKAGES = ("numpy", "scipy", "Box2D", "PIL")
NOT_STDLIB = ("site-packages", "dist-packages")


def version() -> int:
    """The kernel's Landlock version.

    Raises:
        OSError: there is none.
    """
    return syscall(CREATE_RULESET, None, 0, VERSION_FLAG)


def create_ruleset(paths: Iterable[Path]) -> int:
    """A descriptor of a ruleset that allows reading beneath `paths` and nothing more.

    Raises:
        OSError: the kernel has no Landlock.
    """
    known = version()
    files = (1 << max(n for v, n in FS_RIGHTS.items() if v <= known)) - 1
    fields = [files]
    fields += [ALL_TCP] if known >= NET_VERSION else []
    fields += [ALL_SCOPES] if known >= SCOPE_VERSION else []
    attributes = ctypes.create_string_buffer(struct.pack(f"<{len(fields)}Q", *fields), 8 * len(fields))
    ruleset = syscall(CREATE_RULESET, attributes, 8 * len(fields), 0)
    for path in paths:
        with contextlib.suppress(FileNotFoundError, PermissionError):
            _allow_reading(ruleset, path)
    return ruleset


def restrict_self(ruleset: int) -> None:
    """Puts this process under the ruleset for good; needs "no new privileges".

    Raises:
        OSError: the kernel refuses.
    """
    syscall(RESTRICT_SELF, ruleset, 0)


def readable_paths() -> list[Path]:
    """The standard library without what is installed beside it, and the packages of the contract."""
    found = []
    for root in {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}:
        found += [p for p in Path(root).iterdir() if p.name not in NOT_STDLIB]
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        for place in (spec and spec.submodule_search_locations) or ():
            found += [Path(place), Path(place).with_name(f"{name}.libs")]
            found += [Path(place).with_name("pillow.libs")]
    return found


def _allow_reading(ruleset: int, path: Path) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = READ_FILE | (READ_DIR if path.is_dir() else 0)
        rule = ctypes.create_string_buffer(struct.pack("<Qi", rights, descriptor), 12)
        syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)
