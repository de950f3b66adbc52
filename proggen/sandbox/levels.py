"""How well this machine can confine programs: decided by trying, told in words.

strong   Landlock and seccomp hold, and nothing that the self-test tried got through
weak     some layer holds, and `open` tells what it leaves open
none     a separate process with limits, nothing more; only when asked for
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from ..archive.records import SandboxRecord
from ..errors import SandboxError
from .probes import MEANING

ALWAYS = ["separate process", "empty environment", "limits on time, memory and output"]
NAMES = {
    "namespaces": "namespaces",
    "uid": "unused user",
    "landlock": "Landlock",
    "seccomp": "seccomp",
    "sandbox-exec": "sandbox-exec",
}
NEVER_CLOSED = ["programs can find out whether a path exists", "programs share the processor with you"]
NO_ISOLATION = (
    "This machine offers no isolation for generated programs (neither Landlock nor seccomp works); "
    "use a Linux kernel of 5.13 or later, or a virtual machine with --unsafe-no-sandbox."
)


def missing(record: SandboxRecord) -> dict[str, str]:
    """Layers that this machine's record lacks, each with why it matters."""
    reasons = {
        "Landlock": "closes files, TCP and signals; needs Linux 5.13 or later with Landlock enabled",
        "seccomp": "closes sockets, new processes and rare system calls; needs Linux on x86-64 or aarch64",
        "namespaces": "a second wall around network and processes; a bonus where the system allows it",
    }
    return {name: why for name, why in reasons.items() if name not in record.layers}


def judge(hello: dict[str, Any], *, unsafe: bool) -> SandboxRecord:
    """The record of what the server told about itself.

    Raises:
        SandboxError: a job could not be confined, or there is no isolation and nobody asked for that.
    """
    layers, passed = list(hello["layers"]), hello["passed"]
    if passed is None:
        raise SandboxError("The sandbox's self-test could not be confined; `proggen doctor` tells more.")
    if sys.platform == "darwin" and hello.get("wrapped"):
        layers.append("sandbox-exec")
    level = _level(layers, passed)
    if level == "none" and not unsafe:
        raise SandboxError(NO_ISOLATION)
    stays_open = [MEANING[name] for name in passed if name in MEANING] + NEVER_CLOSED
    return SandboxRecord(level=level, layers=ALWAYS + [NAMES[n] for n in layers], open=stays_open)


def _level(layers: Sequence[str], passed: Sequence[str]) -> str:
    if {"landlock", "seccomp"} <= set(layers) and not passed:
        return "strong"
    return "weak" if {"landlock", "seccomp", "namespaces", "sandbox-exec"} & set(layers) else "none"
