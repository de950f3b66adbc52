# category: signals
# tries: to signal another process of the user
# stopped by: landlock-6 seccomp namespaces uid
# stopped by, ordinary user: landlock-6 seccomp namespaces
import os


def attack():
    os.kill(VICTIM_PID, 0)
    return True
