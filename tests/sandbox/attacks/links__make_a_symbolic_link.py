# category: links
# tries: to put a symbolic link to a private file
# stopped by: landlock seccomp
import os


def attack():
    os.symlink(PRIVATE_FILE, OPEN_FOLDER + "/link")
    os.unlink(OPEN_FOLDER + "/link")
    return True
