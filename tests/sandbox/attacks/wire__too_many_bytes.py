# category: wire
# tries: to send more than it describes
# stopped by: always
# ends as: crash
import json
import os
import struct


def attack():
    header = json.dumps({"body": {"status": "ok"}, "arrays": [["<f8", [1, 1]]]}).encode()
    os.write(3, struct.pack("<4sIQ", b"PGW1", len(header), 16) + header + bytes(16))
    os._exit(0)
