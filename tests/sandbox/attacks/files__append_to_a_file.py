# category: files
# tries: to append to a file that everybody may write
# stopped by: always


def attack():
    with open(OPEN_FILE, "a") as file:
        file.write("more")
    return True
