# category: files
# tries: to read a file that only its owner may read
# stopped by: landlock uid
# stopped by, ordinary user: landlock


def attack():
    return CANARY in open(PRIVATE_FILE).read()
