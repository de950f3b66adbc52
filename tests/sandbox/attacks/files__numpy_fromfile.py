# category: files
# tries: to read a file through numpy, past every patched open()
# stopped by: landlock
import numpy as np


def attack():
    return CANARY.encode() in np.fromfile(CANARY_FILE, dtype="u1").tobytes()
