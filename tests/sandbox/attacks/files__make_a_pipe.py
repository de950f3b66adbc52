# category: files
# tries: to make a named pipe
# stopped by: landlock seccomp
import os


def attack():
    os.mkfifo(OPEN_FOLDER + "/pipe")
    os.unlink(OPEN_FOLDER + "/pipe")
    return True
