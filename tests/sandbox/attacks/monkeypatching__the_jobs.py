# category: monkeypatching
# tries: to patch the trusted code in its process: no more than returning a value
# stopped by: nothing
import sys


def attack():
    jobs = sys.modules["proggen.sandbox.jobs"]
    jobs._number = lambda *_: 1.0
    return False
