# category: files
# tries: to create a file
# stopped by: landlock seccomp


def attack():
    open(OPEN_FOLDER + "/created", "x").close()
    return True
