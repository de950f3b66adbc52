# category: environment
# tries: to find a key in its own environment
# stopped by: always
import os
import posix


def attack():
    return CANARY in repr(os.environ) or CANARY in repr(posix.environ)
