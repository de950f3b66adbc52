# category: files
# tries: to read /etc/passwd
# stopped by: landlock


def attack():
    return len(open("/etc/passwd").read()) > 0
