# category: proc
# tries: to change its score with the killer of processes
# stopped by: landlock seccomp uid
# stopped by, ordinary user: always


def attack():
    open("/proc/self/oom_score_adj", "w").write("500")
    return True
