# category: next job
# tries: to leave a file for the next job
# stopped by: landlock seccomp
# runs: twice
import os


def attack():
    path = OPEN_FOLDER + "/left"
    if os.path.exists(path):
        os.unlink(path)
        return True
    open(path, "x").close()
    return False
