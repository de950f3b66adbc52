"""Numbers from elsewhere in tables, and the one of ours that may be compared with them.

Published models have no states: their velocities were read out of frames by PhyWorld's parser. So the number of ours
beside them is that of our prediction drawn and parsed (`PARSED`), never that of our states.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .. import numbers
from ..archive.records import BenchmarkRecord, MetricValue, ReferenceKind, ReferenceRow
from ..evaluation.methods import OURS, PARSED, PARSER_FLOOR
from ..evaluation.references import SCRIPTS, model_range, models
from . import words

_POOLS = ("in", "ood")
# chip, name, heading, kinds
_GROUPS: tuple[tuple[str, str, str, tuple[ReferenceKind, ...]], ...] = (
    (
        "published",
        "video models",
        "video models, read out of their frames by PhyWorld's parser; not measured here",
        ("model",),
    ),
    (
        "published",
        "true videos",
        "no predictions: true videos read by the same parser, as they are or after a VAE; not measured here",
        ("measurement", "reconstruction"),
    ),
    (
        "not published",
        "released code",
        "released code, run and measured on the whole grid; not by this run",
        ("code",),
    ),
)


@dataclass(frozen=True)
class Cell:
    """Lowest and highest of a method's or several methods' values, over `span` columns of a table."""

    low: float
    high: float
    span: int = 1


@dataclass(frozen=True)
class Line:
    label: str | Markup
    cells: list[Cell | None]  # None: there is no value


@dataclass(frozen=True)
class Group:
    """Lines of one kind under a heading; `chip` says whether they are published results."""

    chip: Markup
    name: Markup
    heading: Markup
    lines: list[Line]
    sources: list[str]


@dataclass(frozen=True)
class Side:
    """One metric in one pool: ours drawn and parsed, the published models' range, the parser on true videos."""

    split: Markup
    ours: MetricValue | None
    published: tuple[float, float] | None
    floor: MetricValue | None

    @property
    def unranked(self) -> bool:
        """Whether a published error lies below the parser's own here: so near to it, none can be ranked."""
        return bool(self.published and self.floor and self.published[0] < self.floor.mean)


@dataclass(frozen=True)
class Beside:
    """Our prediction beside the published models, both read out of frames."""

    words: words.MetricWords
    sides: list[Side]
    count: int  # of published models

    @property
    def precision(self) -> numbers.Column:
        """How the means of ours and of the parser on true videos are written."""
        return numbers.column(mean for s in self.sides for mean in (s.ours, s.floor))


def beside(record: BenchmarkRecord, metrics: Sequence[str]) -> Beside | None:
    """For the first of these metrics that published models have; None if they have none."""
    metric = next((m for m in metrics if models(record.references, m)), None)
    if metric is None:
        return None
    count = len({row.method for row in models(record.references, metric)})
    return Beside(words.metric_words(metric), [_side(record, metric, split) for split in _POOLS], count)


def _side(record: BenchmarkRecord, metric: str, split: str) -> Side:
    return Side(
        words.split_words(split),
        _value(record, metric, split, PARSED),
        model_range(record.references, metric, split),
        _value(record, metric, split, PARSER_FLOOR),
    )


def groups(rows: Sequence[ReferenceRow], columns: Sequence[tuple[str, str]], *, brief: bool) -> list[Group]:
    """References under columns (metric, split), a metric's columns together; brief: models as one range."""
    found = []
    for chip, name, heading, kinds in _GROUPS:
        known = [row for row in rows if row.kind in kinds and _has_column(row, columns)]
        if not known:
            continue
        methods = list(dict.fromkeys(row.method for row in known))
        if brief and kinds == ("model",) and len(methods) > 1:
            lines = [Line(Markup(f"{len(methods)} published models, range"), _cells(known, columns))]
        else:
            lines = [Line(m, _cells([row for row in known if row.method == m], columns)) for m in methods]
        found.append(
            Group(
                Markup(chip),
                Markup(name),
                Markup(heading),
                lines,
                list(dict.fromkeys(row.source for row in known)),
            )
        )
    return found


def remarks(record: BenchmarkRecord, metrics: Sequence[str]) -> list[Markup]:
    """What has to be known to compare ours with published models under these metrics."""
    return [
        Markup(sentence)
        for metric in metrics
        if models(record.references, metric)
        for sentence in (_which_of_ours(record, metric), _what_is_open(record, metric))
        if sentence
    ]


def _which_of_ours(record: BenchmarkRecord, metric: str) -> str:
    """Why our states are not compared with published models, with the numbers where they say so."""
    told = (
        f"<b>{words.metric_words(metric).label}</b>: compare published models with "
        f"{words.method_words(PARSED)}, which is read out of frames by the same parser."
    )
    pairs = [(_value(record, metric, s, OURS), _value(record, metric, s, PARSER_FLOOR)) for s in _POOLS]
    known = [(ours.mean, floor.mean) for ours, floor in pairs if ours and floor]
    if known and all(ours < floor for ours, floor in known):
        ours, floors = (
            " and ".join(str(words.num(v)) for v in values) for values in zip(*known, strict=True)
        )
        told += (
            f" {words.method_words(OURS)} from states ({ours} u/s) lies below that parser's own error on the true "
            f"videos ({floors} u/s), so that number and the published ones do not measure the same."
        )
    return told


def _what_is_open(record: BenchmarkRecord, metric: str) -> str:
    """What the publication gives for true videos beside what is measured here, in both readings."""
    told = (
        "<b>Open</b>: the publication's text defines this error per frame, and its released script computes a "
        "difference of means. Which of them made its numbers is not known."
    )
    for row in record.references:
        split = row.split or "all"
        here = _value(record, metric, split, PARSER_FLOOR)
        if row.kind != "measurement" or row.metric != metric or here is None:
            continue
        others = [_value(record, script, split, PARSER_FLOOR) for script in SCRIPTS.get(metric, ())]
        by_script = "".join(
            f", {words.num(other.mean)} as a difference of means" for other in others if other
        )
        told += (
            f" On true videos ({words.split_words(split)}) the publication has {words.num(row.value)}, the parser here "
            f"{words.num(here.mean)} per frame{by_script}."
        )
    for side in (_side(record, metric, split) for split in _POOLS):
        if side.unranked and side.published and side.floor:
            told += (
                f" The lowest published error ({side.split}, {words.num(side.published[0])}) lies below the parser's "
                f"own here ({words.num(side.floor.mean)}): so near to it, methods can't be ranked."
            )
    return told


def _value(record: BenchmarkRecord, metric: str, split: str, method: str) -> MetricValue | None:
    return record.metrics.get(split, {}).get(metric, {}).get(method)


def _has_column(row: ReferenceRow, columns: Sequence[tuple[str, str]]) -> bool:
    return any(row.metric == metric and row.split in (split, None) for metric, split in columns)


def _cells(rows: Sequence[ReferenceRow], columns: Sequence[tuple[str, str]]) -> list[Cell | None]:
    """A cell per column; a value whose source names no split spans all columns of its metric."""
    cells: list[Cell | None] = []
    for metric in dict.fromkeys(metric for metric, _ in columns):
        splits = [split for m, split in columns if m == metric]
        under = [row for row in rows if row.metric == metric]
        if any(row.split is None for row in under):
            cells.append(_cell(under, len(splits)))
        else:
            cells += [_cell([row for row in under if row.split == split], 1) for split in splits]
    return cells


def _cell(rows: Sequence[ReferenceRow], span: int) -> Cell | None:
    values = [row.value for row in rows]
    return Cell(min(values), max(values), span) if values else None
