"""hostile.py PORT STATUS PROTOCOL STEP...: clients that do wrong, and what becomes of them.

Each step is a function below; the server has --timeout 500ms and --websocket-limit 128K. Ends with
status 0 when each client got the status or close code that it earned, and its connection ended.
"""
import os
import select
import socket
import struct
import sys
import time

import status
from websocket_client import BINARY, CLOSE, PING, PONG, TEXT, WebSocket, frame, request

port, page, protocol = int(sys.argv[1]), sys.argv[2], sys.argv[3]

LIMIT = 128 << 10  # of a message
FLOODERS = 40
# Of a connection that floods: a message that grows (old and new), its answer, and what was read
# before the flood could be held up.
STATE_MOST = 6 * LIMIT
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HOST = b"Host: localhost\r\n"


def connect():
    plain = socket.create_connection(("127.0.0.1", port), 60)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return plain


def first_words(plain):
    """All that comes until the end, or until a reset."""
    data = b""
    try:
        while (piece := plain.recv(1 << 16)):
            data += piece
    except ConnectionResetError:
        pass
    return data


def drive(plain, endless, pause=0.0):
    """Sends without end, and reads, until the server has ended it. Returns what was read."""
    data, heard = b"", True
    while True:
        if heard and select.select([plain], [], [], pause)[0]:
            try:
                piece = plain.recv(1 << 16)
            except ConnectionResetError:
                return data
            heard = piece != b""
            data += piece
        try:
            plain.sendall(endless)
        except (BrokenPipeError, ConnectionResetError):
            return data


def refused(code, sent, then=b"", why=b""):
    """Answered by that status alone, with a body that says why; then: is sent behind it, before the
    answer is read."""
    plain = connect()
    plain.sendall(sent + then)
    got = first_words(plain)
    assert got.startswith(b"HTTP/1.1 %d " % code) and got.count(b"Content-Length") == 1, (
        code, sent[:60], got[:200])
    assert why in got.partition(b"\r\n\r\n")[2], (why, got)


