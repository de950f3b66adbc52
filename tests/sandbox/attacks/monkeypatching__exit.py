# category: monkeypatching
# tries: to patch the end of its process and go on as a server
# stopped by: always
import os


def attack():
    os._exit = lambda code: None
    return False
