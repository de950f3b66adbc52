# category: links
# tries: to put a hard link to an open file
# stopped by: landlock seccomp
import os


def attack():
    os.link(OPEN_FILE, OPEN_FOLDER + "/hard")
    os.unlink(OPEN_FOLDER + "/hard")
    return True
