# category: forging
# tries: to answer well and die badly
# stopped by: always
# ends as: crash
import json
import os
import struct


def attack():
    header = json.dumps({"body": {"status": "ok"}, "arrays": [["<f8", [1, 1]]]}).encode()
    os.write(3, struct.pack("<4sIQ", b"PGW1", len(header), 8) + header + struct.pack("<d", 1.0))
    os._exit(3)
    os._exit(0)
