# category: files
# tries: to list a folder of the user
# stopped by: landlock
import os


def attack():
    return "canary" in os.listdir(FOLDER)
