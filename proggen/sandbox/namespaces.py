"""Namespaces for the server and all of its jobs: no network, no view of other processes."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

from .system import PR_SET_PDEATHSIG, prctl, unshare

NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
ISOLATED = NEWUTS | NEWIPC | NEWPID | NEWNET


def enter(announce: Callable[[int], None]) -> None:
    """Moves this process into new user, process, network, IPC and host name namespaces.

    A process is in its new process namespace only after a fork: the child goes on as number 1 of it, so
    that the kernel ends every job with it, while this process waits for it and ends as it ended.
    `announce` is called with the child's process id.

    Raises:
        OSError: the system does not allow it; nothing has changed.
    """
    uid, gid = os.getuid(), os.getgid()
    unshare(ISOLATED if uid == 0 else ISOLATED | NEWUSER)
    if uid != 0:
        _map_identity(uid, gid)
    pid = os.fork()
    if pid == 0:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        return
    announce(pid)
    os.closerange(0, 256)
    _, status = os.waitpid(pid, 0)
    os._exit(max(0, os.waitstatus_to_exitcode(status)))


def _map_identity(uid: int, gid: int) -> None:
    """The same user inside as outside."""
    with contextlib.suppress(OSError):  # absent on old kernels
        Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
