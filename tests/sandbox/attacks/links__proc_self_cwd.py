# category: links
# tries: to climb from the working directory
# stopped by: landlock


def attack():
    return CANARY in open("../../../../../.." + CANARY_FILE).read()
