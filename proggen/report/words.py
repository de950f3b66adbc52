"""How names and metrics are written on pages; numbers as `proggen.numbers` writes them.

A function here returns `Markup` only for text that this file made itself (numbers, its own labels, slugs).
Everything else stays a plain `str`, which the templates hand to the vault (see `untrusted`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .. import numbers
from ..archive.records import EstimationRecord, EstimationTrial

DASH = Markup(numbers.DASH)
_SLUG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def slug(text: str) -> str:
    """A name that is safe as file name, URL and page title; a digest keeps changed names apart."""
    name = text.replace("/", "-")
    if _SLUG.fullmatch(name) and len(name) <= 80 and not name.endswith("."):
        return name
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:60]
    return f"{plain or 'x'}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def heading(text: str) -> Markup:
    """A slug as it is written in Markdown and in HTML: underscores must not start emphasis."""
    safe = "/".join(slug(part) for part in text.split("/"))
    return Markup(safe.replace("_", "&#95;"))


def num(value: float | None, digits: int = 3, scale: float = 0.0) -> Markup:
    return Markup(numbers.number(value, digits, scale))


def exact(value: float | None) -> Markup:
    return Markup(numbers.exact(value))


def span(ends: tuple[float, float]) -> Markup:
    return Markup(numbers.span(ends))


def unit(text: str | Markup) -> str | Markup:
    """A unit without "1"; what a language model wrote stays a plain string."""
    found = numbers.unit(str(text))
    return Markup(found) if found in ("", "‰", "%") or isinstance(text, Markup) else found


def measured(value: numbers.Measured, column: numbers.Column) -> Markup:
    """A mean and, below it, its interval if it has one, as the cells of tables show them."""
    ends = column.interval(value)
    return Markup(f"<b>{column.mean(value)}</b>" + (f" <small>{ends}</small>" if ends else ""))


def written(value: float | None, column: numbers.Column) -> Markup:
    return Markup(column.value(value))


def fitted(parameter: numbers.Parameter) -> Markup:
    return Markup(numbers.fitted(parameter))


def percent(share: float | None) -> Markup:
    return Markup(numbers.percent(share))


def times(value: float | None) -> Markup:
    return Markup(numbers.times(value))


def size(count: int) -> Markup:
    return Markup(numbers.size(count))


def whole(number_of: int) -> Markup:
    return Markup(numbers.whole(number_of))


def count(number_of: int, noun: str) -> Markup:
    return Markup(numbers.count(number_of, noun))


def seconds(value: float | None) -> Markup:
    return Markup(numbers.seconds(value))


def when(text: str | None) -> Markup:
    """An ISO 8601 time to the minute, only if it is one."""
    match = re.match(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)", text or "")
    return Markup(f"{match[1]} {match[2]} UTC") if match else DASH


@dataclass(frozen=True)
class MetricWords:
    """Name, unit and meaning of a metric for tables; `anchor` is its section in docs/metrics.md."""

    label: str | Markup
    unit: str | Markup
    meaning: str | Markup
    anchor: str
    higher: bool = False

    @property
    def better(self) -> Markup:
        return Markup("higher is better" if self.higher else "lower is better")


_MEAN_X = "distance of the mean predicted x velocity from the true one"
_METRICS = {
    "vel_error": ("error of the mean x velocity", "u/s", _MEAN_X, "vel_error"),
    "x_vel_error": ("error of the mean x velocity", "u/s", _MEAN_X, "vel_error"),
    "y_vel_error_per_frame": (
        "y velocity error per frame", "u/s",
        "mean over frames of the distance between predicted and true y velocity", "y_vel_error_per_frame",
    ),
    "pre_vel_error": (
        "error of the mean velocity before the impact", "u/s",
        "distance of the mean x velocity before the impact, averaged over the balls", "pre_vel_error",
    ),
    "post_vel_error": (
        "error of the mean velocity after the impact", "u/s",
        "distance of the mean x velocity after the impact, averaged over the balls", "post_vel_error",
    ),
    "post_vel_error_per_frame": (
        "velocity error per frame after the impact", "u/s",
        "mean over balls and frames after the impact of the distance between predicted and true velocity",
        "post_vel_error_per_frame",
    ),
    "vel_error_per_frame": (
        "velocity error per frame", "u/s",
        "mean over balls and frames of the distance between predicted and true velocity", "vel_error_per_frame",
    ),
}  # fmt: skip


def metric_words(name: str, units: dict[str, str] | None = None) -> MetricWords:
    """Words for a metric; `units` gives those of the truth's variables for `state.<variable>`."""
    if name in _METRICS:
        label, of, meaning, anchor = _METRICS[name]
        return MetricWords(Markup(label), Markup(of), Markup(meaning), anchor)
    if name == "psnr":
        return MetricWords(
            Markup("PSNR"), Markup("dB"), Markup("likeness of predicted and true frames"), "psnr", higher=True
        )
    if name == "lpips":
        return MetricWords(
            Markup("LPIPS"),
            Markup(""),
            Markup("perceptual distance of predicted and true frames"),
            "lpips-and-fvd",
        )
    if name == "ssim":
        return MetricWords(
            Markup("SSIM"), Markup(""), Markup("structural likeness, 1 is equal"), "ssim", higher=True
        )
    if name.startswith("start."):
        variable = name.removeprefix("start.")
        meaning = Markup("distance to the true state in the last given frame")
        return MetricWords(
            f"error of {variable} at the start", unit((units or {}).get(variable, "")), meaning, "start"
        )
    if name.startswith("state."):
        variable = name.removeprefix("state.")
        return MetricWords(
            f"state error of {variable}",
            unit((units or {}).get(variable, "")),
            Markup("mean distance to the true state over the horizon"),
            "state",
        )
    return MetricWords(name, "", "", "")


