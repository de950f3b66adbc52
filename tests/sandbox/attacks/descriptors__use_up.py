# category: descriptors
# tries: to use up the descriptors of the machine
# stopped by: always
import os


def attack():
    kept = [os.dup(3) for _ in range(10**4)]
    return len(kept) > 0
