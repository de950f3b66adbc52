# category: files
# tries: to rename a file
# stopped by: landlock seccomp
import os


def attack():
    os.rename(OPEN_FOLDER + "/here", OPEN_FOLDER + "/there")
    os.rename(OPEN_FOLDER + "/there", OPEN_FOLDER + "/here")
    return True
