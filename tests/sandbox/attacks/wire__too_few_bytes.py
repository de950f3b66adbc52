# category: wire
# tries: to describe more than it sends
# stopped by: always
# ends as: crash
import json
import os
import struct


def attack():
    header = json.dumps({"body": {"status": "ok"}, "arrays": [["<f8", [2**30, 2**30]]]}).encode()
    os.write(3, struct.pack("<4sIQ", b"PGW1", len(header), 8) + header + bytes(8))
    os._exit(0)
