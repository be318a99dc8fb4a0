"""websocket.py [HABIT...]: a WebSocket echo server for tests of clients, a thread a connection.

Prints its port. Habits, all off at first:
  ping      a ping before each answer; its pong must come before the next message
  fragment  answers in pieces of 3 bytes, an empty one among them, with pings in between
  drip      sends single bytes, each in a segment of its own
  accept    answers the handshake with another key's proof
  extend    accepts an extension that nobody has offered
  text      answers in text frames
  spoil     changes the last byte of the answers
  mask      masks its frames, as only clients do
  pester    more pings before an answer than the sockets hold pongs, and reads none of these before
  silent    never answers a close frame
  third     serves the third connection only, and closes all others at once
Ends when its input does, and prints how many connections were closed with which code, how many
messages and pongs came, and what clients did wrong.
"""
import base64
import collections
import hashlib
import itertools
import os
import socket
import struct
import sys
import threading

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
PINGS = 100000  # of who pesters; the pongs are 13 MB
habits = set(sys.argv[1:])
counts = collections.Counter()
lock = threading.Lock()


def count(what):
    with lock:
        counts[what] += 1


class Connection:
    def __init__(self, sock):
        self.sock = sock
        self.input = sock.makefile("rb")
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data):
        step = 1 if "drip" in habits else len(data)
        for i in range(0, len(data), max(step, 1)):
            self.sock.sendall(data[i : i + step])

    def shake_hands(self):
        line = self.input.readline()
        headers = {}
        while (field := self.input.readline().strip()):
            name, _, value = field.partition(b":")
            headers[name.lower()] = value.strip()
        key = headers.get(b"sec-websocket-key", b"")
        if (
            not line.endswith(b" HTTP/1.1\r\n")
            or headers.get(b"upgrade", b"").lower() != b"websocket"
            or headers.get(b"connection", b"").lower() != b"upgrade"
            or headers.get(b"sec-websocket-version") != b"13"
            or b"host" not in headers
            or len(base64.b64decode(key)) != 16
        ):
            count("bad handshake")
            return False
        with lock:
            keys.add(key)
        if "accept" in habits:
            key = base64.b64encode(bytes(16))
        proof = base64.b64encode(hashlib.sha1(key + GUID).digest())
        extra = b"Sec-WebSocket-Extensions: permessage-deflate\r\n" if "extend" in habits else b""
        self.send(
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\n"
            b"Connection: keep-alive, Upgrade\r\n" + extra + b"Sec-WebSocket-Accept: " + proof + b"\r\n\r\n"
        )
        return True

    def frame(self, opcode, payload, final=True):
        mask = 0x80 if "mask" in habits else 0
        head = bytes([(0x80 if final else 0) | opcode])
        if len(payload) < 126:
            head += bytes([mask | len(payload)])
        elif len(payload) < 65536:
            head += struct.pack("!BH", mask | 126, len(payload))
        else:
            head += struct.pack("!BQ", mask | 127, len(payload))
        return head + (bytes(4) if mask else b"") + payload

    def receive(self):
        first, second = self.input.read(2)
        if not second & 0x80 or first & 0x70 or not first & 0x80:
            count("bad frame")
        length = second & 0x7F
        if length == 126:
            length = struct.unpack("!H", self.input.read(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self.input.read(8))[0]
        mask = self.input.read(4)
        payload = self.input.read(length)
        whole = int.from_bytes(payload, "big") ^ int.from_bytes(
            (mask * (length // 4 + 1))[:length], "big"
        )
        return first & 0x0F, whole.to_bytes(length, "big")

    def answer(self, payload):
        opcode = 1 if "text" in habits else 2
        if "spoil" in habits:
            payload = payload[:-1] + bytes([payload[-1] ^ 1])
        if "fragment" not in habits:
            return self.frame(opcode, payload)
        pieces = [payload[i : i + 3] for i in range(0, len(payload), 3)] + [b""]
        answer = b""
        for i, piece in enumerate(pieces):
            answer += self.frame(0 if i else opcode, piece, i == len(pieces) - 1)
            answer += self.frame(9, b"between") if i < 1 else b""
        return answer

    def serve(self):
        if not self.shake_hands():
            return
        awaited = None
        while True:
            opcode, payload = self.receive()
            if opcode == 8:
                count("closed %d" % struct.unpack("!H", payload)[0])
                if "silent" not in habits:
                    self.send(self.frame(8, payload))
                    return
            elif opcode == 10:
                right = payload in (awaited, b"between") or "pester" in habits
                count("pongs" if right else "bad pong")
                if payload == b"%0125d" % (PINGS - 1):
                    count("newest pong")
                awaited = None
            elif opcode == 2:
                count("messages")
                if "ping" in habits:
                    if awaited:
                        count("missing pong")
                    awaited = os.urandom(len(payload) % 126)
                    self.send(self.frame(9, awaited))
                if "pester" in habits:
                    self.send(b"".join(self.frame(9, b"%0125d" % i) for i in range(PINGS)))
                self.send(self.answer(payload))
            else:
                count("bad frame")


def run(sock):
    try:
        Connection(sock).serve()
    except (OSError, ValueError, struct.error):
        count("broken off")
    sock.close()


def accept(listener):
    for number in itertools.count(1):
        sock = listener.accept()[0]
        if "third" in habits and number != 3:
            sock.close()
            continue
        threading.Thread(target=run, args=(sock,), daemon=True).start()


keys = set()
server = socket.create_server(("127.0.0.1", 0), backlog=1024)
threading.Thread(target=accept, args=(server,), daemon=True).start()
print(server.getsockname()[1], flush=True)
sys.stdin.read()
with lock:
    print("keys", len(keys))
    for what in sorted(counts):
        print(what, counts[what])
