# category: monkeypatching
# tries: to patch the encoder of the reply
# stopped by: always
# ends as: crash
import json


def attack():
    json.dumps = lambda *_, **__: "[]"
    return True
