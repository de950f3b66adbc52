"""The page of one episode: its media, its data for the scripts, its downloads, and the page itself."""

from __future__ import annotations

import csv
import io
import shlex
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from ..archive.records import PROGRAMS, CounterfactualRecord, StatesRecord
from ..archive.store import EpisodeRun
from ..evaluation.divergence import departures
from . import budget_view, episode_data, episode_view, media
from .episode_rows import EpisodeRow, note_of
from .output import Note
from .untrusted import Text, shown_code
from .words import slug

if TYPE_CHECKING:
    from .benchmark_pages import BenchmarkPages

SHEETS = ("truth.webp", "prediction.webp", "thumbnail.webp")
GIFS = ("truth.gif", "prediction.gif", "comparison.gif")
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the same bytes from the same archive


@dataclass(frozen=True)
class Download:
    label: str
    path: str
    bytes: int


@dataclass(frozen=True)
class ShownCounterfactual:
    """A counterfactual that the run or a person asked for; `parameters` are (name, fitted, changed, unit)."""

    record: CounterfactualRecord
    folder: str  # in the archive
    gif: str | None
    size: tuple[int, int] | None
    parameters: list[tuple[str, float, float, str]]
    command: str


def write(
    part: BenchmarkPages, episode: EpisodeRun, page: str, before: str | None, after: str | None
) -> Note:
    """Write the page and all that lies beside it; returns what lists need to know of it."""
    folder, record = page.removesuffix(".md"), part.lean
    root, found = part.pages.root, episode.counterfactuals()
    present = _copies(episode.path, root / folder)
    asked = [_asked(part, episode, folder, path, c) for path, c in found]
    swept = _counterfactual_script(part, episode, folder, [c for _, c in found])
    main, of_states = episode_view.metric_tables(record, episode)
    states = episode.states if episode_data.has_states(episode) else None
    part.pages.write(
        page, "episode.md.j2", title=f"{slug(episode.record.id)} {part.name}", part=part, record=record,
        description=f"Episode {slug(episode.record.id)} of {part.name}: true, predicted and differing frames.",
        episode=episode.record, folder=folder, present=present, main=main, of_states=of_states,
        facts=episode_view.facts(record, (main, of_states)),
        before=before, after=after, data=episode_data.page_data(record, episode, folder.rpartition("/")[2]),
        embedded=episode_data.embedded, states=states is not None,
        departures=departures(record, states, episode.over_time()) if states else None,
        constants=episode_view.constants(record, states) if states else [],
        programs={n: part.benchmark.program(n).count("\n") + 1 for n in PROGRAMS},
        budgets=budget_view.episode_budgets(record, episode.record),
        starts=budget_view.start_rows(record, states) if states else [],
        asked=asked, swept=swept, downloads=_downloads(part, episode, folder, present),
        command=part.command(), verify=_derive_again(part, episode), search=False, hide=("navigation",),
    )  # fmt: skip
    size = _size(episode.path / "thumbnail.webp")
    row = EpisodeRow(episode, page, f"{folder}/thumbnail.webp" if size else None, size or (0, 0), [])
    return note_of(row, [(c.folder, c.gif) for c in asked if c.gif])


def _copies(source: Path, target: Path) -> list[str]:
    """Copies the pictures an episode has; their names."""
    sweeps = sorted(p.name for p in source.glob("sweep-*.webp"))
    present = [name for name in (*SHEETS, *GIFS, *sweeps) if (source / name).exists()]
    for name in present:
        media.copy(source / name, target / name)
    return present


def _size(picture: Path) -> tuple[int, int] | None:
    try:
        with Image.open(picture) as image:
            return image.size
    except (OSError, UnidentifiedImageError):
        return None


def _asked(
    part: BenchmarkPages, episode: EpisodeRun, folder: str, source: Path, found: CounterfactualRecord
) -> ShownCounterfactual:
    gif = f"{folder}/{slug(found.slug)}.gif"
    size = _size(source / "counterfactual.gif")
    if size:
        target = media.copy(source / "counterfactual.gif", part.pages.root / gif)
        media.still(target, target.with_suffix(".png"))
    fitted = {p.name: p for p in part.record.fit.parameters}
    changed = [
        (n, fitted[n].value, v, fitted[n].unit)
        for n, v in found.parameters.items()
        if n in fitted and v != fitted[n].value
    ]
    changes = [word for c in found.changes for word in ("--set", c.text())]
    command = ["proggen", "counterfactual", part.run.name, _name(part, episode), *changes]
    return ShownCounterfactual(found, source.name, gif if size else None, size, changed, shlex.join(command))


