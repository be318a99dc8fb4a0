"""conform.py PORT PROTOCOL STEP...: what every architecture must do with every protocol.

Each step is a function below. Ends with status 0 when all went as they should. The step "hold" opens
connections, prints "held N", and when all of them have ended, "ended N".
"""
import os
import re
import select
import socket
import struct
import sys

from websocket_client import BINARY, CLOSE, PING, PONG, TEXT, WebSocket, frame

port, protocol = int(sys.argv[1]), sys.argv[2]


def connect():
    return socket.create_connection(("127.0.0.1", port), 20)


def read_all(plain):
    data = b""
    while True:
        try:
            piece = plain.recv(1 << 16)
        except ConnectionResetError:
            return data
        if not piece:
            return data
        data += piece


def ask(plain, ident="7"):
    plain.sendall(b"GET /test/%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % ident.encode())


def chunks(plain, count):
    """The first so many chunks of a feed, after its head."""
    data = b""
    while True:
        head, _, body = data.partition(b"\r\n\r\n")
        found, whole = [], False
        while body:
            size, _, rest = body.partition(b"\r\n")
            length = int(size, 16) if re.fullmatch(rb"[0-9a-f]+", size) else 1 << 30
            if len(rest) < length + 2:
                break
            found.append(rest[:length])
            body = rest[length + 2:]
        if len(found) >= count:
            assert head.startswith(b"HTTP/1.1 200 OK\r\n") and b"chunked" in head, head
            return found
        piece = plain.recv(1 << 16)
        assert piece, data
        data += piece


def greeted():
    """A connection that has said what the protocol begins with; its plain socket is .plain."""
    if protocol == "websocket":
        return WebSocket(port).upgrade().socket
    plain = connect()
    if protocol == "feed":
        ask(plain)
        chunks(plain, 1)
    return plain


def answer(expected, plain):
    data = b""
    while len(data) < len(expected):
        piece = plain.recv(1 << 16)
        assert piece, len(data)
        data += piece
    assert data == expected


def converse_feeds():
    fed = {b"x%d" % number: connect() for number in range(20)}
    for ident, plain in fed.items():
        ask(plain, ident.decode())
    for ident, plain in fed.items():
        expected = [b"Hello, id %s\n" % ident, b"Chunk 1 for id %s\n" % ident]
        assert chunks(plain, 2)[:2] == expected


def converse():
    if protocol == "feed":
        return converse_feeds()
    for _ in range(20):
        if protocol == "websocket":
            web = WebSocket(port).upgrade()
            for payload in b"", b"a", b"b" * 126, os.urandom(70000):
                web.send(BINARY, payload)
                assert web.receive() == (BINARY, payload)
            continue
        plain = connect()
        if protocol == "idle":
            plain.sendall(os.urandom(30000))
        elif protocol == "echo":
            for data in b"12345678", os.urandom(30000):
                plain.sendall(data)
                answer(data, plain)
    return None


def half_close():
    """Whatever was asked before the end is answered before the end."""
    if protocol == "websocket":
        web = WebSocket(port).upgrade()
        web.socket.sendall(frame(TEXT, b"last") * 100)
        web.socket.shutdown(socket.SHUT_WR)
        for _ in range(100):
            assert web.receive() == (TEXT, b"last")
        assert web.ended()
        return
    plain = greeted()
    data = os.urandom(2000000) if protocol == "echo" else b"x"
    got = b""
    plain.setblocking(False)
    sent = 0
    while sent < len(data):
        readable, writable, _ = select.select([plain], [plain], [], 20)
        assert readable or writable
        # Reads late, so that what is written waits on the server's side, too.
        if readable and not writable:
            got += plain.recv(1 << 16)
        elif writable:
            sent += plain.send(data[sent:sent + (1 << 16)])
    plain.setblocking(True)
    plain.shutdown(socket.SHUT_WR)
    got += read_all(plain)
    assert protocol != "echo" or got == data, (len(got), len(data))


def reset():
    for _ in range(10):
        plain = greeted()
        plain.sendall(frame(TEXT, b"x") if protocol == "websocket" else b"x")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        plain.close()


def unread():
    """Who floods and never reads is cut off."""
    plain = greeted()
    plain.settimeout(60)
    flood = frame(BINARY, b"z" * 65000) if protocol == "websocket" else b"z" * 65536
    try:
        while True:
            plain.sendall(flood)
    except (ConnectionResetError, BrokenPipeError):
        pass


def half_handshake():
    plain = connect()
    for byte in b"GET /test/1 HTTP/1.1\r\nHost: loc":
        plain.sendall(bytes([byte]))
    assert read_all(plain).startswith(b"HTTP/1.1 408 ")


def bytewise():
    """One byte in a packet, as far as the network lets it be."""
    plain = connect()
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if protocol == "feed":
        for byte in b"GET /test/abc HTTP/1.1\r\nHost: localhost\r\n\r\n":
            plain.sendall(bytes([byte]))
        assert chunks(plain, 1) == [b"Hello, id abc\n"]
        return
    web = WebSocket(port)
    web.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    web.upgrade()
    text = "h\u00e9llo \u20ac \U0001f600".encode()
    for byte in frame(TEXT, text[:2], final=False) + frame(PING, b"ping") + frame(0, text[2:]):
        web.socket.sendall(bytes([byte]))
    assert web.receive() == (PONG, b"ping")
    assert web.receive() == (TEXT, text)


def pipelined():
    web = WebSocket(port).upgrade(b"".join(frame(TEXT, b"m%d" % i) for i in range(1000)))
    for number in range(1000):
        assert web.receive() == (TEXT, b"m%d" % number)
    web.send(BINARY, b"q" * (1 << 20))
    assert web.receive() == (BINARY, b"q" * (1 << 20))


def refusals():
    """Bad requests, each with its status."""
    host = b"Host: localhost\r\n"
    for status, request in ((400, b"GET\r\n\r\n"), (400, b"GET /test/1 HTTP/1.1\r\n\r\n"),
                            (400, b"GET /test/1 HTTP/1.1\n" + host + b"\n"),
                            (400, b"GET /test/1 HTTP/1.1\r\n" + host + host + b"\r\n"),
                            (405, b"POST /test/1 HTTP/1.1\r\n" + host + b"\r\n"),
                            (405, b"HEAD /test/1 HTTP/1.1\r\n" + host + b"\r\n"),
                            (431, b"GET /test/1 HTTP/1.1\r\nX: " + b"y" * 9000),
                            (505, b"GET /test/1 HTTP/1.0\r\n" + host + b"\r\n"),
                            (404 if protocol == "feed" else 426,
                             b"GET /other HTTP/1.1\r\n" + host + b"\r\n")):
        plain = connect()
        plain.sendall(request)
        got = read_all(plain)
        assert got.startswith(b"HTTP/1.1 %d " % status), (status, request[:40], got[:80])
        # The answer to HEAD is a head.
        assert got.endswith(b"\r\n\r\n") == request.startswith(b"HEAD "), got


def violations():
    """Frames that may not be, each with the code that it is closed with."""
    huge = dict(length=1 << 63, wide=8)
    for code, arguments, more in (
            (1002, (TEXT, b"x"), dict(masked=False)), (1002, (TEXT, b"x"), dict(reserved=4)),
            (1002, (BINARY, b""), huge), (1009, (BINARY, b"x"), dict(length=1 << 40)),
            (1002, (BINARY, b"x"), dict(wide=2)), (1002, (3, b""), {}),
            (1002, (PING, b"x" * 126), {}), (1002, (PING, b""), dict(final=False)),
            (1002, (0, b"x"), {}), (1007, (TEXT, b"\xff"), {}),
            (1007, (TEXT, b"a\xed\xa0\x80b"), {}), (None, (CLOSE,), {}),
            (1000, (CLOSE, struct.pack("!H", 1000)), {}),
            (3000, (CLOSE, struct.pack("!H", 3000)), {}), (1002, (CLOSE, b"x"), {}),
            (1002, (CLOSE, struct.pack("!H", 1005)), {}),
            (1007, (CLOSE, struct.pack("!H", 1000) + b"\xc0"), {})):
        web = WebSocket(port).upgrade()
        web.send(*arguments, **more)
        got = web.closed()
        assert got == code, (got, code, arguments, more)
    web = WebSocket(port).upgrade()
    web.send(TEXT, b"a", final=False)
    web.send(TEXT, b"b")
    assert web.closed() == 1002


def hold():
    held = [greeted() for _ in range(20)]
    for plain in held:
        # Something is under way when the end comes.
        plain.sendall(frame(BINARY, b"a" * 1000)[:600] if protocol == "websocket" else b"x")
    print("held", len(held), flush=True)
    for plain in held:
        last = read_all(plain)
        assert protocol != "websocket" or last == b"\x88\x02" + struct.pack("!H", 1001), last
    print("ended", len(held), flush=True)


for step in sys.argv[3:]:
    globals()[step]()
