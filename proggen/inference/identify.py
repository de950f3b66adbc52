"""Which parameters the data tell, and how exactly; and which combinations of two where they do not tell them.

Parameters are measured in units of their own value (relative errors), those near zero of their range, so that
a ratio or a product of two is a direction like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations as pairs

import numpy as np
from numpy.typing import NDArray

from ..archive.records import CombinationRecord
from ..errors import ProgramFailure
from .problems import ParameterSpec

Values = NDArray[np.float64]
ResidualsOf = Callable[[Sequence[dict[str, float]]], list[Values]]  # of sets of parameters, (M,) each

_STEPS = (1e-3, 1e-2, 3e-2, 8e-2, 0.2)  # of a parameter's value or range, whichever is less
_AGREES = 0.5  # relative difference of two columns that still tell of one slope
_TINY = 1e-3  # of its range: a value below has no relative error
_FLAT = 1e-3  # share of a squared length in directions of which the derivatives tell nothing
_BETTER = 5.0  # how much better two parameters are known together than each of them
_KNOWN = 0.05  # relative standard error above which a combination is not worth naming
_EXACT = 1e-6  # relative standard error below which a parameter needs no company
_WORSE = 3.0  # standard deviations of noise by which other values must be worse


@dataclass(frozen=True)
class Derivatives:
    """Of residuals by parameters, a column each, in units of `scale`.

    doubt (M, P): by how much wider differences give other columns. still (P,): how far a parameter may go, in
    its unit, without any change. stepwise: parameters without a slope,
    because the program answers them in steps or not at all.
    """

    names: tuple[str, ...]
    scale: Values
    columns: Values
    doubt: Values
    still: Values
    stepwise: tuple[str, ...]


def differentiate(
    residuals_of: ResidualsOf, values: Mapping[str, float], specs: Mapping[str, ParameterSpec], rows: int
) -> Derivatives:
    """Central differences of the parameters without a `step`, as narrow as they agree with wider ones.

    Inside the bounds only, since parameters beyond them are no business of the program; a difference into a
    failure of the program counts as one that changes nothing.
    """
    free = [n for n, s in specs.items() if s.step is None]
    found = {n: _column(residuals_of, values, n, specs[n], rows) for n in free}
    smooth = {n: f for n, f in found.items() if f is not None}
    scale = np.array([_scale(specs[n], values[n]) for n in smooth])
    columns, doubt = np.zeros((rows, len(smooth))), np.zeros((rows, len(smooth)))
    for i, (column, gap, _) in enumerate(smooth.values()):
        columns[:, i], doubt[:, i] = column * scale[i], gap * scale[i]
    still = np.array([f[2] for f in smooth.values()])
    return Derivatives(tuple(smooth), scale, columns, doubt, still, tuple(n for n in free if n not in smooth))


def _column(
    residuals_of: ResidualsOf, values: Mapping[str, float], name: str, spec: ParameterSpec, rows: int
) -> tuple[Values, Values, float] | None:
    """Derivative, its doubt and the widest step that changes nothing; None if no two differences agree."""
    last, still = np.zeros(rows), 0.0
    for step in (s * _size(spec, values[name]) for s in _STEPS):
        column = _difference(residuals_of, values, name, spec, step, rows)
        gap = column - last
        if last.any() and np.linalg.norm(gap) <= _AGREES * max(np.linalg.norm(last), np.linalg.norm(column)):
            return last, gap, still
        last, still = column, still if column.any() else step
    return None


def _difference(
    residuals_of: ResidualsOf,
    values: Mapping[str, float],
    name: str,
    spec: ParameterSpec,
    step: float,
    rows: int,
) -> Values:
    low, high = max(values[name] - step, spec.low), min(values[name] + step, spec.high)
    try:
        before, after = residuals_of([{**values, name: low}, {**values, name: high}])
    except ProgramFailure:
        return np.zeros(rows)
    return np.asarray((after - before) / (high - low))


def _size(spec: ParameterSpec, value: float) -> float:
    return min(spec.high - spec.low, _scale(spec, value))


def _scale(spec: ParameterSpec, value: float) -> float:
    reach = spec.high - spec.low
    return abs(value) if abs(value) > _TINY * reach else reach


@dataclass(frozen=True)
class Knowledge:
    """The covariance of parameters, (P, P) in units of their scale, without the directions not told.

    textbook: s^2 (J^T J)^-1. clustered: by clip (Liang and Zeger 1986), because errors within a clip go
    together: a clip perceived slightly too fast is so in all of its frames. untold (K, P): unit vectors along
    which the derivatives are no larger than their doubt.
    """

    textbook: Values
    clustered: Values
    untold: Values

    def deviation(self, direction: Values) -> float:
        """Standard error along a direction (P,): the larger of both estimates, infinite if it is not told."""
        if np.sum((self.untold @ direction) ** 2) > _FLAT * float(direction @ direction):
            return float("inf")
        variances = (float(direction @ c @ direction) for c in (self.textbook, self.clustered))
        return float(np.sqrt(max(0.0, *variances)))


def knowledge(jacobian: Values, doubt: Values, residual: Values, owner: NDArray[np.intp]) -> Knowledge:
    """What data tell around a least-squares solution.

    jacobian, doubt (M, P), residual (M,): robustly weighted. owner (M,): the clip each row comes from.
    """
    rows, count = jacobian.shape
    triangle = np.linalg.qr(np.vstack([jacobian, np.zeros((count, count))]), mode="r")
    _, singular, directions = np.linalg.svd(triangle)
    told = singular > np.maximum(
        np.linalg.norm(doubt @ directions.T, axis=0), 1e-12 * singular.max(initial=0)
    )
    known = directions[told]
    bread = (known.T / singular[told] ** 2) @ known
    textbook = bread * float(np.sum(residual**2)) / max(rows - count, 1)
    clips = np.unique(owner)
    pulls = np.stack([jacobian[owner == c].T @ residual[owner == c] for c in clips])
    factor = len(clips) / (len(clips) - 1) if len(clips) > 1 else 0.0
    return Knowledge(textbook, bread @ (pulls.T @ pulls) @ bread * factor, directions[~told])


def blind_to_starts(starts: Sequence[Values], rows: Values) -> Values:
    """Rows (M, K) whitened for rollouts whose initial states are known to one scale only.

    starts: for each rollout the derivatives (m, S) of its residuals by its initial state, in scales; the
    noise of its m rows then has the covariance I + S S^T.
    """
    parts, begin = [], 0
    for slopes in starts:
        part, begin = rows[begin : begin + len(slopes)], begin + len(slopes)
        left, singular, _ = np.linalg.svd(slopes, full_matrices=False)
        parts.append(part - (left * (1 - 1 / np.sqrt(1 + singular**2))) @ (left.T @ part))
    return np.concatenate(parts)


def standard_errors(found: Knowledge, derivatives: Derivatives) -> dict[str, float | None]:
    """In the parameters' units, None where the data tell nothing."""
    errors: dict[str, float | None] = {}
    for i, name in enumerate(derivatives.names):
        error = found.deviation(np.eye(len(derivatives.names))[i]) * derivatives.scale[i]
        alike = derivatives.still[i] / np.sqrt(3)  # the deviation of what is uniform within the step
        errors[name] = float(np.hypot(error, alike)) if np.isfinite(error) else None
    return errors


