# category: memory
# tries: to take 100 GB as an array
# stopped by: always
# ends as: memory
import numpy as np


def attack():
    return np.zeros(10**11, dtype="u1").size > 0
