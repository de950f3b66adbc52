# category: files
# tries: to make a directory
# stopped by: landlock seccomp
import os


def attack():
    os.mkdir(OPEN_FOLDER + "/folder")
    os.rmdir(OPEN_FOLDER + "/folder")
    return True
