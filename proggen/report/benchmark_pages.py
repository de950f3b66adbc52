"""The pages of one benchmark of a run: its own, its programs', its episodes' and its notebook."""

from __future__ import annotations

import functools
import json
import shlex
from typing import Any

from .. import numbers
from ..archive.files import digest
from ..archive.records import (
    PROGRAMS,
    BenchmarkRecord,
    CandidateRecord,
    CounterfactualRecord,
    RunConfig,
    Splits,
)
from ..archive.store import BenchmarkRun, EpisodeRun, Run, read_record
from ..errors import ArchiveError
from ..evaluation.rivals import against
from ..evaluation.severity import Severity, severities
from ..progress import Task
from . import (
    budget_view,
    episode_pages,
    episode_rows,
    episode_view,
    headline_view,
    knowledge_view,
    metrics_view,
    program_pages,
    references_view,
    statistics_view,
    studies_view,
    words,
)
from .episode_rows import EpisodeRow
from .notebook import write_notebook
from .output import Note, stamps
from .pages import Pages
from .words import slug

GALLERY = 6  # counterfactuals shown on the benchmark's page


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
        self.data = f"{self.folder}/episodes.js"
        self.programs_data = f"{self.folder}/programs.js"
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
        return [m for m in self.record.headline if m in names] or names[:2]

    @functools.cached_property
    def brief(self) -> metrics_view.Table:
        return metrics_view.table(self.record, self.headline, brief=True)

    @functools.cached_property
    def line(self) -> headline_view.Line | None:
        """This benchmark's line in the headline table."""
        return headline_view.line(self.record, self.headline)

    @functools.cached_property
    def beside(self) -> references_view.Beside | None:
        """This benchmark's line beside the published models."""
        return references_view.beside(self.record, self.headline)

    @functools.cached_property
    def chart(self) -> str:
        return metrics_view.chart(self.record, self.headline[0]) if self.headline else ""

    @functools.cached_property
    def knowledge(self) -> knowledge_view.Panel | None:
        """What the model already knew."""
        return knowledge_view.panel(self.record, self.benchmark.knowledge())

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
        self._lists()
        self._own_page()
        task.advance()
        self._programs_page()
        task.advance()

    # -- the benchmark itself

    def _own_page(self) -> None:
        tables = metrics_view.by_kind(self.record, self.headline)
        self.pages.write(
            self.page, "benchmark.md.j2", title=self.name, part=self, record=self.record, tables=tables,
            description=f"{self.name}, run {slug(self.run.name)}: metrics, programs, parameters and every episode.",
            columns=self.columns,
            programs={n: self.benchmark.program(n) for n in PROGRAMS}, notes=self.notes,
            attempts=self._candidates, command=self.command(), hide=("navigation",),
            pairs=statistics_view.pair_tables(self.record), rival=statistics_view.rival(self.record),
            studied=studies_view.studies(self.record, self.benchmark.studies()),
            budgets=budget_view.benchmark_budget(self.record, self.headline), **self._horizon(),
        )  # fmt: skip

    def _horizon(self) -> dict[str, Any]:
        curves = self.benchmark.curves()
        return {
            "horizon": statistics_view.horizon(self.record, curves),
            "curve_styles": statistics_view.methods_of(curves),
        }

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
        words_ += ["--impacts", config.impacts] if config.impacts != "elastic" else []
        for option, given in (("--data", config.data), ("--train-data", config.train_data)):
            words_ += [option, given.split()[0]] if given else []
        return shlex.join(words_ + (["--name", name] if name else []))

    # -- downloads

    def _files(self) -> None:
        for name in PROGRAMS:
            self.text(f"{name}.py", self.benchmark.program(name), f"{self.folder}/files")
        script = episode_pages.programs_script(self)
        (self.pages.root / self.programs_data).write_text(script, encoding="ascii")

    def text(self, name: str, text: str, folder: str) -> str:
        """Publish a text as .txt in a folder of the site: browsers show it and run nothing."""
        path = f"{folder}/{slug(name)}.txt"
        target = self.pages.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "replace"))
        return path

    # -- programs

    @functools.cached_property
    def _candidates(self) -> list[CandidateRecord]:
        return self.benchmark.candidates()

    def _programs_page(self) -> None:
        """The page of every reply, which stays as it is while the replies and the programs do."""
        made_from = digest(
            json.dumps([self.pages.version, self._basis, program_pages.made_from(self.benchmark)])
        )
        if self.pages.output.kept(self.programs_page, made_from) is None:
            program_pages.write(self)
            self.pages.output.made(self.programs_page, made_from, {})

    # -- episodes

    def _episodes(self, task: Task) -> None:
        names = [f"{self.folder}/episodes/{slug(e.path.name)}.md" for e in self.episodes]
        for i, (episode, page) in enumerate(zip(self.episodes, names, strict=True)):
            before, after = names[i - 1] if i else None, names[i + 1] if i + 1 < len(names) else None
            try:
                note = self._kept_or_made(episode, page, before, after)
            except ArchiveError as error:
                self.problems.append(f"Episode {episode.path.name} is left out: {error}")
            else:
                self._remember(episode, page, note)
            task.advance()

    def _kept_or_made(self, episode: EpisodeRun, page: str, before: str | None, after: str | None) -> Note:
        made_from = self._made_from(episode, before, after)
        note = self.pages.output.kept(page, made_from)
        if note is None:
            note = episode_pages.write(self, episode, page, before, after)
            vars(episode).pop("states", None)  # those of thousands must not stay in memory
            self.pages.output.made(page, made_from, note)
        return note

    def _made_from(self, episode: EpisodeRun, before: str | None, after: str | None) -> str:
        """Digest of all that an episode's page is made from."""
        found = sorted(stamps(episode.path))
        record = episode.record.model_dump_json()
        return digest(json.dumps([self.pages.version, self._basis, record, found, before, after]))

    @functools.cached_property
    def _basis(self) -> str:
        run = self.run.record.model_dump_json(exclude={"finished", "seconds", "failures"})
        return digest(self.lean.model_dump_json() + run + "".join(self.benchmark.programs().values()))

    @functools.cached_property
    def lean(self) -> BenchmarkRecord:
        """The record without what sums up the episodes: a new episode changes no other one's page."""
        names: Splits = {s: {m: {} for m in metrics} for s, metrics in self.record.metrics.items()}
        empty = {"metrics": names, "differences": {}, "budgets": {}, "problems": [], "seconds": {}}
        return self.record.model_copy(update=empty)

    @functools.cached_property
    def made_from(self) -> str:
        """Digest of what is known of this benchmark and its episodes, for pages that set runs side by side."""
        episodes = [e.record.model_dump_json() for e in self.episodes]
        return digest("".join([self._basis, *episodes, *(str(row.thumbnail) for row in self.rows)]))

    def _remember(self, episode: EpisodeRun, page: str, note: Note) -> None:
        """The episode's row in the lists, and its counterfactuals for the gallery."""
        thumbnail, size = episode_rows.picture_of(note)
        values = [episode_rows.ours(episode.record, m) for m in self.row_metrics]
        severity, rival = self._severities[episode.record.id], against(self.record, episode.record)
        row = EpisodeRow(episode, page, thumbnail, size, values, severity, rival)
        self.rows.append(row)
        for name, picture in note["gallery"][: GALLERY - len(self.gallery)]:
            path = episode.path / "counterfactuals" / name / "counterfactual.json"
            self.gallery.append((row, read_record(path, CounterfactualRecord), picture))

    @functools.cached_property
    def _severities(self) -> dict[str, Severity]:
        return severities((e.record for e in self.episodes), self.record.smallest)

    def _lists(self) -> None:
        """The data of the list of episodes, and the list itself by the hundred for readers without scripts."""
        run, found = slug(self.run.name), episode_rows.worst_first(self.rows)
        script = episode_rows.data_script(
            self.record, run, self.name, self.folder, self.row_metrics, found, self.precision
        )
        (self.pages.root / self.data).write_text(script, encoding="ascii")
        for number in range(2, len(self.row_pages) + 1):
            self.pages.write(
                self.list_pages[number - 1], "episodes.md.j2", title=f"Episodes {self.name} {number}", part=self,
                description=f"Episodes of {self.name}, run {run}, page {number}.", number=number,
                columns=self.columns, search=False, hide=("navigation", "toc"),
            )  # fmt: skip

    @functools.cached_property
    def row_pages(self) -> list[list[EpisodeRow]]:
        """Rows by the hundred, worst first; the first hundred stand on the benchmark's own page."""
        return episode_rows.pages_of(episode_rows.worst_first(self.rows))

    @functools.cached_property
    def list_pages(self) -> list[str]:
        return [self.page, *(f"{self.folder}/list-{n}.md" for n in range(2, len(self.row_pages) + 1))]

    @property
    def columns(self) -> list[words.MetricWords]:
        """Words for the metrics in the list of episodes."""
        return [self.words_of(m) for m in self.row_metrics]

    def words_of(self, metric: str) -> words.MetricWords:
        return words.metric_words(metric, metrics_view.units(self.record))

    @functools.cached_property
    def precision(self) -> list[numbers.Column]:
        """How the values of each column in the list of episodes are written."""
        return [numbers.values_column(r.values[i] for r in self.rows) for i in range(len(self.row_metrics))]

    def ask_example(self, episode: str) -> str:
        """A command that asks for a counterfactual of an episode."""
        name, change = f"{self.record.benchmark}/{episode}", episode_view.example_change(self.record)
        return shlex.join(["proggen", "counterfactual", self.run.name, name, "--set", change])