def combinations(
    found: Knowledge,
    derivatives: Derivatives,
    values: Mapping[str, float],
    specs: Mapping[str, ParameterSpec],
) -> list[CombinationRecord]:
    """Ratios and products of two positive parameters that are known much better than each of the two."""
    unit = np.eye(len(derivatives.names))
    positive = [
        i for i, n in enumerate(derivatives.names) if values[n] > _TINY * (specs[n].high - specs[n].low)
    ]
    named = []
    for i, j in pairs(positive, 2):
        alone = min(found.deviation(unit[i]), found.deviation(unit[j]))
        for sign in (-1, 1):
            error = found.deviation(unit[i] + sign * unit[j])
            if alone > _EXACT and error < min(_KNOWN, alone / _BETTER):
                named.append(
                    _combination(derivatives.names[i], derivatives.names[j], sign, error, values, specs)
                )
    return sorted(named, key=lambda c: c.relative_std_error)


def _combination(
    one: str,
    other: str,
    sign: int,
    error: float,
    values: Mapping[str, float],
    specs: Mapping[str, ParameterSpec],
) -> CombinationRecord:
    return CombinationRecord(
        text=f"{one} {'*' if sign > 0 else '/'} {other}",
        value=values[one] * values[other] ** sign,
        unit=combined_unit(specs[one].unit, specs[other].unit, sign),
        relative_std_error=error,
    )


