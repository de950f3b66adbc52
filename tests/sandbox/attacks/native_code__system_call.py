# category: native code
# tries: to make a harmless system call without Python
# stopped by: nothing
import ctypes
import os


def attack():
    return ctypes.CDLL(None).getpid() == os.getpid()
