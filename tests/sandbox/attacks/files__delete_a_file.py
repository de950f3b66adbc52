# category: files
# tries: to delete a file
# stopped by: landlock seccomp
import os


def attack():
    open(OPEN_FOLDER + "/doomed", "x").close()
    os.unlink(OPEN_FOLDER + "/doomed")
    return True
