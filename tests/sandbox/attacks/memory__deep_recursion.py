# category: memory
# tries: to overflow the stack of the interpreter
# stopped by: always
# ends as: crash memory exception
import sys


def fall(n):
    return sorted([n], key=fall)


def attack():
    sys.setrecursionlimit(10**9)
    fall(0)
