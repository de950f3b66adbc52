"""The attacks in `attacks/`, the ground they are fought on, and what is expected of each.

An attack is a short program with a header:

    # category: files
    # tries: to read a file that everybody may read
    # stopped by: landlock             any of these layers is enough; `always` or `nothing`; landlock-4
                                       means Landlock from the kernel's version 4 of it on
    # stopped by, ordinary user: ...   where an ordinary user meets other walls than root
    # ends as: timeout                 the kinds of failure it must end with, where that is always the same
    # optional: needs IPv6             if nothing stops it, it may still fail
    # runs: twice                      the second run's result counts

Its `attack()` returns True, or a state's number, if it got through; a failure means that it was stopped.
Run as a script, this prints the table of docs/security.md for the user who runs it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from PIL import Image

from proggen.errors import ProgramFailure, SandboxError
from proggen.inference import JOBS, calls
from proggen.inference.problems import Rollout
from proggen.sandbox import Limits, Sandbox, landlock

FOLDER = Path(__file__).parent / "attacks"
CANARY = "canary-7f3a91c4d2"
LIMITS = Limits(wall_seconds=10, cpu_seconds=2, memory_bytes=2**28, output_bytes=2**20)
SHORT = Limits(wall_seconds=0.7, cpu_seconds=2, memory_bytes=2**28, output_bytes=2**20)
JOB = [Rollout({"x": 0.0}, {}, 0.1, 1)]
WITHOUT: dict[str, tuple[str, ...]] = {
    "strong": (),
    "weak (Landlock)": ("namespaces", "seccomp"),
    "weak (seccomp)": ("namespaces", "landlock"),
    "none": ("unsafe",),
}
LAYER_OF = {"Landlock": "landlock", "seccomp": "seccomp", "namespaces": "namespaces", "unused user": "uid"}

VICTIM = """
import ctypes, sys, time
canary = ctypes.create_string_buffer(sys.argv[1].encode())
file = open(sys.argv[2])
ctypes.CDLL(None).prctl(0x59616d61, ctypes.c_ulong(-1), 0, 0, 0)  # anybody may trace it, whatever Yama says
print(ctypes.addressof(canary), file.fileno(), flush=True)
time.sleep(3600)
"""


@dataclass(frozen=True)
class Attack:
    """One file of `attacks/`."""

    name: str
    fields: dict[str, str]
    source: str

    @property
    def category(self) -> str:
        return self.fields["category"]

    @property
    def kinds(self) -> list[str]:
        return self.fields.get("ends as", "").split()

    @property
    def optional(self) -> bool:
        return "optional" in self.fields

    def walls(self) -> list[str]:
        """What stops it, for the user who runs this."""
        walls = self.fields["stopped by"]
        if os.geteuid() != 0:
            walls = self.fields.get("stopped by, ordinary user", walls)
        return walls.split()

    def is_stopped_by(self, layers: set[str]) -> bool:
        """Whether one of the layers, or the process alone, is expected to stop it."""
        return any(_holds(wall, layers) for wall in self.walls())


def load() -> dict[str, Attack]:
    """All attacks, by name."""
    attacks = {}
    for path in sorted(FOLDER.glob("*.py")):
        source = path.read_text()
        fields = dict(re.findall(r"^# ([a-z, ]+): (.+)$", source, flags=re.MULTILINE))
        attacks[path.stem] = Attack(path.stem, fields, source)
    return attacks


def layers_of(sandbox: Sandbox) -> set[str]:
    """The layers that are in force."""
    return {LAYER_OF[name] for name in sandbox.record.layers if name in LAYER_OF}


def open_sandbox(level: str) -> Sandbox:
    """A sandbox of the level, or of the next lower one where the machine lacks a layer."""
    without = WITHOUT[level]
    return (
        Sandbox(JOBS, limits=LIMITS, unsafe=True)
        if "unsafe" in without
        else Sandbox(JOBS, limits=LIMITS, without=without)
    )


def run(sandbox: Sandbox, attack: Attack, names: dict[str, Any]) -> tuple[bool, ProgramFailure | None]:
    """Whether the attack got through, and the failure it ended with, if any."""
    constants = "\n".join(f"{name} = {value!r}" for name, value in names.items())
    source = f"PARAMS = {{}}\n{constants}\n{ROLLOUT}\n{attack.source}"
    limits = SHORT if "timeout" in attack.kinds else LIMITS
    result: tuple[bool, ProgramFailure | None] = (False, None)
    for _ in range(2 if attack.fields.get("runs") == "twice" else 1):
        try:
            result = calls.rollout(sandbox, source, JOB, limits=limits)[0]["x"][0] == 1.0, None
        except ProgramFailure as failure:
            result = "exit code 42" in failure.message, failure
    return result


ROLLOUT = """
def rollout(state, params, dt, n_steps, actions=None):
    return [{"x": attack()}]
