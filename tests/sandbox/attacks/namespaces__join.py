# category: namespaces
# tries: to join the namespaces of another process
# stopped by: landlock seccomp uid
# stopped by, ordinary user: always
import ctypes
import os


def attack():
    return ctypes.CDLL(None).setns(os.open(f"/proc/{VICTIM_PID}/ns/uts", os.O_RDONLY), 0) == 0
