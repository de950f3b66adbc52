# category: files
# tries: to empty a file that everybody may write
# stopped by: landlock-3 seccomp
import os


def attack():
    os.truncate(OPEN_FILE, 0)
    return True
