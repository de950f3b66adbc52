# category: wire
# tries: to report a failure of a kind that does not exist
# stopped by: always
# ends as: crash
import json
import os
import struct


def attack():
    header = json.dumps(
        {"body": {"status": "failure", "kind": "<script>", "message": [1]}, "arrays": []}
    ).encode()
    os.write(3, struct.pack("<4sIQ", b"PGW1", len(header), 0) + header + b"")
    os._exit(0)
