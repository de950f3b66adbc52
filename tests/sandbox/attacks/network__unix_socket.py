# category: network
# tries: to talk to a service by its Unix socket, which Landlock does not cover
# stopped by: seccomp
import socket


def attack():
    socket.socket(socket.AF_UNIX).connect(SOCKET_FILE)
    return True
