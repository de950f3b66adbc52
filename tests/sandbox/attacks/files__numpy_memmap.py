# category: files
# tries: to change a file through a numpy memory map
# stopped by: landlock seccomp
import numpy as np


def attack():
    np.memmap(OPEN_FILE, dtype="u1", mode="r+")[0] = 65
    return True
