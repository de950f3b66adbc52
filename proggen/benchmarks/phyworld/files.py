"""PhyWorld's published HDF5 layout: reading it, damaged rows and all, and writing it.

    video_streams/00000      (n,) variable-length uint8: MP4 bytes; n is at most 1000
    position_streams/00000   float64 (n, 32, 2), or (n, 32, 2, 2) for two balls: frame, ball, x and y, u
    init_streams/00000       float64 (n, 2): r, v; or (n, 4): r1, r2, v1, v2
    .../00001 ...            the next groups

An episode's id is its group and row, "00001-0012". An exported selection is packed without gaps, as other
readers expect; so that its episodes keep their ids, they stand in the attribute `episode_ids` of the init
rows, which other readers do not notice.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from ...errors import DataError, UsageError
from .. import video
from ..base import Episode, EpisodeKey, Impacts
from .drawing import SIZE
from .episodes import TRAIN, PhyWorldEpisode, ball_names, make_episode
from .meaning import number_fault, picture_fault
from .scenes import FPS, GROUP_SIZE, INVALID, N_FRAMES, SCENARIOS, Combination, Scenario

STREAMS = ("video_streams", "position_streams", "init_streams")
_IDS = "episode_ids"
_SIGNATURE = b"\x89HDF\r\n\x1a\n"  # of an HDF5 file without a user block
_GROUP_NAME = re.compile(r"[0-9]{5,9}")
_EPISODE_ID = re.compile(r"[0-9]{5,9}-[0-9]{4,9}")
_H5_ERRORS = (OSError, RuntimeError, KeyError, ValueError, TypeError)  # what h5py raises on damage
_LOOKED_AT = 5  # rows whose pictures are compared with their numbers when a file is opened
_NEAR = 2  # rows on either side whose scene a video may show instead
_MANY = 50  # evaluation rows among which some should lie outside the training ranges
_MAX_ROWS = 100_000  # of a group; a damaged size must not exhaust the memory


class _MeaningError(DataError):
    """A row's numbers or video mean something else."""


class _PictureError(_MeaningError):
    """A row's video shows something else than its numbers say."""


@dataclass(frozen=True)
class _Row:
    """Where an episode stands, and its init row."""

    group: str
    row: int
    init: Combination


@dataclass
class _Group:
    """The datasets of one group, checked to belong together."""

    name: str
    videos: Any
    positions: NDArray[np.float64]
    inits: NDArray[np.float64]
    ids: list[str] = field(default_factory=list)


