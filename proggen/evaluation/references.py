"""Numbers from elsewhere that may stand beside ours, each under the metric of its reading; none is measured by a run.

Publication: Kang et al., "How Far is Video Generation from World Model: A Physical Law Perspective", arXiv 2411.02385.
Its text (version 2) defines the velocity error as the mean over balls and valid frames of |v - v_hat|, of collisions
over frames after the impact only. Its rows stand under the metrics that are defined so; what its released script
computes, a difference of means, are metrics of their own and have none. See docs/metrics.md for what stays open.

No number of ProgGen's own paper (arXiv 2505.14948) could be obtained, so there is none. Its released code was run and
measured; those rows are of the kind "code" and under the metrics that were measured, which are the script's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..archive.records import ReferenceKind, ReferenceRow

PAPER = "arXiv 2411.02385"
TEXT = f"{PAPER}, stated in the text"
FIGURE = f"{PAPER}, read off Figure 3 (±0.001)"
TABLE = f"{PAPER}, Table 3"
_CODE = (
    "no publication: the code of github.com/metro-smiles/ProgGen at 4edbc1e, fitted to 10 videos, run on generated "
    "videos of the whole evaluation grid (lossy MP4{engine}) and measured with the functions of "
    "github.com/phyworld/phyworld at ee0e473"
)

UNIFORM, PARABOLA, COLLISION = "phyworld/uniform_motion", "phyworld/parabola", "phyworld/collision"
READING = {  # the metric of ours that is what the publication's text defines
    UNIFORM: "vel_error_per_frame",
    PARABOLA: "vel_error_per_frame",
    COLLISION: "post_vel_error_per_frame",
}
SCRIPTS = {  # the same error as the publication's released script computes it, if the benchmark has it
    "vel_error_per_frame": ("vel_error", "x_vel_error"),
    "post_vel_error_per_frame": ("post_vel_error",),
}

_MODELS = ("DiT-S (22.5M)", "DiT-B (89.5M)", "DiT-L (310M)")
_VIDEOS = ("30K", "300K", "3M")
_Rows = tuple[tuple[float, float, float], ...]  # a row per model, a column per number of training videos
_DIFFUSION: dict[str, dict[str, _Rows]] = {
    UNIFORM: {
        "in": ((0.022, 0.018, 0.015), (0.017, 0.015, 0.014), (0.015, 0.014, 0.012)),
        "ood": ((0.435, 0.293, 0.288), (0.433, 0.328, 0.358), (0.378, 0.385, 0.427)),
    },
    COLLISION: {
        "in": ((0.027, 0.024, 0.023), (0.030, 0.019, 0.018), (0.024, 0.016, 0.015)),
        "ood": ((0.187, 0.200, 0.153), (0.241, 0.166, 0.211), (0.270, 0.173, 0.162)),
    },
    PARABOLA: {
        "in": ((0.051, 0.049, 0.047), (0.043, 0.038, 0.036), (0.038, 0.035, 0.033)),
        "ood": ((0.307, 0.285, 0.307), (0.317, 0.376, 0.288), (0.314, 0.352, 0.338)),
    },
}
_IN_TEXT = {  # benchmark, split -> (model, number of videos)
    (UNIFORM, "in"): {(0, 0), (2, 2)},
    (UNIFORM, "ood"): {(1, 0), (1, 1), (1, 2), (2, 2)},
}
_SVD = "Stable Video Diffusion, fine-tuned"
_VAE = "true video after the VAE of the DiT models"
_SVD_VAE = "true video after the VAE of Stable Video Diffusion"
TRUE_VIDEO = "true video"
_Other = tuple[str, ReferenceKind, str | None, float, str]  # method, kind, split, value, source
_OTHERS: dict[str, tuple[_Other, ...]] = {
    UNIFORM: (
        (_SVD, "model", "in", 0.0505, PAPER),
        (_SVD, "model", "ood", 0.9081, PAPER),
        (_VAE, "reconstruction", None, 0.0105, PAPER),
        (_SVD_VAE, "reconstruction", "in", 0.0103, PAPER),
        (_SVD_VAE, "reconstruction", "ood", 0.0107, PAPER),
        (TRUE_VIDEO, "measurement", "in", 0.0099, TABLE),
        (TRUE_VIDEO, "measurement", "ood", 0.0104, TABLE),
    ),
    PARABOLA: (
        (_VAE, "reconstruction", None, 0.0212, PAPER),
        (TRUE_VIDEO, "measurement", None, 0.0210, TABLE),
    ),
    COLLISION: (
        (_VAE, "reconstruction", None, 0.0131, PAPER),
        (TRUE_VIDEO, "measurement", None, 0.0117, TABLE),
    ),
}
RELEASED_CODE = "released code of arXiv 2505.14948"
_MEASURED: dict[str, dict[str, tuple[float, float]]] = {  # metric -> in, ood
    UNIFORM: {"vel_error": (0.0155, 0.0171)},
    PARABOLA: {"x_vel_error": (0.0214, 0.0228), "y_vel_error_per_frame": (0.1666, 0.1144)},
    COLLISION: {"pre_vel_error": (0.0227, 0.0148), "post_vel_error": (0.0684, 0.0586)},
}


def references(benchmark: str) -> list[ReferenceRow]:
    """Every number from elsewhere for a benchmark, by its name; empty if there is none."""
    return [*_diffusion_rows(benchmark), *_other_rows(benchmark), *_code_rows(benchmark)]


def model_range(rows: Sequence[ReferenceRow], metric: str, split: str) -> tuple[float, float] | None:
    """The lowest and the highest error of the published models: reconstructions and measurements are none."""
    values = [row.value for row in models(rows, metric) if row.split == split]
    return (min(values), max(values)) if values else None


def models(rows: Sequence[ReferenceRow], metric: str) -> list[ReferenceRow]:
    """Rows of published models under a metric."""
    return [row for row in rows if row.kind == "model" and row.metric == metric]


def _diffusion_rows(benchmark: str) -> Iterator[ReferenceRow]:
    for split, rows in _DIFFUSION.get(benchmark, {}).items():
        in_text = _IN_TEXT.get((benchmark, split), set())
        for m, values in enumerate(rows):
            for n, value in enumerate(values):
                yield ReferenceRow(
                    method=f"{_MODELS[m]}, {_VIDEOS[n]} videos",
                    metric=READING[benchmark],
                    split=split,
                    value=value,
                    source=TEXT if (m, n) in in_text else FIGURE,
                    kind="model",
                )


def _other_rows(benchmark: str) -> Iterator[ReferenceRow]:
    for method, kind, split, value, source in _OTHERS.get(benchmark, ()):
        metric = READING[benchmark]
        yield ReferenceRow(method=method, metric=metric, split=split, value=value, source=source, kind=kind)


def _code_rows(benchmark: str) -> Iterator[ReferenceRow]:
    source = _CODE.format(engine=", impacts of Box2D 2.3.10" if benchmark == COLLISION else "")
    for metric, values in _MEASURED.get(benchmark, {}).items():
        for split, value in zip(("in", "ood"), values, strict=True):
            yield ReferenceRow(
                method=RELEASED_CODE, metric=metric, split=split, value=value, source=source, kind="code"
            )
