"""What confinement this machine gives, decided by trying."""

from __future__ import annotations

from ..archive.records import SandboxRecord


def self_test(*, unsafe: bool = False) -> SandboxRecord:
    """The level that a sandbox has on this machine, its layers, and what stays open.

    Raises:
        SandboxError: no sandbox can work here.
    """
    from .client import Sandbox

    with Sandbox(unsafe=unsafe) as sandbox:
        return sandbox.record
