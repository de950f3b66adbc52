# category: monkeypatching
# tries: to return an array that lies about its shape
# stopped by: always
# ends as: non-finite contract
import numpy as np


class Liar(np.ndarray):
    shape = ()
    dtype = np.dtype("f8")

    def item(self):
        return float("nan")


def attack():
    return np.zeros(3).view(Liar)
