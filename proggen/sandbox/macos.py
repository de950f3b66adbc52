"""macOS: the server and its jobs run under a `sandbox-exec` profile. Less than Linux gives: level weak."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

PRIVATE = ("/Users", "/Volumes", "/private/etc", "/private/tmp", "/private/var", "/Library/Keychains")


def command_prefix(readable: list[Path]) -> list[str]:
    """What to put before the server's command; nothing where there is no `sandbox-exec`."""
    tool = shutil.which("sandbox-exec", path="/usr/bin")
    return [tool, "-p", profile(readable)] if tool else []


def profile(readable: list[Path]) -> str:
    """A profile without network, writing, other programs, and reading of what belongs to users.

    The last rule that fits decides.
    """
    reading = " ".join(
        f"(subpath {_quoted(p)})" for p in [Path(sys.base_prefix), Path(sys.prefix), *readable]
    )
    private = " ".join(f"(subpath {_quoted(Path(p))})" for p in PRIVATE)
    interpreters = {Path(sys.executable), Path(sys.executable).resolve(), Path(sys.base_prefix)}
    programs = " ".join(f"(subpath {_quoted(p)})" for p in sorted(interpreters))
    return "\n".join(
        [
            "(version 1)",
            "(allow default)",
            "(deny network*)",
            "(deny file-write*)",
            '(allow file-write* (literal "/dev/null"))',
            f"(deny file-read-data {private})",
            f"(allow file-read-data {reading})",
            "(deny process-exec)",
            f"(allow process-exec {programs})",
            "(deny signal)",
            "(allow signal (target self) (target children))",
        ]
    )


def _quoted(path: Path) -> str:
    return json.dumps(str(path))
