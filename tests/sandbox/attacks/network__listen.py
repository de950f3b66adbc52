# category: network
# tries: to listen for connections
# stopped by: landlock-4 seccomp
import socket


def attack():
    socket.create_server(("", 0))
    return True
