# category: processes
# tries: to start a thread that outlives its time
# stopped by: seccomp uid
# stopped by, ordinary user: always
import threading


def attack():
    threading.Thread(target=print).start()
    return True
