# category: network
# tries: to listen to raw packets
# stopped by: seccomp uid
# stopped by, ordinary user: always
import socket


def attack():
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).fileno() > 0