def _derive_again(part: BenchmarkPages, episode: EpisodeRun) -> str:
    """The command line that derives one episode again from its run's archive."""
    return shlex.join(["proggen", "verify", part.run.name, _name(part, episode)])


def _name(part: BenchmarkPages, episode: EpisodeRun) -> str:
    return f"{part.record.benchmark}/{episode.record.id}"


def _counterfactual_script(
    part: BenchmarkPages, episode: EpisodeRun, folder: str, asked: list[CounterfactualRecord]
) -> bool:
    """Writes the data of the counterfactuals beside the page; whether there are sliders."""
    swept = episode.sweeps()
    if swept or asked:
        data = episode_data.counterfactual_data(part.record, swept, asked, folder.rpartition("/")[2])
        script = episode_data.call("proggenCounterfactuals", data)
        (part.pages.root / folder / "counterfactuals.js").write_text(script, encoding="ascii")
    return swept is not None and bool(swept.sweeps)


def programs_script(part: BenchmarkPages) -> str:
    """The highlighted programs, which the pages of all episodes load when a reader opens one."""
    fit = part.record.fit
    sources = {n: part.benchmark.program(n) for n in PROGRAMS}
    marks = episode_view.parameter_marks(fit)
    texts = {n: Text("code", source, "python") for n, source in sources.items()}
    texts["dynamics"] = Text("code", sources["dynamics"], "python", part.notes, marks)
    return episode_data.call("proggenTexts", {n: shown_code(text) for n, text in texts.items()})


# -- downloads


def _downloads(part: BenchmarkPages, episode: EpisodeRun, folder: str, present: list[str]) -> list[Download]:
    root = part.pages.root
    (root / folder).mkdir(parents=True, exist_ok=True)
    files = {name: (episode.path / name).read_bytes() for name in GIFS if name in present}
    if episode_data.has_states(episode):
        files["states.json"] = (episode.path / "states.json").read_bytes()
        files["states.csv"] = states_csv(episode.states).encode()
        for name in ("states.json", "states.csv"):
            (root / folder / name).write_bytes(files[name])
    shown = [_download(root, name, f"{folder}/{name}") for name in files]
    programs = {f"{n}.py": part.benchmark.program(n).encode("utf-8", "replace") for n in PROGRAMS}
    shown += [_download(root, name, f"{part.folder}/files/{name}.txt") for name in programs]
    files |= programs | {"episode.json": (episode.path / "episode.json").read_bytes()}
    name = f"{slug(episode.record.id)}.zip"
    redo = f"{part.command()}\n{_derive_again(part, episode)}\n"
    (root / folder / name).write_bytes(zipped(files | {"redo.txt": redo.encode()}))
    return [_download(root, name, f"{folder}/{name}"), *shown]


def _download(root: Path, label: str, path: str) -> Download:
    return Download(label, path, (root / path).stat().st_size)


def zipped(files: dict[str, bytes]) -> bytes:
    """The files in one ZIP, whose bytes depend on theirs alone; pictures are small already and only stored."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".gif") else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, content, compresslevel=1)
    return data.getvalue()


def states_csv(states: StatesRecord) -> str:
    """One row per frame: truth and prediction in the truth's variables, then the program's own variables."""
    tables = [
        ("truth", states.truth), ("predicted", states.compared),
        ("program_estimated", states.estimated), ("program_predicted", states.predicted),
    ]  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["frame", "time_s", *(f"{kind}:{name}" for kind, t in tables for name in t.names)])
    for frame in range(len(states.truth.values)):
        cells: list[float | None] = []
        for _, table in tables:
            place = frame - table.start
            known = 0 <= place < len(table.values)
            cells += table.values[place] if known else [None] * len(table.names)
        writer.writerow([frame, frame / states.fps, *("" if c is None else repr(c) for c in cells)])
    return text.getvalue()
