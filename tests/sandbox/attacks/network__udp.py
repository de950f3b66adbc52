# category: network
# tries: to send a datagram by UDP, which Landlock does not cover
# stopped by: seccomp namespaces
import socket


def attack():
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", UDP_PORT)) == 1