_METHODS = {
    "proggen": "ProgGen",
    "proggen_parsed": "ProgGen, drawn and parsed",
    "parser_on_truth": "true video, parsed",
    "repeat_last": "repeat last frame",
    "constant_velocity": "constant velocity",
    "constant_acceleration": "constant acceleration",
    "nearest_clip": "nearest training clip",
    "regressor": "regressor on perceived states",
    "fixed_box2d": "fixed Box2D model, fitted",
    "video_predictor_10": "video predictor, 10 clips",
    "video_predictor_1000": "video predictor, 1000 clips",
}

_SPLITS = {
    "in": ("in distribution", "drawn from the ranges of the training clips"),
    "ood": ("out of distribution", "all splits outside the training ranges, pooled"),
    "all": ("all", "every scored episode"),
    "r_out": ("radius out", "radius outside the training range"),
    "v_out": ("speed out", "speed outside the training range"),
    "rv_out": ("radius and speed out", "both outside the training range"),
    "zero": ("at rest", "a ball with velocity zero"),
    "state_out": ("initial state out", "larger initial angles, positions and speeds than in training"),
    "push_out": ("push out", "pushed to the left; training pushes to the right"),
    "horizon_out": ("horizon out", "longer than the training clips"),
}


def method_words(name: str) -> Markup:
    return Markup(_METHODS.get(name) or slug(name).replace("_", " "))


def split_words(name: str) -> Markup:
    return Markup(_SPLITS[name][0] if name in _SPLITS else slug(name))


def split_meaning(name: str) -> Markup:
    return Markup(_SPLITS[name][1]) if name in _SPLITS else Markup("")


def columns(splits: Sequence[str], *, brief: bool) -> list[str]:
    """Columns of a metric table: in and out of distribution, or every split and both pools."""
    if brief:
        return ["in" if "in" in splits else splits[0], "ood"]
    return [*splits, "ood", "all"]


def estimation_words(estimation: EstimationRecord | EstimationTrial) -> Markup:
    """How the initial state was had, in a few words."""
    if estimation.way == "perceived":
        return Markup("as perceived")
    if estimation.way == "dynamics":
        return Markup("refined on the perceived states")
    part = f", {numbers.percent(estimation.share)} of the way" if estimation.share < 1 else ""
    return Markup(f"refined on the pixels{part}")
