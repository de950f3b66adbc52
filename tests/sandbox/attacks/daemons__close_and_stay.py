# category: daemons
# tries: to answer, close the socket and stay: the answer counts, the process is ended
# stopped by: nothing
import json
import os
import struct
import time


def attack():
    header = json.dumps({"body": {"status": "ok"}, "arrays": [["<f8", [1, 1]]]}).encode()
    os.write(3, struct.pack("<4sIQ", b"PGW1", len(header), 8) + header + struct.pack("<d", 1.0))
    os.close(3)
    time.sleep(10**6)
