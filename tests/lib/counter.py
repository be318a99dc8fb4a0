"""A server that counts, and that does on command what servers do to their clients.

Closes are taken before accepts, and connections are numbered in the order of accept, which is that
of connecting.
"""
import selectors
import socket
import sys

selector = selectors.DefaultSelector()
connections = {}
opened = closed = reset = 0
last = None


def listen(family, address):
    listener = socket.socket(family)
    listener.bind((address, 0))
    listener.listen(1024)
    listener.setblocking(False)
    selector.register(listener, selectors.EVENT_READ, accept)
    return listener


def accept(listener):
    global opened
    while True:
        try:
            connection = listener.accept()[0]
        except BlockingIOError:
            return
        connection.setblocking(False)
        connections[connection] = opened
        opened += 1
        selector.register(connection, selectors.EVENT_READ, receive)
        if opened == last:
            selector.unregister(listener)
            listener.close()
            return


def forget(connection):
    global closed
    closed += 1
    del connections[connection]
    selector.unregister(connection)
    connection.close()


def receive(connection):
    global reset
    try:
        if connection.recv(4096):
            return
    except ConnectionResetError:
        reset += 1
    if connection in connections:
        forget(connection)


def command(stream):
    global opened, closed, reset, last
    words = stream.readline().split()
    if not words:
        sys.exit()
    if words[0] == "clear":
        opened = closed = reset = 0
    elif words[0] == "close":
        for connection in list(connections)[: int(words[1])]:
            forget(connection)
    elif words[0] == "last":
        last = int(words[1])
    if words[0] == "who":
        print(*sorted(connections.values()), flush=True)
    else:
        print(opened, closed, len(connections), reset, flush=True)


v4 = listen(socket.AF_INET, "127.0.0.1")
try:
    v6 = listen(socket.AF_INET6, "::1").getsockname()[1]
except OSError:
    v6 = 0
selector.register(sys.stdin, selectors.EVENT_READ, command)
print(v4.getsockname()[1], v6, flush=True)
while True:
    ready = [key for key, _ in selector.select()]
    for handler in receive, accept, command:
        for key in ready:
            if key.data == handler and key.fileobj.fileno() >= 0:
                handler(key.fileobj)
