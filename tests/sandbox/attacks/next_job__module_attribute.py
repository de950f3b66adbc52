# category: next job
# tries: to leave a mark in a module for the next job
# stopped by: always
# runs: twice
import math


def attack():
    found = getattr(math, "mark", False)
    math.mark = True
    return found
