# category: daemons
# tries: to stay after a good reply
# stopped by: always
# ends as: timeout
import json
import os
import struct
import time


def attack():
    header = json.dumps({"body": {"status": "ok"}, "arrays": [["<f8", [1, 1]]]}).encode()
    os.write(3, struct.pack("<4sIQ", b"PGW1", len(header), 8) + header + struct.pack("<d", 1.0))
    time.sleep(10**6)
