"""Files in the right layout whose numbers mean something else: real files, each with one mix-up."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from proggen.benchmarks import DataOptions, Episode
from proggen.benchmarks.phyworld import Collision, Parabola, UniformMotion, export
from proggen.benchmarks.phyworld.episodes import GeneratedEpisodes
from proggen.benchmarks.phyworld.scenes import UNIFORM_MOTION, evaluation_scenes
from proggen.benchmarks.video import decode, encode, probe
from proggen.errors import DataError

Change = Callable[[h5py.File], None]
ROWS = 8


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Eight evaluation episodes of each scenario, as the project exports them."""
    folder = tmp_path_factory.mktemp("files")
    found = {}
    for kind in (UniformMotion(), Parabola(), Collision()):
        source = kind.evaluation(DataOptions())
        keys = [source.keys[i] for i in np.linspace(0, len(source.keys) - 1, ROWS).astype(int)]
        found[kind.scenario.name] = folder / f"{kind.scenario.name}.hdf5"
        export(found[kind.scenario.name], (source.load(k) for k in keys))
    return found


def changed(path: Path, folder: Path, change: Change) -> Path:
    copy = folder / path.name
    copy.write_bytes(path.read_bytes())
    with h5py.File(copy, "r+") as file:
        change(file)
    return copy


def ffmpeg(source: Path, *arguments: str) -> bytes:
    target = source.with_name("out.mp4")
    command = [get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(source), *arguments, str(target)]
    subprocess.run(command, check=True)
    return target.read_bytes()


def positions(change: Callable[[np.ndarray], np.ndarray]) -> Change:
    def apply(file: h5py.File) -> None:
        data = file["position_streams/00000"]
        data[...] = change(data[()])

    return apply


def inits(order: list[int]) -> Change:
    def apply(file: h5py.File) -> None:
        data = file["init_streams/00000"]
        data[...] = data[()][:, order]

    return apply


def videos(change: Callable[[list[bytes]], list[bytes]]) -> Change:
    def apply(file: h5py.File) -> None:
        data = file["video_streams/00000"]
        for i, mp4 in enumerate(change([v.tobytes() for v in data])):
            data[i] = np.frombuffer(mp4, np.uint8)

    return apply


def swapped(mp4: bytes) -> bytes:
    return encode(decode(mp4)[..., ::-1], 10.0)


def upside_down(data: np.ndarray) -> np.ndarray:
    flipped = data.copy()
    flipped[..., 1] = 10 - flipped[..., 1]
    return flipped


@pytest.mark.parametrize("kind", [UniformMotion, Parabola, Collision])
def test_exported_files_pass(files: dict[str, Path], kind: type[UniformMotion]) -> None:
    source = kind().evaluation(DataOptions(data=files[kind.scenario.name]))
    assert list(source.problems) == []
    assert source.left_out == ""


@pytest.mark.parametrize(
    ("given", "kind", "reason"),
    [
        ("parabola", UniformMotion, "8 of its 8 rows do not fit.*the ball falls: is this a file of parabola"),
        ("uniform_motion", Parabola, "the ball does not fall: is this a file of uniform_motion"),
        ("collision", UniformMotion, "where phyworld/uniform_motion needs numbers"),
        ("collision", Parabola, "where phyworld/parabola needs numbers"),
        ("uniform_motion", Collision, "where phyworld/collision needs numbers"),
        ("parabola", Collision, "where phyworld/collision needs numbers"),
    ],
)
def test_no_scenario_passes_for_another(
    files: dict[str, Path], given: str, kind: type[UniformMotion], reason: str
) -> None:
    with pytest.raises(DataError, match=reason):
        kind().evaluation(DataOptions(data=files[given]))


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        (UniformMotion, inits([1, 0]), "columns look like v, r, where r, v is right"),
        (Collision, inits([2, 3, 0, 1]), "columns look like v1, v2, r1, r2, where r1, r2, v1, v2 is right"),
        (Collision, inits([0, 2, 1, 3]), "columns look like r1, v1, r2, v2|the init row says"),
        (Parabola, inits([1, 0]), "columns look like v, r, where r, v is right"),
        (Parabola, positions(lambda p: p / 10), "the ball accelerates by -0.25 units/s"),
        (Collision, videos(lambda v: [v[i] for i in (3, 0, 6, 1, 7, 2, 4, 5)]), "the video shows"),
        (Parabola, videos(lambda v: [encode(decode(m), 25.0) for m in v]), "25 frames per second"),
        (Collision, positions(lambda p: p * 25.5), "outside the field of 0 to 10 units"),
        (Collision, positions(lambda p: p / 10), "the positions move at"),
        (UniformMotion, positions(lambda p: p / 10), "the positions move at|a radius of|at .* units"),
        (Parabola, positions(upside_down), "the ball falls upwards: y must count upwards"),
        (Collision, positions(upside_down), "upside down: y must count upwards"),
        (Collision, videos(lambda v: v[1:] + v[:1]), "shows the scene of row 1: videos and positions"),
        (UniformMotion, videos(lambda v: v[1:] + v[:1]), "shows the scene of row"),
        (Collision, videos(lambda v: [swapped(m) for m in v]), "the balls' colours exchanged"),
        (
            UniformMotion,
            videos(lambda v: [encode(np.zeros((32, 256, 256, 3), np.uint8), 10.0)] * len(v)),
            "shows no ball of pure red or blue",
        ),
        (
            Collision,
            videos(lambda v: [encode(decode(m), 24.0) for m in v]),
            "24 frames per second, where 10 is right",
        ),
    ],
)
def test_a_mixed_up_file_is_refused_in_one_sentence(
    files: dict[str, Path], tmp_path: Path, kind: type[UniformMotion], change: Change, reason: str
) -> None:
    path = changed(files[kind.scenario.name], tmp_path, change)
    with pytest.raises(DataError, match=reason) as refused:
        kind().evaluation(DataOptions(data=path))
    assert "\n" not in str(refused.value)


