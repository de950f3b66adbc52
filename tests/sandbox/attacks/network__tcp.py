# category: network
# tries: to connect to a local service by TCP
# stopped by: landlock-4 seccomp namespaces
import socket


def attack():
    socket.create_connection(("127.0.0.1", TCP_PORT), 2)
    return True
