# category: namespaces
# tries: to change its root directory
# stopped by: seccomp uid
# stopped by, ordinary user: always
import os


def attack():
    os.chroot("/tmp")
    return True
