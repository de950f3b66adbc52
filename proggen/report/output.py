"""The results folder: written beside the old one, then only what differs is put in its place.

Parts that cost time (an episode's page with its media) are named and have a digest of what they are made from.
A part whose digest is the stored one is neither made again nor touched; `.build.json` in the folder knows them.
"""

from __future__ import annotations

import filecmp
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .untrusted import sidecar

STATE = ".build.json"
Note = dict[str, Any]  # what other pages need of a part; survives as JSON


class Output:
    """`root` is where files are written, `path` where they end up."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path, self.root = path, root
        self._known: dict[str, Any] = _read_state(path / STATE)
        self._parts: dict[str, Any] = {}
        self._kept: set[str] = set()

    def kept(self, page: str, digest: str) -> Note | None:
        """The note of a part that was made from the same before and is still there: it stays as it is."""
        known = self._known.get(page)
        if not isinstance(known, dict) or known.get("digest") != digest:
            return None
        found = _files_of(self.path, page)
        if found != known.get("files"):
            return None
        self._parts[page] = known
        self._kept.update(found)
        note: Note = known["note"]
        return note

    def made(self, page: str, digest: str, note: Note) -> None:
        """A part was written anew: its page, the page's texts and the folder named like the page."""
        self._parts[page] = {"digest": digest, "files": _files_of(self.root, page), "note": note}

    def settle(self) -> None:
        """Put what differs into place and take away what nothing wrote or kept."""
        (self.path / STATE).unlink(missing_ok=True)  # a stop from here on makes the next build a whole one
        wanted = {*_names(self.root), *self._kept}
        for name in list(_names(self.path)):
            if name not in wanted:
                (self.path / name).unlink()
        _remove_empty_folders(self.path)
        _merge(self.root, self.path)
        (self.path / STATE).write_text(json.dumps(self._parts), encoding="ascii")


@contextmanager
def output(path: Path) -> Iterator[Output]:
    """An `Output` that is settled when the block ends well; when it does not, `path` is as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as temporary:
        found = Output(path, Path(temporary))
        yield found
        path.mkdir(exist_ok=True)
        found.settle()


def _read_state(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _files_of(folder: Path, page: str) -> list[str]:
    """The files of a part that are there, as paths in `folder`."""
    beside = [str(sidecar(Path(page))), page]
    inside = page.removesuffix(".md")
    found = [name for name in beside if (folder / name).is_file()]
    return sorted([*found, *(f"{inside}/{name}" for name in _names(folder / inside))])


def _names(folder: Path) -> Iterator[str]:
    """All files below a folder, as paths in it."""
    start = len(str(folder)) + 1
    for root, _, names in os.walk(folder):
        yield from (os.path.join(root, name)[start:] for name in names)


def stamps(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of every file below a folder: what tells a changed one."""
    for name in _names(folder):
        found = os.stat(folder / name)
        yield name, found.st_size, found.st_mtime_ns


def _merge(new: Path, target: Path) -> None:
    """Move the contents of a folder; an equal file keeps its time, so that whoever watches sees no change."""
    for entry in sorted(os.scandir(new), key=lambda e: e.name):
        source, place = new / entry.name, target / entry.name
        if place.is_dir() and entry.is_dir():
            _merge(source, place)
        elif not (place.is_file() and entry.is_file() and filecmp.cmp(source, place, shallow=False)):
            source.replace(place)


def _remove_empty_folders(folder: Path) -> None:
    for root, _, _ in os.walk(folder, topdown=False):
        if root != str(folder) and not os.listdir(root):
            os.rmdir(root)
