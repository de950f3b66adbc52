# category: descriptors
# tries: to list the descriptors of the server
# stopped by: landlock uid
# stopped by, ordinary user: always
import os


def attack():
    return len(os.listdir(f"/proc/{os.getppid()}/fd")) > 0
