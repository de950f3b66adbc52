# category: files
# tries: to find out whether a file exists and how long it is
# stopped by: nothing
import os


def attack():
    return os.stat(CANARY_FILE).st_size > 0
