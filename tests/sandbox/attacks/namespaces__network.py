# category: namespaces
# tries: to make a network namespace
# stopped by: seccomp uid
# stopped by, ordinary user: always
import ctypes


def attack():
    return ctypes.CDLL(None).unshare(0x40000000) == 0
