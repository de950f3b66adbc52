# category: files
# tries: to change the mode of a file of the user, which Landlock does not cover
# stopped by: seccomp uid
# stopped by, ordinary user: seccomp
import os


def attack():
    os.chmod(PRIVATE_FILE, 0o600)
    return True
