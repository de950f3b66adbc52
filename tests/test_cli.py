"""The console command, as real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from proggen.benchmarks.base import IMPACTS

from .llm.server import good, serving

pytestmark = pytest.mark.usefixtures("installed")


def proggen(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "proggen", *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, recordings: Path, plugin: Path) -> Path:
    """A folder in which `proggen run test/box --name one` has run."""
    folder = tmp_path_factory.mktemp("home")
    root = Path(__file__).parent.parent
    path = f"{plugin}{os.pathsep}{root}"
    done = proggen(
        "run", "test/box", "--name", "one", "--recordings", str(recordings), cwd=folder, PYTHONPATH=path
    )
    assert done.returncode == 0, done.stderr
    assert "state.box.x" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert "episodes: 6/6" in done.stderr
    return folder


def test_list_names_the_benchmarks_and_installed_ones(home: Path) -> None:
    done = proggen("list", "benchmarks", cwd=home)
    names = [line.split()[0] for line in done.stdout.splitlines()[1:]]
    assert names == [
        "phyworld/uniform_motion", "phyworld/parabola", "phyworld/collision", "cartpole/push",
        "cartpole/actions", "test/box",
    ]  # fmt: skip


def test_list_runs_and_show(home: Path) -> None:
    assert "one" in proggen("list", "runs", cwd=home).stdout
    shown = proggen("show", "one", cwd=home).stdout
    assert "drag" in shown
    assert "in-0100" in shown


def test_explain_splits_an_error_in_words_and_numbers(home: Path) -> None:
    done = proggen("explain", "one", "test/box/in-0101", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "Perception: from the true state" in done.stdout
    assert "drag" in done.stdout
    start = next(line for line in done.stdout.splitlines() if line.startswith("box.vx "))
    states = json.loads((home / "runs/one/test/box/episodes/in-0101/states.json").read_text())
    assert float(start.split()[2]) == pytest.approx(states["truth"]["values"][2][2], rel=1e-4)
    assert "No row for the benchmark's own physics" in done.stdout


def test_show_json_is_the_summary(home: Path) -> None:
    shown = json.loads(proggen("show", "one", "--json", cwd=home).stdout)
    assert shown == json.loads((home / "runs/one/summary.json").read_text())


def test_counterfactual_and_verify(home: Path) -> None:
    done = proggen("counterfactual", "one", "in-0101", "--set", "drag=0", cwd=home)
    assert done.returncode == 0, done.stderr
    assert (home / "runs/one/test/box/episodes/in-0101/counterfactuals/drag-set-0").is_dir()
    checked = proggen("verify", "one", "--quiet", cwd=home)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "no difference" in checked.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "no/such"], 2, "phyworld/collision"),
        (["run", "test/box", "--episodes", "few"], 2, "neither a number"),
        (["run", "test/box", "--episodes", "0"], 2, "at least 1"),
        (["run", "test/box", "--llm", "gpt"], 2, "openai:MODEL"),
        (["run", "test/box", "--data", "missing.hdf5"], 2, "missing.hdf5"),
        (["run-all", "--data", "x.hdf5"], 2, "one benchmark"),
        (["run", "test/box", "--recordings", "nowhere"], 1, "proggen record test/box"),
        (["show", "missing"], 1, "no run at"),
        (["counterfactual", "one", "in-0101", "--set", "mass=1"], 2, "drag"),
        (["counterfactual", "one", "in-0101", "--set", "drag"], 2, "NAME=VALUE"),
        (["explain", "one", "zz"], 2, "BENCHMARK/ID"),
        (["counterfactual", "one", "zz", "--set", "drag=1"], 2, "BENCHMARK/ID"),
        (["record", "test/box", "--llm", "recorded"], 2, "live model"),
        (["export", "cartpole/push", "x.hdf5"], 2, "published file layout"),
        (["export", "phyworld/collision", "x.hdf5", "--impacts", "sticky"], 2, "box2d-default"),
        (["run", "test/box", "--impacts", "sticky"], 2, "box2d-default"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_errors_are_one_sentence_with_the_right_code(
    home: Path, arguments: list[str], code: int, message: str
) -> None:
    done = proggen(*arguments, cwd=home)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_live_model_without_key_says_so(home: Path) -> None:
    done = proggen("run", "test/box", "--llm", "openai:m", cwd=home, OPENAI_API_KEY="")
    assert done.returncode == 1
    assert "OPENAI_API_KEY" in done.stderr


def test_quiet_says_only_the_results(tmp_path: Path, recordings: Path) -> None:
    done = proggen("run", "test/box", "--quiet", "--recordings", str(recordings), cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""


def test_interrupt_is_130_and_the_run_goes_on(tmp_path: Path, home: Path, recordings: Path) -> None:
    command = ["run", "test/box", "--name", "two", "--recordings", str(recordings)]
    # a shell's job in the background ignores interrupts, and so would all that it starts
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    first = subprocess.Popen(
        [sys.executable, "-m", "proggen", *command], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    signal.signal(signal.SIGINT, before)
    while not (tmp_path / "runs/two/run.json").exists() and first.poll() is None:
        time.sleep(0.01)
    first.send_signal(signal.SIGINT)
    _, errors = first.communicate()
    assert first.returncode == 130
    assert "Traceback" not in errors
    assert not list((tmp_path / "runs").rglob(".*"))
    assert proggen(*command, cwd=tmp_path).returncode == 0
    numbers = [(d / "summary.json").read_text() for d in (tmp_path / "runs/two", home / "runs/one")]
    assert numbers[0] == numbers[1]


def test_killed_run_goes_on(tmp_path: Path, home: Path, recordings: Path) -> None:
    command = ["run", "test/box", "--name", "three", "--recordings", str(recordings)]
    first = subprocess.Popen(
        [sys.executable, "-m", "proggen", *command], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    episodes = tmp_path / "runs/three/test/box/episodes"
    while not (episodes.is_dir() and list(episodes.glob("*/episode.json"))) and first.poll() is None:
        time.sleep(0.01)
    first.kill()
    first.wait()
    assert proggen(*command, cwd=tmp_path).returncode == 0
    assert not list((tmp_path / "runs").rglob(".*"))
    numbers = [(d / "summary.json").read_text() for d in (tmp_path / "runs/three", home / "runs/one")]
    assert numbers[0] == numbers[1]


def test_export_writes_the_published_layout(tmp_path: Path) -> None:
    done = proggen("export", "phyworld/collision", "out.hdf5", "--episodes", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "out.hdf5") as file:
        assert set(file) == {"video_streams", "position_streams", "init_streams"}
        assert file["position_streams/00000"].shape == (2, 32, 2, 2)


def test_export_has_the_impacts_that_were_asked_for(tmp_path: Path) -> None:
    """One of five episodes closes at 1 u/s or less and hits."""
    growing = {}
    for impacts in IMPACTS:
        options = ("--impacts", impacts, "--episodes", "5")
        done = proggen("export", "phyworld/collision", "out.hdf5", *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        with h5py.File(tmp_path / "out.hdf5") as file:
            closing = file["init_streams/00000"][:, 2:].sum(axis=1)
            last = np.diff(file["position_streams/00000"][:, -2:, :, 0], axis=1)[:, 0] / 0.1
            growing[impacts] = (last[:, 1] - last[:, 0])[(closing > 0) & (closing <= 1)]
    assert (growing["elastic"] > 0.2).sum() == 1
    assert (growing["box2d-default"] > 0.2).sum() == 0


def test_doctor_tells_isolation_and_never_the_key(tmp_path: Path) -> None:
    with serving(good()) as endpoint:
        done = proggen("doctor", cwd=tmp_path, OPENAI_API_KEY="sk-very-secret", OPENAI_BASE_URL=endpoint.url)
    assert "answers with 1 models: served-1" in done.stdout
    assert "sandbox level" in done.stdout
    assert "ffmpeg" in done.stdout
    assert "secret" not in done.stdout + done.stderr
