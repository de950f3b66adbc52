# category: tracing
# tries: to ask the server to trace it
# stopped by: seccomp
import ctypes


def attack():
    return ctypes.CDLL(None).ptrace(0, 0, None, None) == 0
