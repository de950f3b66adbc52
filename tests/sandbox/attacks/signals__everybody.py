# category: signals
# tries: to find any process that it may signal
# stopped by: landlock-6 seccomp namespaces uid
# stopped by, ordinary user: landlock-6 seccomp namespaces
import contextlib
import os


def attack():
    near = range(max(2, PARENT_PID - 2000), PARENT_PID + 2000)
    found = 0
    for pid in {*range(2, 2**15), *near} - {os.getpid()}:
        with contextlib.suppress(OSError):
            os.kill(pid, 0)
            found += 1
    return found > 0
