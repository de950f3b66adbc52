# category: wire
# tries: to hide infinity in the header
# stopped by: always
# ends as: crash
import os
import struct


def attack():
    header = b'{"body": {"status": "ok", "x": 1e999}, "arrays": []}'
    os.write(3, struct.pack("<4sIQ", b"PGW1", len(header), 0) + header)
    os._exit(0)
