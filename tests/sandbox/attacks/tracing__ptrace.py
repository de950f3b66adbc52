# category: tracing
# tries: to trace another process of the user
# stopped by: landlock seccomp namespaces uid
# stopped by, ordinary user: landlock seccomp namespaces
# optional: Yama may forbid it
import ctypes


def attack():
    return ctypes.CDLL(None).ptrace(0x4206, VICTIM_PID, None, None) == 0
