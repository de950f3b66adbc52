# category: files
# tries: to be told of what the user does in a folder, which Landlock does not cover
# stopped by: seccomp
import ctypes


def attack():
    libc = ctypes.CDLL(None)
    watch = libc.inotify_init()
    return libc.inotify_add_watch(watch, FOLDER.encode(), 0xFFF) > 0
