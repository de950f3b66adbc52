"""Which parameters the data tell, and how exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def standard_errors(jacobian: Values, residual: Values, owner: NDArray[np.intp]) -> Values:
    """Standard errors of least-squares parameters, (P,), infinite where the data hold nothing.

    jacobian (M, P), residual (M,): robustly weighted. owner (M,): the clip each row comes from. The larger of
    two estimates counts: the textbook's, s^2 (J^T J)^-1, which sees the directions that J does not, and the
    one clustered by clip (Liang and Zeger 1986), because errors within a clip go together: a clip perceived
    slightly too fast is so in all of its frames.
    """
    rows, count = jacobian.shape
    _, singular, directions = np.linalg.svd(jacobian, full_matrices=False)
    variance = float(np.sum(residual**2)) / max(rows - count, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1.0 / singular**2
        weights = np.where(directions**2 > 1e-12, directions**2 * inverse[:, None], 0.0)
        textbook = variance * weights.sum(axis=0)
    clusters = np.unique(owner)
    if len(clusters) < 2 or not np.isfinite(inverse).all():
        return np.asarray(np.sqrt(textbook))
    bread = (directions.T * inverse) @ directions
    pulls = np.stack([jacobian[owner == c].T @ residual[owner == c] for c in clusters])
    clustered = np.diag(bread @ (pulls.T @ pulls) @ bread) * len(clusters) / (len(clusters) - 1)
    return np.asarray(np.sqrt(np.maximum(textbook, clustered)))
