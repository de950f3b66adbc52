# category: network
# tries: to talk to a service by its abstract Unix socket
# stopped by: landlock-6 seccomp namespaces
import socket


def attack():
    socket.socket(socket.AF_UNIX).connect(ABSTRACT_NAME)
    return True
