"""websocket_page.py PORT - a page in a headless browser speaks WebSocket with our server."""
import sys

import browser

# A browser sends no fragments and no pings; ws.js does.
SCRIPT = """(async url => {
    const open = () => new Promise((done, fail) => {
        const socket = new WebSocket(url);
        socket.binaryType = "arraybuffer";
        socket.onopen = () => done(socket);
        socket.onerror = () => fail(new Error("no connection"));
    });
    const echo = (socket, data) => new Promise((done, fail) => {
        socket.onmessage = event => done(event.data);
        socket.onclose = event => fail(new Error("closed with " + event.code));
        socket.send(data);
    });
    const closed = socket => new Promise(done => { socket.onclose = event => done(event.code); });
    const socket = await open();
    const text = "h\\u00e9llo \\u20ac \\u{1f600}";
    const bytes = new Uint8Array(1 << 20).map((_, i) => i * 31);
    const back = new Uint8Array(await echo(socket, bytes));
    const result = {
        text: await echo(socket, text) === text,
        binary: new Uint8Array(await echo(socket, bytes.slice(0, 300))).join() ===
            bytes.slice(0, 300).join(),
        megabyte: back.length === bytes.length && back.every((byte, i) => byte === bytes[i]),
        extensions: socket.extensions === "",
    };
    const ours = closed(socket);
    socket.close(3001, "why");
    result.ours = await ours === 3001;
    const other = await open();
    const theirs = closed(other);
    other.send(new Uint8Array(2 << 20));
    result.theirs = await theirs === 1009;
    return result;
})("ws://127.0.0.1:%d/chat")"""

page = browser.Browser(browser.find())
try:
    result = page.ask(SCRIPT % int(sys.argv[1]))
finally:
    page.close()
for name, held in result.items():
    print(name, held)
sys.exit(not all(result.values()))
