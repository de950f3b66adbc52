# category: namespaces
# tries: to become root in a user namespace of its own
# stopped by: seccomp
# optional: needs user namespaces
import ctypes


def attack():
    return ctypes.CDLL(None).unshare(0x10000000) == 0
