"""Round trips through the published layout, and files that were really damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from proggen.benchmarks import DataOptions, Episode
from proggen.benchmarks.phyworld import Collision, Parabola, UniformMotion, export
from proggen.benchmarks.phyworld.files import PublishedFile
from proggen.errors import DataError, UsageError


def read(path: Path) -> PublishedFile:
    source = Collision().evaluation(DataOptions(data=path))
    assert isinstance(source, PublishedFile)
    return source


def set_video(path: Path, row: int, change: Callable[[bytes], bytes]) -> None:
    with h5py.File(path, "r+") as file:
        videos = file["video_streams/00000"]
        videos[row] = np.frombuffer(change(videos[row].tobytes()), np.uint8)


def set_row(path: Path, stream: str, row: int, value: float) -> None:
    with h5py.File(path, "r+") as file:
        file[f"{stream}/00000"][row] = value


def replace(path: Path, stream: str, data: np.ndarray | None) -> None:
    with h5py.File(path, "r+") as file:
        del file[f"{stream}/00000"]
        if data is not None:
            file[f"{stream}/00000"] = data


def test_what_was_exported_is_read_again(collision_file: Path, collisions: list[Episode]) -> None:
    source = read(collision_file)
    assert [(k.id, k.split) for k in source.keys] == [(e.id, e.split) for e in collisions]
    assert list(source.problems) == []
    for key, before in zip(source.keys, collisions, strict=True):
        after = source.load(key)
        assert after.attributes == before.attributes
        assert after.video == before.video
        assert np.array_equal(after.truth.values, before.truth.values)
        assert np.array_equal(after.clip.frames, before.clip.frames)


def test_a_file_read_and_exported_again_is_the_same(collision_file: Path, tmp_path: Path) -> None:
    source = read(collision_file)
    copy = tmp_path / "copy.hdf5"
    assert export(copy, (source.load(k) for k in source.keys)) == 5
    with h5py.File(collision_file) as a, h5py.File(copy) as b:
        for stream in ("position_streams", "init_streams"):
            assert np.array_equal(a[f"{stream}/00000"][()], b[f"{stream}/00000"][()])
        for x, y in zip(a["video_streams/00000"], b["video_streams/00000"], strict=True):
            assert np.array_equal(x, y)


def test_a_single_ball_goes_round_as_well(tmp_path: Path, throws: list[Episode]) -> None:
    path = tmp_path / "throws.hdf5"
    export(path, throws)
    with h5py.File(path) as file:
        assert file["position_streams/00000"].shape == (3, 32, 2)
        assert file["init_streams/00000"].shape == (3, 2)
    source = Parabola().evaluation(DataOptions(data=path))
    assert np.array_equal(source.load(source.keys[1]).truth.values, throws[1].truth.values)


def test_without_stored_ids_an_id_is_group_and_row(collision_file: Path) -> None:
    """As in files that others wrote."""
    with h5py.File(collision_file, "r+") as file:
        del file["init_streams/00000"].attrs["episode_ids"]
    assert [k.id for k in read(collision_file).keys] == [f"00000-000{i}" for i in range(5)]


def test_lossless_frames_are_compressed_once(tmp_path: Path, collisions: list[Episode]) -> None:
    source = Collision().evaluation(DataOptions(lossless=True))
    path = tmp_path / "lossless.hdf5"
    export(path, [source.load(source.keys[0])])
    again = read(path)
    assert again.load(again.keys[0]).video == collisions[0].video


def test_training_rows_are_not_labelled(collision_file: Path) -> None:
    source = Collision().training(DataOptions(train_data=collision_file))
    assert [k.split for k in source.keys] == ["train"] * 5


def test_invalid_rows_are_dropped_without_complaint(collision_file: Path) -> None:
    with h5py.File(collision_file, "r+") as file:
        file["init_streams/00000"][2, 0] = 0.5
    source = read(collision_file)
    assert len(source.keys) == 4
    assert list(source.problems) == []


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda p: set_video(p, 2, lambda mp4: mp4[:-100]), "truncated"),
        (lambda p: set_video(p, 2, lambda mp4: b""), "no MP4"),
        (lambda p: set_video(p, 2, lambda mp4: b"hello"), "ends inside a box"),
        (lambda p: set_row(p, "position_streams", 2, np.nan), "positions"),
        (lambda p: set_row(p, "init_streams", 2, np.inf), "init row"),
        (lambda p: set_row(p, "init_streams", 2, 0.0), "radius"),
    ],
)
def test_one_bad_row_does_not_cost_the_others(
    collision_file: Path, damage: Callable[[Path], None], reason: str
) -> None:
    whole = [k.id for k in read(collision_file).keys]
    damage(collision_file)
    source = read(collision_file)
    assert [k.id for k in source.keys] == whole[:2] + whole[3:]
    (problem,) = source.problems
    assert problem.startswith("collisions.hdf5, group 00000, row 2: ")
    assert reason in problem


def test_a_video_of_another_length_is_left_out(collision_file: Path, collisions: list[Episode]) -> None:
    from proggen.benchmarks.video import encode

    short = encode(collisions[0].clip.frames[:20], 10.0)
    set_video(collision_file, 4, lambda mp4: short)
    (problem,) = read(collision_file).problems
    assert "row 4: the video has 20 frames 256x256, not 32 frames 256x256" in problem


def test_damage_inside_a_video_is_told_when_it_is_loaded(collision_file: Path) -> None:
    def scratch(mp4: bytes) -> bytes:
        start = mp4.index(b"mdat") + 1500
        return mp4[:start] + np.random.default_rng(0).bytes(800) + mp4[start + 800 :]

    set_video(collision_file, 1, scratch)
    source = read(collision_file)
    source.load(source.keys[0])
    with pytest.raises(DataError, match=r"collisions\.hdf5, group 00000, row 1: "):
        source.load(source.keys[1])


def test_one_bad_group_does_not_cost_the_others(tmp_path: Path, collision_file: Path) -> None:
    with h5py.File(collision_file, "r+") as file:
        for stream in ("video_streams", "position_streams", "init_streams"):
            file.copy(f"{stream}/00000", f"{stream}/00001")
        del file["position_streams/00000"]
        del file["init_streams/00001"].attrs["episode_ids"]
    source = read(collision_file)
    assert [k.id for k in source.keys] == [f"00001-000{i}" for i in range(5)]
    assert list(source.problems) == [
        "collisions.hdf5, group 00000: position_streams does not have it; the group is left out."
    ]


@pytest.mark.parametrize(
    ("stream", "data", "reason"),
    [
        ("init_streams", None, "init_streams does not have it"),
        ("init_streams", np.zeros((5, 3)), r"init_streams holds float64 \(5, 3\)"),
        ("init_streams", np.zeros((4, 4)), r"position_streams holds .* needs numbers \(4, 32, 2, 2\)"),
        ("position_streams", np.zeros((5, 31, 2, 2)), r"\(5, 31, 2, 2\)"),
        ("position_streams", np.array([b"x"] * 5), "position_streams holds"),
        ("video_streams", np.zeros(5), "video_streams must hold 5 rows of bytes"),
    ],
)
def test_datasets_that_do_not_fit_are_told(
    collision_file: Path, stream: str, data: np.ndarray | None, reason: str
) -> None:
    replace(collision_file, stream, data)
    with pytest.raises(DataError, match=f"collisions.hdf5, group 00000: .*{reason}"):
        read(collision_file)


def test_a_file_of_another_scenario_is_told(collision_file: Path) -> None:
    with pytest.raises(DataError, match="phyworld/uniform_motion"):
        UniformMotion().evaluation(DataOptions(data=collision_file))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file .*nowhere\.hdf5"):
        read(tmp_path / "nowhere.hdf5")


def test_a_file_of_another_kind_is_told(tmp_path: Path) -> None:
    path = tmp_path / "notes.hdf5"
    path.write_text("not HDF5 at all\n" * 100)
    with pytest.raises(DataError, match=r"notes\.hdf5 is no HDF5 file"):
        read(path)


def test_a_foreign_hdf5_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "foreign.hdf5"
    with h5py.File(path, "w") as file:
        file["weights"] = np.zeros(3)
    with pytest.raises(DataError, match=r"foreign\.hdf5 is no PhyWorld file.*video_streams"):
        read(path)


@pytest.mark.parametrize("part", [0.05, 0.5, 0.95])
def test_a_truncated_file_is_told(collision_file: Path, part: float) -> None:
    whole = collision_file.read_bytes()
    collision_file.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(DataError, match=r"collisions\.hdf5"):
        read(collision_file)


def test_unsafe_stored_ids_are_refused(collision_file: Path) -> None:
    with h5py.File(collision_file, "r+") as file:
        file["init_streams/00000"].attrs["episode_ids"] = np.array([b"../../etc/x"] * 5)
    with pytest.raises(DataError, match="episode_ids"):
        read(collision_file)


def test_repeated_ids_are_left_out(collision_file: Path) -> None:
    with h5py.File(collision_file, "r+") as file:
        file["init_streams/00000"].attrs["episode_ids"] = np.array([b"00000-0001"] * 5)
    source = read(collision_file)
    assert len(source.keys) == 1
    assert len(source.problems) == 4


def test_an_export_that_fails_leaves_nothing_behind(tmp_path: Path, collisions: list[Episode]) -> None:
    def broken() -> object:
        yield collisions[0]
        raise RuntimeError("stopped")

    path = tmp_path / "out.hdf5"
    path.write_text("kept")
    with pytest.raises(RuntimeError, match="stopped"):
        export(path, broken())
    assert path.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_to_export_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no episodes"):
        export(tmp_path / "out.hdf5", [])


def test_two_scenarios_do_not_go_into_one_file(
    tmp_path: Path, collisions: list[Episode], throws: list[Episode]
) -> None:
    with pytest.raises(UsageError, match="one scenario"):
        export(tmp_path / "out.hdf5", [collisions[0], throws[0]])
