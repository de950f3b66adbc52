# category: output
# tries: to send bytes for ever
# stopped by: always
# ends as: crash
import os


def attack():
    while True:
        os.write(3, bytes(2**16))
