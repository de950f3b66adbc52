# category: forging
# tries: to answer well and die badly: the answer is checked like any other
# stopped by: nothing
import json
import os
import struct


def attack():
    header = json.dumps({"body": {"status": "ok"}, "arrays": [["<f8", [1, 1]]]}).encode()
    os.write(3, struct.pack("<4sIQ", b"PGW1", len(header), 8) + header + struct.pack("<d", 1.0))
    os.abort()
