# category: files
# tries: to read a file that everybody may read
# stopped by: landlock


def attack():
    return CANARY in open(CANARY_FILE).read()
