# category: wire
# tries: to stall the parser with a number of 100000 digits
# stopped by: always
# ends as: crash
import os
import struct


def attack():
    header = b'{"body": {"x": ' + b"9" * 10**5 + b'}, "arrays": []}'
    os.write(3, struct.pack("<4sIQ", b"PGW1", len(header), 0) + header)
    os._exit(0)
