# category: descriptors
# tries: to find descriptors that were left open
# stopped by: always
import contextlib
import os


def attack():
    found = []
    for descriptor in range(4, 1024):
        with contextlib.suppress(OSError):
            os.fstat(descriptor)
            found.append(descriptor)
    return bool(found)
