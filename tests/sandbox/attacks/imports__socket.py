# category: imports
# tries: to import socket: the module alone opens nothing
# stopped by: nothing
import socket


def attack():
    return socket.AF_INET > 0