class PublishedFile:
    """Episodes of a file in the published layout.

    Every row is checked when the file is opened, as far as that goes without decoding its video: finite
    numbers that mean what they should (see `meaning`), a complete MP4, 32 frames of 256 x 256 at 10 a second.
    A row that fails is left out and named in `problems`; the pictures are compared with the numbers in a few
    rows spread over the file, and in every row that is loaded. DataError if the file is no such file, belongs
    to another scenario, means something else in most of its rows, or has no usable row.
    """

    def __init__(
        self,
        path: Path,
        scenario: Scenario,
        *,
        training: bool,
        at_least: int | None = None,
        impacts: Impacts = "elastic",
    ) -> None:
        """`training`: all rows are clips to learn from; else rows get labels and invalid ones are dropped.

        `impacts`: how the file's balls collide; it holds positions and cannot say.
        `at_least`: read no further groups once so many rows are known; the big training files have millions.
        """
        self._keys: list[EpisodeKey] = []
        self._path = path
        self._scenario = scenario
        self._impacts = impacts
        self._training = training
        self._rows: dict[str, _Row] = {}
        self._labels: dict[str, int] = {}
        self._misfits: list[str] = []  # why rows do not mean what they should
        self._count = 0  # rows of the groups that could be read
        self._row_problems: list[str] = []
        self._group_problems: list[str] = []
        with _open(path) as file:
            for name in _group_names(file, path):
                self._read_group(file, name)
                if at_least is not None and len(self._keys) >= at_least:
                    break
        if len(self._misfits) > self._count / 2:
            raise DataError(
                f"{path.name} can't be used as phyworld/{scenario.name}: {len(self._misfits)} of its "
                f"{self._count} rows do not fit; {self._misfits[0]}."
            )
        if not self._keys:
            problems = [*self._group_problems, *self._row_problems]
            reason = problems[0] if problems else "none of its rows is scored."
            raise DataError(f"Nothing in {path.name} can be used as phyworld/{scenario.name}: {reason}")
        self._compare_pictures()
        self.keys: Sequence[EpisodeKey] = self._keys
        self.problems: Sequence[str] = [*self._group_problems, *self._row_problems, *self._range_remarks()]
        self.left_out = self._left_out()

    def _left_out(self) -> str:
        parts = []
        if self._group_problems:
            parts.append(
                f"{_counted(len(self._group_problems), 'group')} left out (first: {self._group_problems[0]})"
            )
        if self._row_problems:
            rows = f"{len(self._row_problems)} of {_counted(self._count, 'row')}"
            parts.append(f"{rows} left out (first: {self._row_problems[0]})")
        invalid = self._labels.get(INVALID, 0)
        if invalid and not self._training:
            parts.append(f"{invalid} labelled invalid, which PhyWorld does not score")
        parts += self._range_remarks()
        return f"{self._path.name}: {'; '.join(parts)}" if parts else ""

    def _compare_pictures(self) -> None:
        """Decodes a few rows, spread over the file; DataError if most of them show something else."""
        chosen = np.linspace(0, len(self._keys) - 1, _LOOKED_AT).astype(int)
        faults, compared = [], 0
        for key in dict.fromkeys(self._keys[i] for i in chosen):
            try:
                self.load(key)
            except _PictureError as error:
                faults.append(str(error))
            except DataError:
                continue  # a damaged video is that episode's own loss
            compared += 1
        if len(faults) > compared / 2:
            raise DataError(
                f"{self._path.name} can't be used as phyworld/{self._scenario.name}: {faults[0]}."
            )

    def _range_remarks(self) -> list[str]:
        """Whether the file looks like the other kind: to learn from, or to evaluate on."""
        labels = {n: c for n, c in self._labels.items() if n != INVALID}
        outside = sum(labels.values()) - labels.get("in", 0)
        if self._training and outside > 0.1 * sum(labels.values()):
            return [f"{outside} training rows lie outside the training ranges: is this an evaluation file?"]
        if not self._training and not outside and len(self._rows) >= _MANY:
            return ["no row lies outside the training ranges: is this a training file?"]
        return []

    def load(self, key: EpisodeKey) -> PhyWorldEpisode:
        """DataError, naming file, group and row, if the row's video turns out to be damaged."""
        row = self._rows.get(key.id)
        if row is None:
            raise UsageError(f"There is no usable episode {key.id!r} in {self._path.name}.")
        try:
            with _open(self._path) as file:
                mp4 = file["video_streams"][row.group][row.row].tobytes()
                positions = self._positions(file, row)
                frames = video.decode(mp4)
                fault = picture_fault(self._scenario, row.init, positions, frames, self._others(file, row))
            if fault:
                raise _PictureError(f"{self._where(row.group, row.row)}: {fault}")
        except _PictureError:
            raise
        except (DataError, *_H5_ERRORS) as error:
            where = self._where(row.group, row.row)
            raise DataError(f"{where}: {_text(error)}; leave this episode out.") from error
        return make_episode(
            self._scenario,
            key,
            init=row.init,
            positions=positions,
            frames=frames,
            mp4=mp4,
            impacts=self._impacts,
        )

    def _positions(self, file: h5py.File, row: _Row) -> NDArray[np.float64]:
        stored = np.asarray(file["position_streams"][row.group][row.row], dtype=np.float64)
        return stored.reshape(N_FRAMES, self._scenario.n_balls, 2)

    def _others(self, file: h5py.File, row: _Row) -> Iterator[tuple[str, NDArray[np.float64]]]:
        """The rows around one, whose scene its video may show."""
        near = range(max(0, row.row - _NEAR), row.row + _NEAR + 1)
        for other in (r for r in self._rows.values() if r.group == row.group and r.row in near):
            if other is not row:
                yield f"row {other.row}", self._positions(file, other)

    def _read_group(self, file: h5py.File, name: str) -> None:
        try:
            group = _load_group(file, name, self._scenario)
        except (DataError, *_H5_ERRORS) as error:
            self._group_problems.append(f"{self._where(name)}: {_text(error)}; the group is left out.")
            return
        self._count += len(group.inits)
        for row in range(len(group.inits)):
            try:
                self._add(group, row)
            except _MeaningError as error:
                self._misfits.append(f"{self._where(name, row)}: {error}")
                self._row_problems.append(f"{self._misfits[-1]}; the row is left out.")
            except (DataError, *_H5_ERRORS) as error:
                self._row_problems.append(f"{self._where(name, row)}: {_text(error)}; the row is left out.")

    def _add(self, group: _Group, row: int) -> None:
        init = tuple(group.inits[row].tolist())
        positions = group.positions[row].reshape(N_FRAMES, self._scenario.n_balls, 2)
        _check_numbers(self._scenario, init, positions)
        _check_video(group.videos[row].tobytes())
        if fault := number_fault(self._scenario, init, positions):
            raise _MeaningError(fault)
        episode_id = group.ids[row] if group.ids else f"{group.name}-{row:04d}"
        if episode_id in self._rows:
            raise DataError(f"the id {episode_id} is there twice")
        self._rows[episode_id] = _Row(group.name, row, init)
        label = self._scenario.label(init)
        self._labels[label] = self._labels.get(label, 0) + 1
        if self._training or label != INVALID:
            self._keys.append(EpisodeKey(episode_id, TRAIN if self._training else label))

    def _where(self, group: str, row: int | None = None) -> str:
        place = f"{self._path.name}, group {group}"
        return place if row is None else f"{place}, row {row}"


