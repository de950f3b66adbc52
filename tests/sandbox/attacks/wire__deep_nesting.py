# category: wire
# tries: to overflow the stack of the parser
# stopped by: always
# ends as: crash
import os
import struct


def attack():
    header = b"[" * 10**5 + b"]" * 10**5
    os.write(3, struct.pack("<4sIQ", b"PGW1", len(header), 0) + header)
    os._exit(0)
