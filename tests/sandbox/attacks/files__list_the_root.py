# category: files
# tries: to list the root directory
# stopped by: landlock
import os


def attack():
    return len(os.listdir("/")) > 0
