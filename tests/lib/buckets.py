#!/usr/bin/env python3
# A server with three connections: two from one port of two addresses, one from a port that it has to
# itself. Prints the server's port, and holds them until it is ended.
import errno
import signal
import socket

ADDRESSES = ("127.77.0.1", "127.77.0.2")
PORTS = range(20000, 30000)  # below those that the kernel gives to others


def connect(server, address, port):
    client = socket.socket()
    client.bind((address, port))
    client.connect(server)
    return client


def only_user(server, addresses, ports):
    """Connects from a port that nobody has, not even for an address of his own."""
    for port in ports:
        try:
            with socket.socket() as any_address:
                any_address.bind(("0.0.0.0", port))
            return [connect(server, address, port) for address in addresses]
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise SystemExit("no port is free")


listener = socket.create_server(("127.0.0.1", 0))
clients = only_user(listener.getsockname(), ADDRESSES, PORTS)
clients += only_user(listener.getsockname(), ADDRESSES[:1], PORTS)
accepted = [listener.accept()[0] for _ in clients]
print(listener.getsockname()[1], flush=True)
signal.pause()
