# category: wire
# tries: to end successfully without a reply
# stopped by: always
# ends as: crash
import os


def attack():
    os._exit(0)
