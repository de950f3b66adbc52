# category: next job
# tries: to leave shared memory for the next job
# stopped by: seccomp
import ctypes


def attack():
    libc = ctypes.CDLL(None)
    segment = libc.shmget(0, 4096, 0o1600)
    libc.shmctl(segment, 0, None)
    return segment >= 0
