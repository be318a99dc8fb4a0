"""browser.py - a headless Chromium for tests, spoken to over a pipe in the DevTools protocol.

A pipe needs neither a port nor a driver: only the browser itself. Chromium reads commands from
descriptor 3 and answers on 4, each a line of JSON that ends with NUL.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT = 60  # seconds; generous, as an answer is waited for and not a time


class BrowserError(Exception):
    pass


def find():
    """The path of a browser, or None."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def _options(profile):
    options = [
        "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}",
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--hide-scrollbars", "about:blank",
    ]
    # Its sandbox refuses to work for root.
    return (["--no-sandbox"] if os.geteuid() == 0 else []) + options


class Browser:
    """One page. What it logs and what it asks the network for is kept."""

    def __init__(self, path):
        self.number = 0
        self.buffer = b""
        self.complaints = []  # exceptions, and whatever the console shows as an error
        self.requests = []
        self.profile = tempfile.mkdtemp(prefix="tidemark-browser.")
        commands, self.to = os.pipe()
        self.answers, out = os.pipe()
        # Moved out of the way first: the pipe's own ends may be 3 and 4.
        start = f"exec 3<&{commands} 4>&{out}; exec \"$0\" \"$@\""
        self.process = subprocess.Popen(
            ["bash", "-c", start, path, *_options(self.profile)],
            pass_fds=(commands, out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(commands)
        os.close(out)
        try:
            self.session = None
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self.session = self.call("Target.attachToTarget", targetId=target,
                                     flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                self.call(f"{domain}.enable")
        except BrowserError:
            self.close()
            raise

    def close(self):
        os.close(self.to)  # which ends the browser
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.answers)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _read(self, deadline):
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                raise BrowserError("no answer from the browser")
            data = os.read(self.answers, 1 << 16)
            if not data:
                raise BrowserError("the browser has ended")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(line)

    def _note(self, event):
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(params["exceptionDetails"].get("text", "exception"))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.complaints.append(str(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])

    def _wait(self, wanted):
        deadline = time.monotonic() + TIMEOUT
        while True:
            message = self._read(deadline)
            self._note(message)
            if wanted(message):
                return message

    def call(self, method, **params):
        self.number += 1
        number = self.number
        command = {"id": number, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        try:
            os.write(self.to, json.dumps(command).encode() + b"\0")
        except BrokenPipeError as error:
            raise BrowserError("the browser has ended") from error
        answer = self._wait(lambda message: message.get("id") == number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def open(self, path):
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        self._wait(lambda message: message.get("method") == "Page.loadEventFired")

    def screen(self, width, height, scheme="light"):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)
        # A page that is still scrolling has no place to point at.
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme},
                            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def ask(self, expression):
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']['text']}")
        return answer["result"].get("value")

    def settle(self):
        """Until what was changed is on the screen: where the pointer is, is asked of the screen."""
        self.ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def point(self, x, y):
        self.settle()
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.settle()

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      **({"text": "\r"} if key == "Enter" else {}))

    def picture(self):
        """The whole page as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot",
                                          captureBeyondViewport=True)["data"])

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True,
                                          printBackground=True)["data"])
