# category: monkeypatching
# tries: to patch the trusted code in its process: no more than returning a value
# stopped by: nothing
import sys


def attack():
    contract = sys.modules["proggen.inference.contract"]
    contract._number = lambda *_: 1.0
    return False