def combined_unit(one: str, other: str, sign: int) -> str:
    """The unit of a product (sign 1) or ratio (-1); empty if one of them can't be read."""
    powers: dict[str, int] = {}
    for text, side in ((one, 1), (other, sign)):
        read = read_unit(text)
        if read is None:
            return ""
        for name, power in read.items():
            powers[name] = powers.get(name, 0) + side * power
    above = [_power(n, p) for n, p in powers.items() if p > 0]
    below = [_power(n, -p) for n, p in powers.items() if p < 0]
    return "/".join(["*".join(above) or "1", *below])


def _power(name: str, power: int) -> str:
    return name if power == 1 else f"{name}^{power}"


def read_unit(unit: str) -> dict[str, int] | None:
    """m/s^2 as {"m": 1, "s": -2}; None if it is written in another way."""
    powers: dict[str, int] = {}
    for operator, factor in re.findall(r"(^|[*/ ])([^*/ ]*)", unit.strip()):
        match = re.fullmatch(r"([^\W\d_]+)(?:\^?(-?\d+))?", factor)
        if match:
            side = -1 if operator == "/" else 1
            powers[match[1]] = powers.get(match[1], 0) + side * int(match[2] or 1)
        elif factor not in ("1", ""):
            return None
    return powers


def profile(
    residuals_of: ResidualsOf,
    values: Mapping[str, float],
    name: str,
    spec: ParameterSpec,
    derivatives: Derivatives,
    owner: NDArray[np.intp],
) -> float | None:
    """How far a parameter without a slope must go, in its unit, to be clearly worse on both sides; or None.

    One with a `step` is asked for its neighbours alone.
    """
    steps = [s * _size(spec, values[name]) for s in _STEPS] if spec.step is None else [spec.step]
    for step in steps:
        beside = [v for v in (values[name] - step, values[name] + step) if spec.low <= v <= spec.high]
        try:
            here, *there = residuals_of([dict(values), *({**values, name: v} for v in beside)])
        except ProgramFailure:
            continue
        if there and all(clearly_worse(here, t, derivatives, owner) for t in there):
            return step
    return None


def clearly_worse(here: Values, there: Values, derivatives: Derivatives, owner: NDArray[np.intp]) -> bool:
    """Whether residuals (M,), the other parameters fitted again, are worse than chance between clips explains.

    In the mean over the clips that change, by its standard error; in each of three or more, beyond the noise;
    or so much in all that no clip's present cost comes near it.
    """
    weight = (1 + there**2) ** -0.25
    move = np.linalg.lstsq(derivatives.columns * weight[:, None], -there * weight, rcond=1e-9)[0]
    costs, rise = _rho(here), _rho(there + derivatives.columns @ move) - _rho(here)
    clips = [owner == c for c in np.unique(owner)]
    each = np.array([rise[rows].sum() for rows in clips if (here != there)[rows].any()])
    if each.sum() > _WORSE**2 * max(costs[rows].sum() for rows in clips) + 1e-9:
        return True
    if len(each) < 2:
        return False
    if len(each) > 2 and each.min() > _WORSE**2 * float(costs.mean()) + 1e-9:
        return True
    return bool(each.mean() > _WORSE * each.std(ddof=1) / np.sqrt(len(each)) + 1e-9)


def _rho(residual: Values) -> Values:
    return np.asarray(2 * (np.sqrt(1 + residual**2) - 1))
