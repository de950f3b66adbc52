# category: tracing
# tries: to read the memory of another process of the user
# stopped by: landlock seccomp namespaces uid
# stopped by, ordinary user: landlock seccomp namespaces
# optional: Yama may forbid it
import ctypes
import struct


def attack():
    buffer = ctypes.create_string_buffer(len(CANARY))
    here = ctypes.create_string_buffer(struct.pack("@PN", ctypes.addressof(buffer), len(CANARY)))
    there = ctypes.create_string_buffer(struct.pack("@PN", VICTIM_ADDRESS, len(CANARY)))
    one = ctypes.c_ulong(1)
    count = ctypes.CDLL(None).process_vm_readv(VICTIM_PID, here, one, there, one, ctypes.c_ulong(0))
    return count > 0 and buffer.raw == CANARY.encode()
