// ws.js FOLDER PORT - the npm package ws, installed below FOLDER, as client; as TAP.
"use strict";
const assert = require("assert");
const { createRequire } = require("module");
const path = require("path");

const WebSocket = createRequire(path.resolve(process.argv[2], "x.js"))("ws");
const url = `ws://127.0.0.1:${process.argv[3]}/chat`;

const once = (socket, event) =>
  new Promise((done, fail) => {
    socket.once(event, (...args) => done(args));
    socket.once("error", fail);
  });

async function open(options) {
  const socket = new WebSocket(url, options);
  await once(socket, "open");
  return socket;
}

async function echo(socket, data, binary) {
  const answer = once(socket, "message");
  socket.send(data, { binary });
  const [got, isBinary] = await answer;
  assert.strictEqual(isBinary, binary);
  assert.ok(Buffer.from(data).equals(got));
}

async function closed(socket) {
  const [code] = await once(socket, "close");
  return code;
}

const steps = {
  "permessage-deflate is offered and not accepted": async () => {
    const socket = await open({ perMessageDeflate: true });
    assert.strictEqual(socket.extensions, "");
    await echo(socket, "a".repeat(100000), false);
    socket.close();
    await closed(socket);
  },
  "text, binary and 1 MiB come back": async () => {
    const socket = await open({ perMessageDeflate: false });
    for (const size of [0, 1, 125, 126, 65535, 65536, 1 << 20]) await echo(socket, Buffer.alloc(size, 7), true);
    await echo(socket, "h\u00e9llo \u20ac \u{1f600}", false);
    socket.close(1000);
    assert.strictEqual(await closed(socket), 1000);
  },
  "a message in fragments, with a ping between them": async () => {
    const socket = await open();
    const answer = once(socket, "message");
    const pong = once(socket, "pong");
    socket.send("one \u20ac", { fin: false });
    socket.ping("between");
    socket.send(" two", { fin: false });
    socket.send("", { fin: true });
    assert.strictEqual((await pong)[0].toString(), "between");
    assert.strictEqual((await answer)[0].toString(), "one \u20ac two");
    socket.terminate();
  },
  "our close code comes back": async () => {
    for (const code of [1000, 1001, 3000, 4999]) {
      const socket = await open();
      socket.close(code, "why");
      assert.strictEqual(await closed(socket), code);
    }
  },
  "the server's close codes: 1009 for too large a message": async () => {
    const socket = await open();
    socket.send(Buffer.alloc(2 << 20));
    assert.strictEqual(await closed(socket), 1009);
  },
};

(async () => {
  let count = 0, failures = 0;
  for (const [name, step] of Object.entries(steps)) {
    count++;
    try {
      await step();
      console.log(`ok ${count} - ws: ${name}`);
    } catch (error) {
      failures++;
      console.log(`not ok ${count} - ws: ${name}\n# ${error.message.replace(/\n/g, " ")}`);
    }
  }
  console.log(`1..${count}`);
  process.exit(failures ? 1 : 0);
})();
