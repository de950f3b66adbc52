# category: network
# tries: to get at the network through io_uring
# stopped by: seccomp
# optional: needs io_uring
import ctypes


def attack():
    parameters = ctypes.create_string_buffer(256)
    return ctypes.CDLL(None).syscall(425, 8, parameters) >= 0
