# category: namespaces
# tries: to get at the keys that the kernel keeps
# stopped by: seccomp
# optional: needs kernel keys
import ctypes


def attack():
    return ctypes.CDLL(None).syscall(250, 1, None) > 0