def _open(path: Path) -> h5py.File:
    if path.is_dir():
        raise DataError(f"{path} is a folder: name the HDF5 file in it.")
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    with path.open("rb") as raw:
        start = raw.read(12)
    if start[4:8] == b"ftyp":
        raise DataError(f"{path.name} is a single MP4 video: --data takes PhyWorld's HDF5 file of videos.")
    try:
        return h5py.File(path, "r")
    except OSError as error:
        if not start.startswith(_SIGNATURE):
            raise DataError(f"{path.name} is no HDF5 file: --data takes PhyWorld's HDF5 files.") from error
        reason = f"{path.name} is damaged ({_text(error)})"
        raise DataError(f"{reason}; get it again.") from error


def _group_names(file: h5py.File, path: Path) -> list[str]:
    try:
        missing = [s for s in STREAMS if not isinstance(file.get(s), h5py.Group)]
        names = set() if missing else set().union(*(file[s].keys() for s in STREAMS))
    except _H5_ERRORS as error:
        raise DataError(f"{path.name} is damaged ({_text(error)}); get it again.") from error
    if missing:
        raise DataError(f"{path.name} is no PhyWorld file: it has no group {', '.join(missing)}.")
    return sorted(names)


def _load_group(file: h5py.File, name: str, scenario: Scenario) -> _Group:
    """The group's datasets; DataError if they do not belong together or to this scenario."""
    if not _GROUP_NAME.fullmatch(name):
        raise DataError("a group's name must be five digits")
    videos, positions, inits = (_dataset(file, stream, name) for stream in STREAMS)
    n_rows = inits.shape[0] if inits.shape else 0
    if n_rows > _MAX_ROWS:
        raise DataError(f"it claims to have {n_rows} rows")
    _check_shape("init_streams", inits, (n_rows, len(scenario.init_names)), scenario)
    balls = () if scenario.n_balls == 1 else (scenario.n_balls,)
    _check_shape("position_streams", positions, (n_rows, N_FRAMES, *balls, 2), scenario)
    if videos.shape != (n_rows,) or h5py.check_vlen_dtype(videos.dtype) != np.uint8:
        raise DataError(f"video_streams must hold {n_rows} rows of bytes, not {videos.dtype} {videos.shape}")
    group = _Group(name, videos, np.asarray(positions[()], float), np.asarray(inits[()], float))
    group.ids = _stored_ids(inits, n_rows)
    return group


def _dataset(file: h5py.File, stream: str, name: str) -> h5py.Dataset:
    dataset = file[stream].get(name)
    if not isinstance(dataset, h5py.Dataset):
        raise DataError(f"{stream} does not have it")
    return dataset


def _check_shape(stream: str, dataset: h5py.Dataset, shape: tuple[int, ...], scenario: Scenario) -> None:
    if dataset.shape != shape or dataset.dtype.kind not in "fiu":
        raise DataError(
            f"{stream} holds {dataset.dtype} {dataset.shape}, "
            f"where phyworld/{scenario.name} needs numbers {shape}"
        )


