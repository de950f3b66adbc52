# category: network
# tries: to ask the kernel for the network interfaces
# stopped by: seccomp
import socket


def attack():
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).fileno() > 0
