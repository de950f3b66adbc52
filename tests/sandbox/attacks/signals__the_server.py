# category: signals
# tries: to signal the server
# stopped by: landlock-6 seccomp uid
# stopped by, ordinary user: landlock-6 seccomp
import os


def attack():
    os.kill(os.getppid(), 0)
    return True
