# category: imports
# tries: to write a module and import it
# stopped by: landlock seccomp
import sys


def attack():
    open(OPEN_FOLDER + "/evil.py", "w").close()
    sys.path.insert(0, OPEN_FOLDER)
    return __import__("evil") is not None
