# category: network
# tries: to send a datagram by UDP over IPv6
# stopped by: seccomp namespaces
# optional: needs IPv6
import socket


def attack():
    return socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b"x", ("::1", UDP_PORT)) == 1
