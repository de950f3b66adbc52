"""The pages of one benchmark of a run: its own, its programs', its episodes' and its notebook."""

from __future__ import annotations

import functools
import shlex
from dataclasses import dataclass
from pathlib import Path

from ..archive.records import PROGRAMS, CandidateRecord, CounterfactualRecord, RunConfig
from ..archive.store import BenchmarkRun, EpisodeRun, Run, Transcript
from ..errors import ArchiveError
from ..evaluation.methods import OURS
from ..progress import Task
from . import episode_view, media, metrics_view, words
from .notebook import write_notebook
from .pages import Pages
from .words import slug

GIFS = ("truth.gif", "prediction.gif", "comparison.gif")


@dataclass(frozen=True)
class Download:
    label: str
    path: str
    bytes: int


@dataclass(frozen=True)
class Attempt:
    """One reply of the language model: its transcript and what became of the program in it."""

    name: str
    candidate: CandidateRecord | None
    transcript: Transcript | None
    source: str | None
    language: str
    pictures: list[tuple[str, int, int, str]]  # path, width, height, caption
    files: dict[str, str]  # "prompt", "reply", "source" -> path of the .txt


@dataclass(frozen=True)
class EpisodeRow:
    """An episode in a list; the thumbnail's size is that of its comparison GIF, in pixels."""

    run: EpisodeRun
    page: str
    thumbnail: str | None
    thumbnail_size: tuple[int, int]
    values: list[float | None]


@dataclass(frozen=True)
class ShownCounterfactual:
    view: episode_view.CounterfactualView
    gif: str | None
    size: tuple[int, int] | None
    command: str