def requests_too_large():
    line = b"GET /" + b"a" * 8300
    refused(431, line)
    refused(431, line + b" HTTP/1.1\r\n" + HOST + b"\r\n")
    refused(431, b"GET /test/1 HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 64 + b"\r\n", why=b" 64 fields")
    refused(431, b"GET /test/1 HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 8200, why=b" 8192 bytes")
    # Headers without end are cut off, also of a client who goes on behind the answer.
    plain = connect()
    plain.sendall(b"GET /test/1 HTTP/1.1\r\n" + HOST)
    assert drive(plain, b"X: y\r\n").startswith(b"HTTP/1.1 431 ")


def junk():
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2
    refused(400, hello)
    refused(400, b"\x00" * 5000)
    refused(400, bytes(range(128, 256)) * 60 + b"\r\n\r\n")
    refused(400, b"SSH-2.0-OpenSSH_9.2p1\r\n")
    refused(505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    refused(400, b"GET /test/1 HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n")
    refused(400, b"GET /test/\x00 HTTP/1.1\r\n" + HOST + b"\r\n")


def doubtful_bodies():
    """Where a body ends is said once, and a handshake, behind which frames begin, has none."""
    ask = request(KEY) if protocol == "websocket" else b"GET /test/1 HTTP/1.1\r\n" + HOST + b"\r\n"
    head, chunked = ask[:-2], b"Transfer-Encoding: chunked\r\n"
    for lengths in (b"Content-Length: 3\r\n" + chunked, chunked + b"Content-Length: 3\r\n",
                    b"Content-Length: 3\r\nContent-Length: 4\r\n", b"Content-Length: 3, 3\r\n",
                    b"Content-Length: -3\r\n", b"Transfer-Encoding: gzip\r\n", chunked * 2):
        refused(400, head + lengths + b"\r\n", b"abc")
    if protocol == "websocket":
        refused(400, head + b"Content-Length: 3\r\n\r\n", b"abc")
        refused(400, head + chunked + b"\r\n", b"3\r\nabc\r\n0\r\n\r\n", why=b"no body")
        refused(400, head + b"Sec-WebSocket-Version: 13\r\n\r\n", why=b"one version")
        refused(400, head + b"Sec-WebSocket-Key: " + KEY.encode() + b"\r\n\r\n", why=b"one key")


def slow_handshake():
    """A byte now and then does not buy time."""
    plain = connect()
    plain.sendall(b"GET /test/1 HTTP/1.1\r\n" + HOST + b"X: ")
    assert drive(plain, b"y", pause=0.02).startswith(b"HTTP/1.1 408 ")


def pipelined_requests():
    refused(405, b"POST /test/1 HTTP/1.1\r\n" + HOST + b"\r\n",
            b"GET /test/1 HTTP/1.1\r\n" + HOST + b"\r\n")
    plain = connect()
    if protocol == "feed":
        plain.sendall(b"".join(b"GET /test/%d HTTP/1.1\r\n" % i + HOST + b"\r\n" for i in range(9)))
        got = b""
        while b"Chunk 2 for id 0" not in got:
            got += plain.recv(1 << 16)
        assert got.count(b"HTTP/1.1 200") == 1 and b"id 1" not in got, got
        return
    # Behind a handshake are frames: the second one's first byte has reserved bits.
    web = WebSocket(port).upgrade(request(KEY))
    assert web.closed() == 1002


def junk_behind():
    """What follows a request whose answer never ends is nobody's."""
    plain = connect()
    plain.sendall(b"GET /test/x HTTP/1.1\r\n" + HOST + b"\r\n")
    for _ in range(100):
        plain.sendall(os.urandom(10000))
    got = b""
    while b"Chunk 1 for id x" not in got:
        got += plain.recv(1 << 16)


def bytewise_handshake():
    web = WebSocket(port)
    web.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in request(KEY) + frame(TEXT, b"behind it"):
        web.socket.sendall(bytes([byte]))
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in web.head()
    assert web.receive() == (TEXT, b"behind it")


def broken():
    """Pairs of what is sent behind a handshake and the code that answers it."""
    yield 1002, frame(CLOSE, b"\x03\xe8", masked=False)
    for reserved in 1, 2, 4, 7:
        yield 1002, frame(BINARY, b"x", reserved=reserved)
    for opcode in 3, 7, 11, 15:
        yield 1002, frame(opcode)
    for opcode in CLOSE, PING, PONG:
        yield 1002, frame(opcode, b"x" * 126)
        yield 1002, frame(opcode, final=False)
        yield 1002, frame(opcode, b"x", length=1 << 16, wide=8)
    yield 1002, frame(0, b"x", final=False)
    yield 1002, frame(TEXT, b"a", final=False) + frame(BINARY, b"b")
    yield 1002, frame(TEXT, b"a") + frame(0, b"b")
    yield 1002, frame(BINARY, length=(1 << 64) - 1, wide=8)
    yield 1009, frame(BINARY, length=(1 << 63) - 1, wide=8)
    yield 1009, frame(BINARY, b"x" * (LIMIT + 1))
    yield 1009, frame(BINARY, b"x" * LIMIT, final=False) + frame(0, b"x")
    for text in b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80":
        yield 1007, frame(TEXT, text)
    yield 1007, frame(TEXT, b"\xe2\x82", final=False) + frame(0, b"\x28")
    for code in 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535:
        yield 1002, frame(CLOSE, struct.pack("!H", code))
    for code in 1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999:
        yield code, frame(CLOSE, struct.pack("!H", code) + "bye \U0001f600".encode())


def violations():
    """Whole, byte by byte, and with more behind it, which nobody answers."""
    for code, sent in broken():
        for way in range(3):
            web = WebSocket(port).upgrade()
            web.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            step = 1 if way == 1 and len(sent) < 1000 else len(sent)
            try:
                for i in range(0, len(sent), step):
                    web.socket.sendall(sent[i:i + step])
                if way == 2:
                    web.socket.sendall(frame(TEXT, b"more") * 5)
            except (BrokenPipeError, ConnectionResetError):
                pass
            while (answer := web.receive())[0] == TEXT:
                assert answer[1] == b"a"  # what was whole before
            assert answer == (CLOSE, struct.pack("!H", code)), (code, sent[:20], way, answer)
            assert web.ended()


def half_messages():
    """Who stops half-way in a message, or only seems to go on, is told so by 1008."""
    text = frame(TEXT, b"t" * 300)
    halves = {sent: WebSocket(port).upgrade() for sent in (
        text[:1], text[:3], text[:200], frame(BINARY, b"b", final=False), frame(PING, b"p")[:4])}
    for sent, web in halves.items():
        web.socket.sendall(sent)
    for sent, web in halves.items():
        assert web.closed() == 1008, sent
    drip = frame(BINARY, b"d" * 10000)[:8]
    for half, idle in ((frame(BINARY, b"b", final=False), frame(PING, b"there")),
                       (frame(BINARY, b"b", final=False), frame(0, b"", final=False)),
                       (drip, b"d")):
        web = WebSocket(port).upgrade()
        web.socket.sendall(half)
        answers = drive(web.socket, idle, pause=0.02)
        assert answers.endswith(b"\x88\x02" + struct.pack("!H", 1008)), answers[-20:]


def slow_message():
    """Who goes on, a KiB in --timeout, is served: the whole takes some times --timeout."""
    web = WebSocket(port).upgrade()
    text = frame(TEXT, b"slowly" * 3000)
    for at in range(0, len(text), 1200):
        web.socket.sendall(text[at:at + 1200])
        time.sleep(0.1)
    assert web.receive() == (TEXT, b"slowly" * 3000)


def deaf_to_close():
    """Who floods on behind a close frame, or never shuts its side, is cut off."""
    web = WebSocket(port).upgrade()
    drive(web.socket, frame(3) + b"z" * 60000)
    web = WebSocket(port).upgrade()
    web.send(3)
    assert web.receive() == (CLOSE, struct.pack("!H", 1002))
    web.socket.settimeout(60)
    while True:  # a write to what has been closed is answered by a reset
        try:
            web.socket.send(b"z")
        except (BrokenPipeError, ConnectionResetError):
            return
        time.sleep(0.02)


def anonymous():
    total = 0
    for pid in status.read(page)["pids"]:
        with open("/proc/%d/status" % pid) as file:
            total += sum(int(line.split()[1]) << 10 for line in file if line.startswith("RssAnon:"))
    return total


def flood(kind):
    """All at once send and never read, until they are cut off. Returns the most that it cost."""
    senders = {}
    for _ in range(FLOODERS):
        plain = WebSocket(port).upgrade().socket if protocol == "websocket" else connect()
        plain.setblocking(False)
        senders[plain.fileno()] = plain
    before = anonymous()
    state = held = 0
    poll = select.poll()
    rests = dict.fromkeys(senders, b"")
    for number in senders:
        poll.register(number, select.POLLOUT)
    while senders:
        for number, _ in poll.poll(10):
            rest = rests[number] or kind
            try:
                rests[number] = rest[senders[number].send(rest):]
            except BlockingIOError:
                pass
            except (BrokenPipeError, ConnectionResetError):
                poll.unregister(number)
                senders.pop(number).close()
        state = max(state, status.read(page)["state_bytes"])
        held = max(held, anonymous() - before)
    return state, held


def floods():
    if protocol == "websocket":
        kinds = {"messages": frame(BINARY, b"m" * LIMIT), "pings": frame(PING, b"p" * 125) * 500,
                 "small": frame(TEXT, b"s") * 10000,
                 "fragments": (frame(TEXT, b"f" * 500, final=False) + frame(0, b"g" * 500)) * 50}
    else:
        kinds = {"bytes": b"z" * 65536}
    for name, kind in kinds.items():
        state, held = flood(kind)
        print("%s: %d bytes of state, %d of anonymous memory" % (name, state, held))
        assert state <= FLOODERS * STATE_MOST, name
        # Sanitizers keep what was given back.
        assert os.environ.get("SANITIZE") or held <= 2 * FLOODERS * STATE_MOST, name


def silent():
    """Handshakes and messages that stop half-way, many at once, held until the server ends them."""
    half = request(KEY)[:-3]
    held = []
    for i in range(60):
        if i % 2 and protocol == "websocket":
            held.append(WebSocket(port).upgrade().socket)
            held[-1].sendall(frame(BINARY, b"h" * 5000)[:4000])
        else:
            held.append(connect())
            held[-1].sendall(half)
    for plain in held:
        assert first_words(plain)[:13] in (b"HTTP/1.1 408 ", b"\x88\x02" + struct.pack("!H", 1008))


for step in sys.argv[4:]:
    globals()[step]()
    print(step, flush=True)
