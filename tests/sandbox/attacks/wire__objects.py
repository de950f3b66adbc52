# category: wire
# tries: to answer with an array of Python objects
# stopped by: always
# ends as: crash
import json
import os
import struct


def attack():
    header = json.dumps({"body": {"status": "ok"}, "arrays": [["|O", [1, 1]]]}).encode()
    os.write(3, struct.pack("<4sIQ", b"PGW1", len(header), 8) + header + bytes(8))
    os._exit(0)
