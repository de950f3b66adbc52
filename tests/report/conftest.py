"""Two sites, each built once: one of a plain archive, one of an archive that attacks; a static server, a browser."""

from __future__ import annotations

import fcntl
import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proggen.report import episode_rows
from proggen.report.build import build

from . import hostile
from .archive import PROGRAMS, make_run

ROOT = Path(__file__).parents[2]
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
COMPARED = "results/compare/demo--older.html"
LISTED = 4  # episodes on a page of the plain list, so that there is a second page


def project(folder: Path) -> Path:
    """The project's documentation and settings, without results."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "mkdocs.yml", folder)
    shutil.copytree(ROOT / "templates", folder / "templates")
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("results", ".*"))
    return folder


def mkdocs(folder: Path) -> subprocess.CompletedProcess[str]:
    """Not with --quiet, under which MkDocs counts no warnings and --strict checks nothing."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(folder / "mkdocs.yml")]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    done.stderr = "".join(line for line in done.stderr.splitlines(True) if not line.startswith("INFO"))
    return done


def publish(folder: Path) -> Path:
    """Build the project in `folder` without a warning; its site."""
    build(folder / "runs", folder)
    done = mkdocs(folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "site"


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """What `make` returns for a folder; processes that test side by side share the folder of the first."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return make(factory.mktemp(name))
    folder = factory.getbasetemp().parent / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_suffix(".done")
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            done.write_text(str(make(folder)))
        return Path(done.read_text())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site of two runs that share one episode, where the older one has three times the error."""
    return once(tmp_path_factory, "plain", plain_site)


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site of `hostile.make_runs`; the archive is in `runs` beside it."""
    return once(tmp_path_factory, "hostile", hostile_site)


def plain_site(folder: Path) -> Path:
    project(folder)
    demo = make_run(folder / "runs", benchmarks=("phyworld/collision", "cartpole/push"))
    bad_pictures(demo / "phyworld/collision/episodes/00003-rv_out/episode.json")
    changed = {**PROGRAMS, "dynamics": f"# an older version\n{PROGRAMS['dynamics']}"}
    older = make_run(
        folder / "runs", "older", episodes=2, created="2026-01-01T00:00:00+00:00", programs=changed
    )
    path = older / "phyworld/collision/episodes/00000-in/episode.json"
    record = json.loads(path.read_bytes())
    record["metrics"]["post_vel_error"]["proggen"] *= 3
    path.write_text(json.dumps(record))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(episode_rows, "SHOWN", LISTED)
        return publish(folder)


def bad_pictures(path: Path) -> None:
    """An episode in the split of 00001 whose error after an impact is not defined and whose pictures are bad."""
    record = json.loads(path.read_bytes())
    record["split"] = "r_out"
    record["metrics"]["post_vel_error"] = dict.fromkeys(record["metrics"]["post_vel_error"])
    record["metrics"]["psnr"]["proggen"] = -20.0
    path.write_text(json.dumps(record))


def hostile_site(folder: Path) -> Path:
    project(folder)
    hostile.make_runs(folder / "runs")
    return publish(folder)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def serve(site: Path, folder: Path) -> tuple[http.server.ThreadingHTTPServer, str]:
    """A static host with the site below /sub/path/."""
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "path").symlink_to(site)
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}/sub/path/"


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: CI has to install it.")
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=CHROMIUM)
        yield opened
        opened.close()
