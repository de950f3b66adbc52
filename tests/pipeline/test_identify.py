from __future__ import annotations

import numpy as np
import pytest

from proggen.pipeline.identify import standard_errors

RNG = np.random.default_rng(0)


def test_independent_noise_gives_the_textbook_error() -> None:
    jacobian, noise = RNG.normal(size=(20000, 1)), 0.3 * RNG.normal(size=20000)
    error = standard_errors(jacobian, noise, np.arange(20000) // 100)
    assert error[0] == pytest.approx(0.3 / np.sqrt(20000), rel=0.15)


def test_errors_shared_within_a_clip_count_once() -> None:
    owner = np.repeat(np.arange(50), 100)
    shared = RNG.normal(size=50)[owner]
    error = standard_errors(np.ones((5000, 1)), shared, owner)
    assert error[0] == pytest.approx(1 / np.sqrt(50), rel=0.25)


def test_unseen_direction_is_infinite_and_leaves_the_others_alone() -> None:
    jacobian = np.stack([np.ones(100), np.zeros(100)], axis=1)
    errors = standard_errors(jacobian, RNG.normal(size=100), np.zeros(100, dtype=int))
    assert np.isfinite(errors[0])
    assert np.isinf(errors[1])


def test_parameters_that_act_as_one_are_both_unknown() -> None:
    column = RNG.normal(size=100)
    errors = standard_errors(np.stack([column, column], axis=1), RNG.normal(size=100), np.arange(100) % 5)
    assert (errors > 1e6).all()
