"""Seeds: checked once, and spread into independent random streams."""

from __future__ import annotations

import zlib

import numpy as np

from ..errors import UsageError

MAX_SEED = 2**32 - 1


def checked_seed(seed: int) -> int:
    """`seed`, if NumPy's generators take it; UsageError otherwise."""
    if not 0 <= seed <= MAX_SEED:
        raise UsageError(f"The seed must be a whole number from 0 to {MAX_SEED}, not {seed}.")
    return seed


def stream_seed(seed: int, stream: str, index: int) -> int:
    """Seed of the `index`-th draw of a named stream; other names, indices or seeds give unrelated ones."""
    entropy = (checked_seed(seed), zlib.crc32(stream.encode()), index)
    return int(np.random.SeedSequence(entropy).generate_state(1, np.uint32)[0])