class BenchmarkPages:
    def __init__(self, pages: Pages, run: Run, benchmark: BenchmarkRun) -> None:
        self.pages, self.run, self.benchmark = pages, run, benchmark
        self.record = benchmark.record
        self.name = "/".join(slug(part) for part in self.record.benchmark.split("/"))
        self.folder = f"{slug(run.name)}/{slug(self.record.benchmark)}"
        self.page = f"{self.folder}/index.md"
        self.programs_page = f"{self.folder}/programs.md"
        self.run_page = f"{slug(run.name)}/index.md"
        self.sandbox = run.record.sandbox.level
        self.notebook = f"{self.folder}/notebook.ipynb"
        self.problems = list(self.record.problems)
        self.rows: list[EpisodeRow] = []
        self.gallery: list[tuple[EpisodeRow, CounterfactualRecord, str]] = []

    @property
    def count(self) -> int:
        return len(self.episodes) + 2

    @functools.cached_property
    def episodes(self) -> list[EpisodeRun]:
        return self.benchmark.episodes()

    @functools.cached_property
    def headline(self) -> list[str]:
        names = metrics_view.metric_names(self.record)
        wanted = [*self.record.headline, *(["vel_error_per_frame"] if self.record.published else [])]
        return [m for m in dict.fromkeys(wanted) if m in names] or names[:2]

    @functools.cached_property
    def brief(self) -> metrics_view.Table:
        return metrics_view.table(self.record, self.headline, brief=True)

    @functools.cached_property
    def chart(self) -> str:
        """The first headline metric, or rather the first one that has published values to stand beside."""
        known = [
            m
            for m in self.headline
            if any(metrics_view.stands_under(p, m, "in") for p in self.record.published)
        ]
        best = [*known, *self.headline]
        return metrics_view.chart(self.record, best[0]) if best else ""

    @property
    def sample(self) -> EpisodeRow | None:
        """An episode to show: the middle one of those with a picture."""
        shown = [row for row in self.rows if row.thumbnail]
        return shown[len(shown) // 2] if shown else None

    def write(self, task: Task) -> None:
        self._files()
        self._episodes(task)
        template = (self.pages.templates / "notebook.py.txt").read_text(encoding="utf-8")
        write_notebook(self.pages.root / self.notebook, template, self.run, self.benchmark, self.pages.site)
        self._own_page()
        task.advance()
        self._programs_page()
        task.advance()

    # -- the benchmark itself

    def _own_page(self) -> None:
        every = metrics_view.metric_names(self.record)
        tables = [(m, metrics_view.table(self.record, [m], brief=False)) for m in every]
        self.pages.write(
            self.page, "benchmark.md.j2", title=self.name, part=self, record=self.record, tables=tables,
            columns=[words.metric_words(m, metrics_view.units(self.record)) for m in self.row_metrics],
            programs={n: self.benchmark.program(n) for n in PROGRAMS}, notes=self.notes,
            attempts=self._candidates, command=self.command(), hide=("navigation",),
        )  # fmt: skip

    @functools.cached_property
    def notes(self) -> dict[int, str]:
        return episode_view.parameter_notes(self.benchmark.program("dynamics"), self.record.fit)

    @functools.cached_property
    def row_metrics(self) -> list[str]:
        """Metrics in the list of episodes."""
        names = metrics_view.metric_names(self.record)
        return list(dict.fromkeys([*self.headline[:2], *(m for m in ("psnr",) if m in names)]))

    def command(self, name: str | None = None) -> str:
        """The command line that makes this benchmark's part of the run again."""
        config: RunConfig = self.run.record.config
        words_ = ["proggen", "run", self.record.benchmark]
        words_ += ["--episodes", "all" if config.episodes is None else str(config.episodes)]
        words_ += ["--seed", str(config.seed), "--llm", config.llm]
        words_ += ["--candidates", str(config.candidates), "--rounds", str(config.rounds)]
        words_ += ["--lossless"] if config.lossless else []
        for option, given in (("--data", config.data), ("--train-data", config.train_data)):
            words_ += [option, given.split()[0]] if given else []
        return shlex.join(words_ + (["--name", name] if name else []))

    # -- downloads

    def _files(self) -> None:
        for name in PROGRAMS:
            self._text(f"{name}.py", self.benchmark.program(name))

    def _text(self, name: str, text: str) -> str:
        """Publish a text as .txt: browsers show it and run nothing."""
        path = f"{self.folder}/files/{slug(name)}.txt"
        target = self.pages.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "replace"))
        return path

    def _download(self, label: str, path: str) -> Download:
        return Download(label, path, (self.pages.root / path).stat().st_size)

    # -- programs

    @functools.cached_property
    def _candidates(self) -> list[CandidateRecord]:
        return self.benchmark.candidates()

    def _programs_page(self) -> None:
        candidates = {c.transcript: c for c in self._candidates}
        transcripts = {t.path.name: t for t in self.benchmark.transcripts()}
        names = list(dict.fromkeys([*candidates, *transcripts]))
        attempts = [self._attempt(n, candidates.get(n), transcripts.get(n)) for n in names]
        grouped = {p: [a for a in attempts if _program(a) == p] for p in ("scene", *PROGRAMS)}
        self.pages.write(
            self.programs_page, "programs.md.j2", title=f"Programs {self.name}", part=self, record=self.record,
            grouped=grouped, search=False, hide=("navigation",),
        )  # fmt: skip

    def _attempt(
        self, name: str, candidate: CandidateRecord | None, transcript: Transcript | None
    ) -> Attempt:
        source = self.benchmark.candidate_source(candidate) if candidate else None
        language = "json" if name.startswith("scene") else "python"
        files, pictures = {}, []
        if source is not None:
            files["source"] = self._text(f"{name}.source.{'json' if language == 'json' else 'py'}", source)
        if transcript is not None:
            files["prompt"] = self._text(f"{name}.prompt.md", transcript.prompt)
            files["reply"] = self._text(f"{name}.reply.md", transcript.reply)
            pictures = self._pictures(transcript)
        return Attempt(name, candidate, transcript, source, language, pictures, files)

    def _pictures(self, transcript: Transcript) -> list[tuple[str, int, int, str]]:
        captions = [*transcript.record.picture_captions, *[""] * len(transcript.pictures)]
        found = []
        for path, caption in zip(transcript.pictures, captions, strict=False):
            copied = media.picture(path, self.pages.root / self.folder / "pictures")
            if copied:
                found.append((f"{self.folder}/pictures/{copied[0]}", *copied[1], caption))
        return found

    # -- episodes

    def _episodes(self, task: Task) -> None:
        names = [f"{self.folder}/episodes/{slug(e.path.name)}.md" for e in self.episodes]
        for i, (episode, page) in enumerate(zip(self.episodes, names, strict=True)):
            before, after = names[i - 1] if i else None, names[i + 1] if i + 1 < len(names) else None
            try:
                self._episode(episode, page, before, after)
            except ArchiveError as error:
                self.problems.append(f"Episode {episode.path.name} is left out: {error}")
            task.advance()

    def _episode(self, episode: EpisodeRun, page: str, before: str | None, after: str | None) -> None:
        folder = page.removesuffix(".md")
        gifs = self._media(episode.path, folder)
        row = self._row(episode, page, gifs)
        counterfactuals = self._counterfactuals(episode, folder, row)
        methods, lines = episode_view.metric_lines(self.record, episode)
        shown = episode_view.variables(self.record, episode)
        self.pages.write(
            page, "episode.md.j2", title=f"{slug(episode.record.id)} {self.name}", part=self, record=self.record,
            episode=episode.record, row=row, gifs=gifs, methods=methods, lines=lines, before=before, after=after,
            moving=[v for v in shown if not v.variable.constant], constants=[v for v in shown if v.variable.constant],
            states=episode_view.state_rows(self.record, episode), errors=episode_view.error_plots(self.record, episode),
            programs={n: self.benchmark.program(n) for n in PROGRAMS}, notes=self.notes,
            counterfactuals=counterfactuals, downloads=self._downloads(episode, folder, gifs),
            command=self.command(), search=False, hide=("navigation",),
        )  # fmt: skip
        self.rows.append(row)

    def _media(self, source: Path, folder: str) -> dict[str, tuple[int, int]]:
        """GIF name -> width and height; each with a still beside it for lists, print and reduced motion."""
        sizes = {}
        for name in (*GIFS, "counterfactual.gif"):
            if (source / name).exists():
                target = media.copy(source / name, self.pages.root / folder / name)
                found = media.still(target, target.with_suffix(".png"))
                if found:
                    sizes[name] = found
        return sizes

    def _row(self, episode: EpisodeRun, page: str, gifs: dict[str, tuple[int, int]]) -> EpisodeRow:
        ours = [episode.record.metrics.get(m, {}).get(OURS) for m in self.row_metrics]
        size = gifs.get("comparison.gif")
        thumbnail = f"{page.removesuffix('.md')}/comparison.png" if size else None
        return EpisodeRow(episode, page, thumbnail, size or (0, 0), ours)

    def _counterfactuals(
        self, episode: EpisodeRun, folder: str, row: EpisodeRow
    ) -> list[ShownCounterfactual]:
        views = []
        for view in episode_view.counterfactuals(self.record, episode):
            place = f"{folder}/{slug(view.record.slug)}"
            sizes = self._media(view.folder, place)
            gif = f"{place}/counterfactual.gif" if sizes else None
            if gif:
                self.gallery.append((row, view.record, gif))
            size, command = sizes.get("counterfactual.gif"), self._ask(episode, view.record)
            views.append(ShownCounterfactual(view, gif, size, command))
        return views

    def ask_example(self, episode: str) -> str:
        """A command that asks for a counterfactual of an episode."""
        fitted = self.record.fit.parameters
        target = fitted[0].name if fitted else self.record.scene.variables[0].name
        return shlex.join(
            [
                "proggen",
                "counterfactual",
                self.run.name,
                f"{self.record.benchmark}/{episode}",
                "--set",
                f"{target}*=0.5",
            ]
        )

    def _ask(self, episode: EpisodeRun, found: CounterfactualRecord) -> str:
        name = f"{self.record.benchmark}/{episode.record.id}"
        parts = ["proggen", "counterfactual", self.run.name, name]
        for change in found.changes:
            parts += ["--set", change.text()]
        return shlex.join(parts)

    def _downloads(
        self, episode: EpisodeRun, folder: str, gifs: dict[str, tuple[int, int]]
    ) -> list[Download]:
        files = [(n, f"{folder}/{n}") for n in gifs]
        if episode_view.has_states(episode):
            media.copy(episode.path / "states.json", self.pages.root / folder / "states.json")
            files.append(("states.json", f"{folder}/states.json"))
        files += [(f"{n}.py", f"{self.folder}/files/{n}.py.txt") for n in PROGRAMS]
        return [self._download(label, path) for label, path in files]


def _program(attempt: Attempt) -> str:
    return attempt.candidate.program if attempt.candidate else attempt.name.split("-")[0]
