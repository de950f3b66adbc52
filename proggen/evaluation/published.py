"""Numbers from publications, to stand beside ours; none of them was measured here.

Kang et al., "How Far is Video Generation from World Model: A Physical Law Perspective", arXiv 2411.02385. No
number of ProgGen's own paper (arXiv 2505.14948) could be obtained, so there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..archive.records import PublishedRow

METRIC = "vel_error_published"
TEXT = "arXiv 2411.02385, stated in the text; which reading of the metric it is, is not stated"
FIGURE = "arXiv 2411.02385, read off Figure 3 (±0.001); which reading of the metric it plots is not stated"
TABLE = (
    "arXiv 2411.02385, Table 3: error of the measurement itself on the true videos; "
    "which reading of the metric it is, is not stated"
)

_MODELS = ("DiT-S (22.5M)", "DiT-B (89.5M)", "DiT-L (310M)")
_VIDEOS = ("30K", "300K", "3M")
_Rows = tuple[tuple[float, float, float], ...]  # a row a model, a column a number of training videos
_DIFFUSION: dict[str, dict[str, _Rows]] = {
    "phyworld/uniform_motion": {
        "in": ((0.022, 0.018, 0.015), (0.017, 0.015, 0.014), (0.015, 0.014, 0.012)),
        "ood": ((0.435, 0.293, 0.288), (0.433, 0.328, 0.358), (0.378, 0.385, 0.427)),
    },
    "phyworld/collision": {
        "in": ((0.027, 0.024, 0.023), (0.030, 0.019, 0.018), (0.024, 0.016, 0.015)),
        "ood": ((0.187, 0.200, 0.153), (0.241, 0.166, 0.211), (0.270, 0.173, 0.162)),
    },
    "phyworld/parabola": {
        "in": ((0.051, 0.049, 0.047), (0.043, 0.038, 0.036), (0.038, 0.035, 0.033)),
        "ood": ((0.307, 0.285, 0.307), (0.317, 0.376, 0.288), (0.314, 0.352, 0.338)),
    },
}
_IN_TEXT = {  # benchmark, split -> (model, number of videos)
    ("phyworld/uniform_motion", "in"): {(0, 0), (2, 2)},
    ("phyworld/uniform_motion", "ood"): {(1, 0), (1, 1), (1, 2), (2, 2)},
}
_MEASUREMENT = {"phyworld/uniform_motion": 0.0099, "phyworld/collision": 0.0117, "phyworld/parabola": 0.0210}


def published(benchmark: str) -> list[PublishedRow]:
    """Reference rows of a benchmark, by its name; empty if nothing was published for it."""
    return [*_diffusion_rows(benchmark), *_measurement_rows(benchmark)]


def _diffusion_rows(benchmark: str) -> Iterator[PublishedRow]:
    for split, rows in _DIFFUSION.get(benchmark, {}).items():
        in_text = _IN_TEXT.get((benchmark, split), set())
        for m, values in enumerate(rows):
            for n, value in enumerate(values):
                yield PublishedRow(
                    method=f"{_MODELS[m]}, {_VIDEOS[n]} videos",
                    metric=METRIC,
                    split=split,
                    value=value,
                    source=TEXT if (m, n) in in_text else FIGURE,
                )


def _measurement_rows(benchmark: str) -> Iterator[PublishedRow]:
    if benchmark in _MEASUREMENT:
        yield PublishedRow(
            method="parser on the true video",
            metric=METRIC,
            split="all",
            value=_MEASUREMENT[benchmark],
            source=TABLE,
        )