"""


class Ground:
    """Files, services and processes that attacks aim at; `names` are the constants put before each attack."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="proggen-battery-"))
        self._services: list[socket.socket] = []
        self.names = {"CANARY": CANARY, "PARENT_PID": os.getpid(), **self._files(), **self._sockets()}
        self._victim = self._start_victim()
        self._memory = ctypes.create_string_buffer(CANARY.encode())
        self._file = (self.root / "private").open()
        self.names |= {"PARENT_ADDRESS": ctypes.addressof(self._memory), "PARENT_FD": self._file.fileno()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._victim.kill()
        self._victim.communicate()
        self._file.close()
        for service in self._services:
            service.close()
        shutil.rmtree(self.root)

    def is_whole(self) -> bool:
        """Whether what no attack may touch at level strong is as it was."""
        held = (self.root / "canary").read_text() == CANARY and (self.root / "open.txt").read_text() == "open"
        return held and self._victim.poll() is None

    def _files(self) -> dict[str, Any]:
        self.root.chmod(0o755)
        open_folder = self.root / "open"
        open_folder.mkdir()
        open_folder.chmod(0o777)
        for name, text, mode in (
            ("canary", CANARY, 0o644),
            ("private", CANARY, 0o600),
            ("open.txt", "open", 0o666),
        ):
            (self.root / name).write_text(text)
            (self.root / name).chmod(mode)
        (open_folder / "here").write_text("")
        (self.root / "link").symlink_to(self.root / "canary")
        Image.new("RGB", (2, 2)).save(self.root / "picture.png")
        paths = {
            "CANARY_FILE": "canary",
            "PRIVATE_FILE": "private",
            "OPEN_FILE": "open.txt",
            "LINK_FILE": "link",
        }
        paths |= {"PICTURE_FILE": "picture.png", "OPEN_FOLDER": "open", "FOLDER": ""}
        return {name: str(self.root / file) for name, file in paths.items()}

    def _sockets(self) -> dict[str, Any]:
        tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        paths = {
            "SOCKET_FILE": str(self.root / "socket"),
            "ABSTRACT_NAME": f"\0{self.root.name}",
        }
        for address in paths.values():
            service = socket.socket(socket.AF_UNIX)
            service.bind(address)
            service.listen(100)
            self._services.append(service)
        (self.root / "socket").chmod(0o777)
        self._services += [tcp, udp]
        return {"TCP_PORT": tcp.getsockname()[1], "UDP_PORT": udp.getsockname()[1], **paths}

    def _start_victim(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", VICTIM, CANARY, str(self.root / "private")]
        environment = {"CANARY_KEY": CANARY}
        victim = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert victim.stdout is not None
        address, descriptor = victim.stdout.readline().split()
        self.names |= {"VICTIM_PID": victim.pid, "VICTIM_ADDRESS": int(address), "VICTIM_FD": int(descriptor)}
        return victim


def _holds(wall: str, layers: set[str]) -> bool:
    if wall == "always":
        return True
    name, _, version = wall.partition("-")
    return name in layers and (not version or landlock.version() >= int(version))


def table() -> str:
    """Markdown: by category, how many attacks got through at each level."""
    attacks, through, totals = load(), {}, Counter(a.category for a in load().values())
    with Ground() as ground:
        for level in WITHOUT:
            with contextlib.suppress(SandboxError), open_sandbox(level) as sandbox:
                passed = [a for a in attacks.values() if run(sandbox, a, ground.names)[0]]
                through[level] = Counter(a.category for a in passed)
    lines = [f"| category | attacks | {' | '.join(through)} |", "|---" * (len(through) + 2) + "|"]
    for category, total in sorted(totals.items()):
        lines.append(f"| {category} | {total} | {' | '.join(str(c[category]) for c in through.values())} |")
    sums = " | ".join(str(c.total()) for c in through.values())
    return "\n".join([*lines, f"| **all** | {len(attacks)} | {sums} |"])


if __name__ == "__main__":
    print(table())
