# category: next job
# tries: to leave a module for the next job
# stopped by: always
# runs: twice
import sys


def attack():
    found = "left_behind" in sys.modules
    sys.modules["left_behind"] = sys
    return found
