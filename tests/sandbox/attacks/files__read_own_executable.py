# category: files
# tries: to read the interpreter through /proc/self/exe
# stopped by: landlock


def attack():
    return open("/proc/self/exe", "rb").read(4) == b"\x7fELF"
