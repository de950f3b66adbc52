# category: network
# tries: to connect by multipath TCP, which Landlock does not cover
# stopped by: seccomp namespaces
# optional: needs multipath TCP
import socket


def attack():
    socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).connect(("127.0.0.1", TCP_PORT))
    return True
