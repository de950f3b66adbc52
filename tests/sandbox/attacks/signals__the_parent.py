# category: signals
# tries: to signal the process that started the sandbox
# stopped by: landlock-6 seccomp namespaces uid
# stopped by, ordinary user: landlock-6 seccomp namespaces
import os


def attack():
    os.kill(PARENT_PID, 0)
    return True
