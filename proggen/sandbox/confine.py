"""The layers around a job, in the order in which they close.

`Confinement` is made once by the server, which finds out what the machine has; `apply` is called in each
job's own process before the program is loaded. A layer that was found and then can't be applied stops the
job: nothing ever runs with fewer layers than the record tells.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import signal
import sys
from collections.abc import Callable, Collection, Iterator

from . import landlock, namespaces, seccomp, system
from . import limits as rlimits
from .limits import Limits

LAYERS = ("namespaces", "uid", "landlock", "seccomp")
# The range that systemd sets aside for short-lived users; an id that has a name is left out.
FIRST_UID, LAST_UID = 61184, 65519


class Confinement:
    """What this machine offers, and what of it is used."""

    def __init__(self, without: Collection[str] = ()) -> None:
        self._without = without
        self._ruleset: int | None = None
        self._baseline = 0
        self._uids: list[int] = []
        self.layers: list[str] = []

    def enter_namespaces(self, announce: Callable[[int], None]) -> None:
        """To be called first, while the process is young and single; see `namespaces.enter`."""
        if self._wanted("namespaces"):
            with contextlib.suppress(OSError):
                namespaces.enter(announce)
                self.layers.append("namespaces")
                return
        announce(os.getpid())

    def prepare(self) -> None:
        """To be called when everything is loaded: finds out which layers work here, by trying."""
        self._baseline = rlimits.address_space()
        for name, prepare in self._preparations():
            if self._wanted(name) and _works(prepare):
                self.layers.append(name)
        if "landlock" in self.layers:
            self._ruleset = landlock.create_ruleset(landlock.readable_paths())
        if "uid" in self.layers:
            self._uids = list(_unused_uids())
        system.hide_memory()

    @property
    def descriptors(self) -> list[int]:
        """What `apply` needs open."""
        return [] if self._ruleset is None else [self._ruleset]

    def apply(self, limits: Limits, number: int, descriptors: list[int]) -> None:
        """Confines this process, the `number`-th job, for good.

        Raises:
            OSError: a layer could not be applied.
        """
        rlimits.apply(limits, self._baseline)
        if self._uids:
            _drop_user(self._uids[number % len(self._uids)])
        if sys.platform != "linux":
            return
        system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
        if self.layers:
            system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)
            system.drop_capabilities()
        if self._ruleset is not None:
            landlock.restrict_self(descriptors[0])
            os.close(descriptors[0])
        if "seccomp" in self.layers:
            seccomp.install()

    def _wanted(self, layer: str) -> bool:
        return sys.platform == "linux" and layer not in self._without

    def _preparations(self) -> Iterator[tuple[str, Callable[[], object]]]:
        if os.geteuid() == 0:
            yield "uid", lambda: _drop_user(next(_unused_uids()))
        yield "landlock", _try_landlock
        yield "seccomp", _try_seccomp


def _works(layer: Callable[[], object]) -> bool:
    """Whether a layer can be applied, tried in a process of its own."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            layer()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _try_landlock() -> None:
    system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)
    landlock.restrict_self(landlock.create_ruleset([]))


def _try_seccomp() -> None:
    system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.install()


def _drop_user(uid: int) -> None:
    """From root to a user that owns nothing, and no way back."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _unused_uids() -> Iterator[int]:
    taken = {p.pw_uid for p in pwd.getpwall()} | {g.gr_gid for g in grp.getgrall()}
    return (uid for uid in range(FIRST_UID, LAST_UID + 1) if uid not in taken)
