# category: links
# tries: to read a file through a link that lies there
# stopped by: landlock


def attack():
    return CANARY in open(LINK_FILE).read()
