# category: processes
# tries: to raise its own limits
# stopped by: seccomp uid
# stopped by, ordinary user: always
# optional: containers take this right from root
import resource


def attack():
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    return True
