"""A real Chromium, driven through its DevTools protocol, which stays on this machine."""

import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess

import harness

# A browser without a window says so in its name, and would be taken for a robot.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
OPTIONS = [
    "--headless", "--disable-gpu", "--no-sandbox", "--remote-debugging-pipe", "--no-first-run", f"--user-agent={AGENT}",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en", "--window-size=1400,1000",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]  # fmt: skip
MISSING = shutil.which("chromium") is None


def above_ten(descriptor):
    """The same with another number, which is in nobody's way."""
    copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return copy


class Chromium:
    """One browser with a profile of its own in the folder; a context manager. `preferences` are the user's."""

    def __init__(self, folder, *options, preferences=None):
        self.folder = folder / "chromium"
        (self.folder / "Default").mkdir(parents=True)
        (self.folder / "Default" / "Preferences").write_text(json.dumps(preferences or {}))
        (self.folder / "First Run").touch()
        self.options, self.number, self.said, self.events, self.rest = options, 0, [], [], b""

    def __enter__(self):
        theirs, self.to = map(above_ten, os.pipe())
        self.answers, answers = map(above_ten, os.pipe())
        # The browser reads from 3 and writes to 4.
        command = ["bash", "-c", f'exec "$@" 3<&{theirs} 4>&{answers}', "bash", "chromium", *OPTIONS, *self.options,
                   f"--user-data-dir={self.folder}", "about:blank"]  # fmt: skip
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(command, pass_fds=(theirs, answers), stdout=log, stderr=log)
        os.close(theirs)
        os.close(answers)
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError, AssertionError):
            self.ask("Browser.close")
        os.close(self.to)
        os.close(self.answers)
        try:
            self.process.wait(harness.PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def receive(self):
        """Reads at least one message."""
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.answers], [], [], harness.PATIENCE)
            piece = os.read(self.answers, 1 << 20) if ready else b""
            assert piece, "Chromium is silent: " + (self.folder / "log").read_text(errors="replace")[-2000:]
            self.rest += piece
        *texts, self.rest = self.rest.split(b"\0")
        messages = list(map(json.loads, texts))
        self.said += messages
        self.events += [message for message in messages if "method" in message]

    def take(self, wanted):
        """The first message that `wanted` is true of; those before it are forgotten, but for answers."""
        while True:
            for position, message in enumerate(self.said):
                if wanted(message):
                    del self.said[: position + 1]
                    return message
            self.said.clear()
            self.receive()

    def ask(self, method, session=None, **parameters):
        """The answer to a command; what happens until then stays to be taken."""
        self.number += 1
        number, message = self.number, {"id": self.number, "method": method, "params": parameters}
        os.write(self.to, json.dumps({**message, **({"sessionId": session} if session else {})}).encode() + b"\0")
        while True:
            for position, answer in enumerate(self.said):
                if answer.get("id") == number:
                    del self.said[position]
                    assert "error" not in answer, f"{method}: {answer['error']}"
                    return answer["result"]
            self.receive()

    def happened(self, method, session, wanted=lambda parameters: True):
        """Waits for what happens, or has happened since the browser started."""

        def found():
            self.ask("Target.getTargets")  # what has happened by now is told before the answer
            for event in self.events:
                if (event["method"], event.get("sessionId")) == (method, session) and wanted(event["params"]):
                    return event["params"]
            return None

        return harness.wait_until(found, method)

    def tab(self):
        """What a new tab shows. Only to those who follow the tab, and not one page, pages are made ahead of time."""
        target = self.ask("Target.createTarget", url="about:blank", forTab=True)["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        follow = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True}
        self.ask("Target.setAutoAttach", session, **follow)
        return Page(self, session, "")


class Page:
    """What a tab shows; with `kind` prerender what it may show next."""

    def __init__(self, browser, tab, kind):
        self.browser, self.tab = browser, tab
        attached = browser.happened(
            "Target.attachedToTarget", tab, lambda said: said["targetInfo"].get("subtype", "") == kind
        )
        self.session = attached["sessionId"]
        for domain in ("Page", "DOM", "Network", "Preload"):
            self.ask(f"{domain}.enable")

    def made_ahead(self):
        return Page(self.browser, self.tab, "prerender")

    def happened(self, method, wanted):
        return self.browser.happened(method, self.session, wanted)

    def ask(self, method, **parameters):
        return self.browser.ask(method, self.session, **parameters)

    def wait_for(self, method, wanted=lambda parameters: True):
        def right(message):
            mine = message.get("sessionId") == self.session and message.get("method") == method
            return mine and wanted(message["params"])

        return self.browser.take(right)["params"]

    def loads(self, ask):
        """Does what makes the tab load a page, and waits until it has."""
        self.ask("Page.bringToFront")
        self.browser.said.clear()
        ask()
        self.wait_for("Page.frameNavigated", lambda said: "parentId" not in said["frame"])
        self.wait_for("Page.loadEventFired")

    def go(self, url):
        self.loads(lambda: self.ask("Page.navigate", url=url))

    def reload(self):
        self.loads(lambda: self.ask("Page.reload"))

    def without_scripts(self):
        self.ask("Emulation.setScriptExecutionDisabled", value=True)
        return self

    def value(self, expression):
        return self.ask("Runtime.evaluate", expression=expression)["result"].get("value")

    def cookies(self):
        return {cookie["name"]: cookie["value"] for cookie in self.ask("Network.getCookies")["cookies"]}

    def press(self, selector):
        """As a mouse does; the page needs no script for it."""
        root = self.ask("DOM.getDocument")["root"]["nodeId"]
        node = self.ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        assert node, f"{selector} is not in the page"
        self.ask("DOM.scrollIntoViewIfNeeded", nodeId=node)
        quad = self.ask("DOM.getContentQuads", nodeId=node)["quads"][0]
        where = {"x": sum(quad[::2]) / 4, "y": sum(quad[1::2]) / 4, "button": "left", "clickCount": 1}
        for what in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=what, **where)

    def follow(self, selector):
        """Presses what leads to another page."""
        self.loads(lambda: self.press(selector))

    def submit(self, selector, text):
        """Types into a field, and Enter."""
        self.press(selector)
        self.ask("Input.insertText", text=text)
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
        self.loads(lambda: self.ask("Input.dispatchKeyEvent", type="keyDown", text="\r", **enter))
        self.ask("Input.dispatchKeyEvent", type="keyUp", **enter)

    def go_back(self):
        """The kind of navigation that it was: `BackForwardCacheRestore` if the page had been kept as it was."""
        history = self.ask("Page.getNavigationHistory")
        entry = history["entries"][history["currentIndex"] - 1]
        self.browser.said.clear()
        self.ask("Page.navigateToHistoryEntry", entryId=entry["id"])
        kind = self.wait_for("Page.frameNavigated", lambda said: said["frame"]["url"] == entry["url"])["type"]
        harness.wait_until(lambda: self.value("document.readyState") == "complete", "the page")
        return kind