def _stored_ids(inits: h5py.Dataset, n_rows: int) -> list[str]:
    """Ids written by `export`; none in other files."""
    if _IDS not in inits.attrs:
        return []
    ids = [i.decode(errors="replace") if isinstance(i, bytes) else str(i) for i in inits.attrs[_IDS]]
    if len(ids) != n_rows or not all(_EPISODE_ID.fullmatch(i) for i in ids):
        raise DataError(f"its attribute {_IDS} does not hold an id for each row")
    return ids


def _check_numbers(scenario: Scenario, init: Combination, positions: NDArray[np.float64]) -> None:
    if not np.isfinite(init).all():
        raise DataError("the init row holds NaN or infinity")
    if min(scenario.radii(init)) <= 0:
        raise DataError("the init row holds a radius that is not positive")
    if not np.isfinite(positions).all():
        raise DataError("the positions hold NaN or infinity")


def _check_video(mp4: bytes) -> None:
    found = video.probe(mp4)
    if found[:3] != (N_FRAMES, SIZE, SIZE):
        expected = f"{N_FRAMES} frames {SIZE}x{SIZE}"
        raise DataError(f"the video has {found.n_frames} frames {found.width}x{found.height}, not {expected}")
    if abs(found.fps / FPS - 1) > 0.01:
        raise _MeaningError(f"the video has {found.fps:.4g} frames per second, where {FPS:g} is right")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _text(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__


# --- writing ---------------------------------------------------------------------------------------------


class _Stored(NamedTuple):
    """A row as it is written; positions (32, 2) or (32, 2, 2)."""

    id: str
    init: Combination
    positions: NDArray[np.float64]
    mp4: bytes


def export(path: Path, episodes: Iterable[Episode]) -> int:
    """Write PhyWorld episodes in the published layout and return their number.

    Rows are packed in the given order into groups of 1000. An episode's own MP4 is written as it is; frames
    that never went through the codec are compressed now. Written whole: under a temporary name in the same
    folder, then renamed. UsageError if there is nothing to write or an episode is not of PhyWorld.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".part", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        with h5py.File(temporary, "w") as file:
            written = _write_groups(file, episodes)
        if not written:
            raise UsageError(f"There are no episodes to write to {path.name}.")
        temporary.chmod(0o644)  # mkstemp lets only the owner read
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return written


def _write_groups(file: h5py.File, episodes: Iterable[Episode]) -> int:
    written = 0
    for stream in STREAMS:
        file.create_group(stream)
    for number, group in enumerate(_batches(episodes)):
        _write_group(file, f"{number:05d}", group)
        written += len(group)
    return written


def _batches(episodes: Iterable[Episode]) -> Iterator[list[_Stored]]:
    """Rows of each group; frames are let go as soon as the next episode is taken."""
    rows = (_row(episode) for episode in episodes)
    while batch := list(islice(rows, GROUP_SIZE)):
        yield batch


def _row(episode: Episode) -> _Stored:
    scenario = _scenario_of(episode)
    init = tuple(episode.attributes[n] for n in scenario.init_names)
    columns = [[episode.truth[f"{ball}.{axis}"] for axis in "xy"] for ball in ball_names(scenario)]
    positions = np.array(columns).transpose(2, 0, 1)  # frame, ball, axis
    mp4 = episode.video if isinstance(episode, PhyWorldEpisode) else None
    stored = positions[:, 0] if scenario.n_balls == 1 else positions
    return _Stored(episode.id, init, stored, mp4 or video.encode(episode.clip.frames, FPS))


def _scenario_of(episode: Episode) -> Scenario:
    for scenario in SCENARIOS:
        if set(episode.attributes) == set(scenario.init_names) and len(episode.clip) == N_FRAMES:
            return scenario
    raise UsageError(f"Episode {episode.id} is not of PhyWorld: its file layout holds PhyWorld's only.")


def _write_group(file: h5py.File, name: str, rows: list[_Stored]) -> None:
    if len({len(row.init) for row in rows}) > 1:
        raise UsageError("One file holds the episodes of one scenario: export each to a file of its own.")
    videos = file.create_dataset(f"video_streams/{name}", (len(rows),), dtype=h5py.vlen_dtype(np.uint8))
    for i, row in enumerate(rows):
        videos[i] = np.frombuffer(row.mp4, np.uint8)
    file.create_dataset(f"position_streams/{name}", data=np.stack([row.positions for row in rows]))
    inits = file.create_dataset(f"init_streams/{name}", data=np.array([row.init for row in rows]))
    inits.attrs[_IDS] = np.array([row.id for row in rows], dtype="S")
