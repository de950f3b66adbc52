"""What one job may use, and the resource limits that its own process sets before the program is loaded."""

from __future__ import annotations

import math
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

OPEN_FILES = 64
XCPU_GRACE_SECONDS = 1


@dataclass(frozen=True)
class Limits:
    """What one job may use; memory counts beyond the preloaded libraries."""

    wall_seconds: float = 240.0  # far above the CPU time: a busy machine must not decide what fails
    cpu_seconds: float = 60.0
    memory_bytes: int = 4 * 2**30
    output_bytes: int = 512 * 2**20


def address_space() -> int:
    """Bytes of virtual memory that this process has mapped now; 0 where the system does not tell."""
    if sys.platform != "linux":
        return 0
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def apply(limits: Limits, baseline: int) -> None:
    """Limit this process for good; `baseline` is the address space of the preloaded libraries, in bytes."""
    cpu = max(1, math.ceil(limits.cpu_seconds))
    # SIGXCPU at the soft limit names the reason; the hard limit ends a program that ignores it.
    _lower(resource.RLIMIT_CPU, cpu, grace=XCPU_GRACE_SECONDS)
    memory = baseline + limits.memory_bytes
    fixed = {
        **({"RLIMIT_AS": memory} if baseline else {}),  # macOS takes no such limit
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": OPEN_FILES,
        "RLIMIT_NPROC": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }
    for name, value in fixed.items():
        if hasattr(resource, name):
            _lower(getattr(resource, name), value)


def _lower(which: int, value: int, grace: int = 0) -> None:
    """Sets the soft limit to `value` and the hard one `grace` above, or to what is left if that is less."""
    _, hard = resource.getrlimit(which)
    if hard == resource.RLIM_INFINITY:
        hard = value + grace
    resource.setrlimit(which, (min(value, hard), min(value + grace, hard)))
