# category: tracing
# tries: to read a key in the memory of the parent by a system call
# stopped by: landlock seccomp namespaces uid
# stopped by, ordinary user: always
import ctypes
import struct


def attack():
    buffer = ctypes.create_string_buffer(len(CANARY))
    here = ctypes.create_string_buffer(struct.pack("@PN", ctypes.addressof(buffer), len(CANARY)))
    there = ctypes.create_string_buffer(struct.pack("@PN", PARENT_ADDRESS, len(CANARY)))
    one = ctypes.c_ulong(1)
    count = ctypes.CDLL(None).process_vm_readv(PARENT_PID, here, one, there, one, ctypes.c_ulong(0))
    return count > 0 and buffer.raw == CANARY.encode()