def test_a_radius_that_the_pictures_do_not_show_is_refused(files: dict[str, Path], tmp_path: Path) -> None:
    def larger(file: h5py.File) -> None:
        file["init_streams/00000"][:, 0] *= 1.4

    path = changed(files["uniform_motion"], tmp_path, larger)
    with pytest.raises(DataError, match=r"shows a radius of .* units, the init row says"):
        UniformMotion().evaluation(DataOptions(data=path))


def test_one_row_that_means_something_else_costs_only_itself(files: dict[str, Path], tmp_path: Path) -> None:
    def one(file: h5py.File) -> None:
        file["init_streams/00000"][3, 2] += 1.0

    source = Collision().evaluation(DataOptions(data=changed(files["collision"], tmp_path, one)))
    assert len(source.keys) == ROWS - 1
    (problem,) = source.problems
    assert "row 3: the init row says" in problem
    assert source.left_out.startswith(
        "collision.hdf5: 1 of 8 rows left out (first: collision.hdf5, group 00000, row 3"
    )


def test_a_lost_group_is_told_too(files: dict[str, Path], tmp_path: Path) -> None:
    def second_group(file: h5py.File) -> None:
        for stream in ("video_streams", "position_streams", "init_streams"):
            file.copy(f"{stream}/00000", f"{stream}/00001")
        del file["position_streams/00001"]

    source = Collision().evaluation(DataOptions(data=changed(files["collision"], tmp_path, second_group)))
    assert source.left_out.startswith(
        "collision.hdf5: 1 group left out (first: collision.hdf5, group 00001: "
    )


def test_a_video_of_another_scene_is_told_when_it_is_loaded(files: dict[str, Path], tmp_path: Path) -> None:
    path = changed(files["collision"], tmp_path, videos(lambda v: [*v[:1], v[2], *v[2:]]))
    source = Collision().evaluation(DataOptions(data=path))
    with pytest.raises(DataError, match="row 1: the video shows the scene of row 2"):
        source.load(source.keys[1])
    source.load(source.keys[2])


def test_rows_that_are_not_scored_are_counted(tmp_path: Path) -> None:
    scenes = evaluation_scenes(UNIFORM_MOTION, 42)
    mixed = [s for s in scenes if s.init[0] < 0.6][:3] + [s for s in scenes if s.init[0] >= 0.6][:2]
    source = GeneratedEpisodes(UNIFORM_MOTION, mixed, DataOptions(), training=True)
    path = tmp_path / "mixed.hdf5"
    export(path, (source.load(k) for k in source.keys))
    found = UniformMotion().evaluation(DataOptions(data=path))
    assert len(found.keys) == 2
    assert found.left_out == "mixed.hdf5: 3 labelled invalid, which PhyWorld does not score"


def test_an_evaluation_file_to_learn_from_is_told(files: dict[str, Path]) -> None:
    source = UniformMotion().training(DataOptions(train_data=files["uniform_motion"]))
    assert "lie outside the training ranges: is this an evaluation file?" in source.left_out
    assert source.problems == [source.left_out.partition(": ")[2]]


def test_a_training_file_to_evaluate_on_is_told(tmp_path: Path) -> None:
    source = UniformMotion().training(DataOptions())
    path = tmp_path / "train.hdf5"
    export(path, (source.load(k) for k in source.keys[:50]))
    found = UniformMotion().evaluation(DataOptions(data=path))
    assert "is this a training file?" in found.left_out


def test_a_sound_track_does_not_hide_the_video(collisions: list[Episode], tmp_path: Path) -> None:
    silent = tmp_path / "silent.mp4"
    assert collisions[0].video is not None
    silent.write_bytes(collisions[0].video)
    sound = ["-f", "lavfi", "-i", "sine=duration=3.2", "-c:v", "copy", "-c:a", "aac", "-shortest"]
    mp4 = ffmpeg(silent, *sound)
    assert probe(mp4)[:3] == (32, 256, 256)
    assert (decode(mp4) == collisions[0].clip.frames).all()


def test_a_folder_or_a_video_given_as_file_is_told(tmp_path: Path, collisions: list[Episode]) -> None:
    with pytest.raises(DataError, match="is a folder: name the HDF5 file in it"):
        Collision().evaluation(DataOptions(data=tmp_path))
    mp4 = tmp_path / "clip.hdf5"
    assert collisions[0].video is not None
    mp4.write_bytes(collisions[0].video)
    with pytest.raises(DataError, match=r"clip\.hdf5 is a single MP4 video"):
        Collision().evaluation(DataOptions(data=mp4))
