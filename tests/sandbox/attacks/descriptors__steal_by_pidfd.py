# category: descriptors
# tries: to take a descriptor from another process of the user
# stopped by: landlock seccomp namespaces uid
# stopped by, ordinary user: landlock seccomp namespaces
# optional: Yama may forbid it
import ctypes
import os


def attack():
    pidfd = os.pidfd_open(VICTIM_PID)
    return ctypes.CDLL(None).syscall(438, pidfd, VICTIM_FD, 0) >= 0
