"""Measurements for prompts, as text: colours, edge profiles, states, differences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..clips import Clip
from ..states import Trajectory
from .pictures import background, edge_point


def colour_table(clip: Clip, most: int = 8) -> str:
    """The most frequent exact colours of a clip's first frame."""
    colours, counts = np.unique(clip.frames[0].reshape(-1, 3), axis=0, return_counts=True)
    order = counts.argsort(kind="stable")[::-1][:most]
    cells = [f"({', '.join(map(str, colours[i]))}) {counts[i] / counts.sum():.2%}" for i in order]
    return f"Most frequent colours (R, G, B) of clip {clip.name}, frame 0, with their share: " + "; ".join(
        cells
    )


def edge_profiles(clip: Clip, reach: int = 8) -> str:
    """RGB of the pixels across two edges (one crossed along a row, one along a column) of frame 0."""
    image = clip.frames[0]
    row, column = edge_point(image, background(clip.frames))
    span = slice(max(column - reach, 0), column + reach)
    lines = [f"Pixels of clip {clip.name}, frame 0, row {row}, columns {span.start} to {span.stop - 1}:"]
    lines.append(_pixels(image[row, span]))
    mask = np.abs(image.astype(int) - background(clip.frames)).max(axis=2) > 60
    if mask.any():
        middle = (
            int(np.searchsorted(np.cumsum(mask[row]), mask[row].sum() / 2)) if mask[row].any() else column
        )
        top = int(np.flatnonzero(mask[:, middle])[0]) if mask[:, middle].any() else row
        span = slice(max(top - reach, 0), top + reach)
        lines.append(f"The same frame, column {middle}, rows {span.start} to {span.stop - 1}:")
        lines.append(_pixels(image[span, middle]))
    return "\n".join(lines)


def _pixels(pixels: np.ndarray) -> str:
    return " ".join(f"({r},{g},{b})" for r, g, b in pixels.tolist())


def state_table(clip: Clip, states: Trajectory, every: int = 1) -> str:
    """Perceived states of a clip, a row a frame, blank where not observed; with actions if there are any."""
    columns = ["frame", *states.names] + (["action to next"] if clip.actions is not None else [])
    lines = [f"Clip {clip.name}:", "", "| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for k in range(0, len(states), every):
        cells = [str(k)] + ["" if np.isnan(v) else f"{v:.4f}" for v in states.values[k]]
        if clip.actions is not None:
            cells.append(f"{clip.actions[k]:g}" if k < len(clip.actions) else "")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def difference_table(title: str, units: Sequence[str], names: Sequence[str], values: np.ndarray) -> str:
    """One number a variable, with its unit."""
    cells = [
        f"{n} {'not measured' if np.isnan(v) else f'{v:.5f}'} {u}"
        for n, u, v in zip(names, units, values, strict=True)
    ]
    return f"{title}: " + "; ".join(cells) + "."


def rollout_table(clip: Clip, observed: Trajectory, rolled: Trajectory, start: int, every: int = 3) -> str:
    """Measured and predicted states of one clip beside each other, every few frames."""
    lines = [f"Clip {clip.name}, rollout from frame {start}; each cell: measured / predicted", ""]
    lines += ["| frame | " + " | ".join(observed.names) + " |", "|" + "---|" * (len(observed.names) + 1)]
    rolled = rolled.ordered(observed.names)
    for k in range(0, len(rolled), every):
        frame = start + 1 + k
        pairs = zip(observed.values[frame], rolled.values[k], strict=True)
        cells = [f"{'' if np.isnan(a) else f'{a:.3f}'} / {b:.3f}" for a, b in pairs]
        lines.append(f"| {frame} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def pixel_comparison(real: np.ndarray, drawn: np.ndarray, reach: int = 6) -> str:
    """Real and drawn pixels along the row and the column through the place where they differ most."""
    gap = np.abs(real.astype(int) - drawn).sum(axis=2)
    row, column = (int(i) for i in np.unravel_index(gap.argmax(), gap.shape))
    across = slice(max(column - reach, 0), column + reach + 1)
    down = slice(max(row - reach, 0), row + reach + 1)
    return "\n".join(
        [
            f"Row {row} from column {across.start}, real:  {_pixels(real[row, across])}",
            f"Row {row} from column {across.start}, drawn: {_pixels(drawn[row, across])}",
            f"Column {column} from row {down.start}, real:  {_pixels(real[down, column])}",
            f"Column {column} from row {down.start}, drawn: {_pixels(drawn[down, column])}",
        ]
    )
