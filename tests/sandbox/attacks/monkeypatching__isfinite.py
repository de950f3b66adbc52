# category: monkeypatching
# tries: to patch the check for finite numbers and return NaN
# stopped by: always
# ends as: crash
import math
import numpy as np


def attack():
    math.isfinite = lambda value: True
    np.isfinite = lambda values: np.ones_like(values, dtype=bool)
    return float("nan")
