from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from proggen.archive.files import digests, whole_folder, write_text


def test_file_is_replaced_whole(tmp_path: Path) -> None:
    write_text(tmp_path / "a" / "f.txt", "one")
    write_text(tmp_path / "a" / "f.txt", "two")
    assert (tmp_path / "a" / "f.txt").read_text() == "two"
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["f.txt"]


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    write_text(tmp_path / "f.txt", "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "f.txt", "\ud800")
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


def test_failed_folder_leaves_nothing(tmp_path: Path) -> None:
    def write() -> None:
        with whole_folder(tmp_path / "entry") as folder:
            (folder / "f.txt").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()
    assert list(tmp_path.iterdir()) == []


def test_digests_are_of_the_files_alone(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text("abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digests(tmp_path) == {"a.txt": known}


def test_killed_writer_leaves_no_half_entry(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from proggen.archive.files import whole_folder\n"
        "with whole_folder(Path(sys.argv[1])) as f:\n"
        "    (f / 'x').write_text('half'); print('in', flush=True); time.sleep(60)\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "entry")], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "in\n"
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    assert not (tmp_path / "entry").exists()
