# category: proc
# tries: to read settings of the kernel
# stopped by: landlock


def attack():
    return len(open("/proc/sys/kernel/ostype").read()) > 0
