"""Every baseline by its name, and those that a run asks for."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from ...errors import UsageError
from .base import Baseline, Material

Make = Callable[[Material], Baseline | None]  # None: there is no such baseline for this benchmark


def _repeat_last(material: Material) -> Baseline:
    from .last_frame import RepeatLast

    return RepeatLast(material)


def _constant_velocity(material: Material) -> Baseline:
    from .constant_motion import ConstantVelocity

    return ConstantVelocity(material)


def _constant_acceleration(material: Material) -> Baseline:
    from .constant_motion import ConstantAcceleration

    return ConstantAcceleration(material)


def _nearest_clip(material: Material) -> Baseline:
    from .nearest_clip import NearestClip

    return NearestClip(material)


def _regressor(material: Material) -> Baseline:
    from .regressor import Regressor

    return Regressor(material)


def _fixed_box2d(material: Material) -> Baseline | None:
    if material.info.velocity_protocol is None:
        return None  # it was written for the scenarios of PhyWorld
    from .fixed_box2d import FixedBox2D

    return FixedBox2D(material)


def _video_predictor(n_clips: int) -> Make:
    def make_one(material: Material) -> Baseline:
        from .video_predictor import VideoPredictor

        return VideoPredictor(material, n_clips)

    return make_one


# Made by functions that import late: a baseline that is not asked for must not cost its library.
_QUICK: dict[str, Make] = {
    "repeat_last": _repeat_last,
    "constant_velocity": _constant_velocity,
    "constant_acceleration": _constant_acceleration,
    "nearest_clip": _nearest_clip,
    "regressor": _regressor,
    "fixed_box2d": _fixed_box2d,
}
_SLOW: dict[str, Make] = {
    "video_predictor_10": _video_predictor(10),
    "video_predictor_1000": _video_predictor(1000),
}
_ALL = _QUICK | _SLOW
BASELINES = tuple(_ALL)
QUICK = tuple(_QUICK)  # seconds per benchmark, and nothing to install
TORCH = tuple(n for n in BASELINES if n.startswith("video_predictor"))


def chosen(text: str) -> tuple[str, ...]:
    """The names that `--baselines` asks for, in the order of tables: "quick", "all", "none" or a list of names.

    UsageError for a name that is unknown, or that needs a library that is not installed.
    """
    known = {"quick": QUICK, "all": BASELINES, "none": ()}
    wanted = known[text] if text in known else tuple(n.strip() for n in text.split(",") if n.strip())
    return checked(wanted)


def checked(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same names, each once and in the order of tables. UsageError as for `chosen`."""
    for name in names:
        if name not in BASELINES:
            raise UsageError(f"There is no baseline '{name}': choose from {', '.join(BASELINES)}.")
        if name in TORCH and find_spec("torch") is None:
            raise UsageError(
                f"The baseline {name} needs PyTorch: install it with pip install 'proggen[torch]'."
            )
    return tuple(n for n in BASELINES if n in names)


def make(name: str, material: Material) -> Baseline | None:
    """The baseline of that name, learned from `material`; None if there is none for its benchmark."""
    return _ALL[name](material)
