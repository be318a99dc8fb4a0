"""websocket_client.py: a small WebSocket client (RFC 6455) that can also do everything wrong."""
import base64
import hashlib
import os
import socket
import struct

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def request(key, **headers):
    lines = {"Host": "localhost", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade",
             "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13"}
    lines.update({name.replace("_", "-"): value for name, value in headers.items()})
    text = "".join("%s: %s\r\n" % line for line in lines.items() if line[1] is not None)
    return ("GET /chat HTTP/1.1\r\n" + text + "\r\n").encode()


def frame(opcode, payload=b"", final=True, reserved=0, masked=True, length=None, wide=None):
    """The bytes of a frame; length: a false one; wide: 0, 2 or 8 bytes of length, not the least."""
    length = len(payload) if length is None else length
    wide = wide if wide is not None else 0 if length < 126 else 2 if length < 1 << 16 else 8
    code = {0: length, 2: 126, 8: 127}[wide]
    head = struct.pack("!BB", final << 7 | reserved << 4 | opcode, masked << 7 | code)
    head += {0: b"", 2: struct.pack("!H", length & 0xffff), 8: struct.pack("!Q", length)}[wide]
    if not masked:
        return head + payload
    mask = os.urandom(4)
    stream = (mask * (len(payload) // 4 + 1))[:len(payload)]
    turned = int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")
    return head + mask + turned.to_bytes(len(payload), "big")


class WebSocket:
    def __init__(self, port, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.rest = b""

    def upgrade(self, before=b""):
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(request(key) + before)
        head = self.head()
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest())
        assert head.startswith(b"HTTP/1.1 101 ") and accept in head, head
        return self

    def head(self):
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        return head

    def more(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise EOFError
        self.rest += data

    def take(self, count):
        while len(self.rest) < count:
            self.more()
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def send(self, *arguments, **more):
        self.socket.sendall(frame(*arguments, **more))

    def receive(self):
        """(opcode, payload) of the next frame; the server sends each message in one."""
        first, length = self.take(2)
        assert first & 0x80 and not first & 0x70 and not length & 0x80, (first, length)
        if length == 126:
            length, = struct.unpack("!H", self.take(2))
        elif length == 127:
            length, = struct.unpack("!Q", self.take(8))
        return first & 15, self.take(length)

    def closed(self):
        """The code with which the server closes, None without one; and the connection ends."""
        opcode, payload = self.receive()
        assert opcode == CLOSE, (opcode, payload[:80])
        assert self.ended()
        return struct.unpack("!H", payload[:2])[0] if payload else None

    def ended(self):
        try:
            return self.rest == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
