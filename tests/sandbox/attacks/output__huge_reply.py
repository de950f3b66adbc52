# category: output
# tries: to announce a reply of 10 GB
# stopped by: always
# ends as: output
import os
import struct


def attack():
    os.write(3, struct.pack("<4sIQ", b"PGW1", 2, 10**10))
    os._exit(0)
