"""Headless Chromium, driven by its DevTools protocol over two pipes: no driver, no port, no package."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HOW: Final = "Chromium is not installed: `apt-get install chromium` (Debian), or any Chrome on PATH"
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",  # as root, as in CI, there is none; the pages are our own files
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


def chromium() -> str | None:
    """The program; None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser(program: str) -> Iterator[Browser]:
    """A running browser with a profile of its own."""
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        to_browser, commands = os.pipe()
        answers, from_browser = os.pipe()
        pid = os.posix_spawn(
            program,
            [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_DUP2, to_browser, 3),  # where the browser reads commands, and writes answers
                (os.POSIX_SPAWN_DUP2, from_browser, 4),
            ],
            setpgroup=0,
        )
        os.close(to_browser)
        os.close(from_browser)
        try:
            yield Browser(commands, answers)
        finally:
            os.close(commands)
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(answers)


class Browser:
    """Opens pages."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = commands
        self._answers = answers
        self._left = b""
        self._number = 0
        self._events: list[Mapping[str, Any]] = []

    @contextmanager
    def page(
        self, file: Path, *, width: int = 1280, height: int = 900, dark: bool = False
    ) -> Iterator[OpenPage]:
        """A file in a tab, as wide and dark as asked, once it is loaded."""
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = OpenPage(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        page.call("Emulation.setEmulatedMedia", {"features": [scheme]})
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700}
        page.call("Emulation.setDeviceMetricsOverride", size)
        page.open(file)
        yield page
        self.call("Target.closeTarget", {"targetId": target})

    def call(self, method: str, params: Mapping[str, Any] | None = None, session: str = "") -> dict[str, Any]:
        """The result of one command. AssertionError where the browser refuses it."""
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data) :]
        while True:
            answer = self._read()
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result
            self._events.append(answer)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._left:
            more = os.read(self._answers, 1 << 20)
            assert more, "Chromium ended"
            self._left += more
        message, _, self._left = self._left.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def events(self, session: str) -> list[Mapping[str, Any]]:
        """What the browser told of a page so far."""
        return [event for event in self._events if event.get("sessionId") == session]


class OpenPage:
    """One tab."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self.seconds = 0.0  # from the start of the navigation until everything was loaded and drawn

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One command for this tab."""
        return self._browser.call(method, params, self._session)

    def open(self, file: Path) -> None:
        """Load a file and wait until it has been drawn."""
        started = time.monotonic()
        self.call("Page.navigate", {"url": file.resolve().as_uri()})
        drawn = (
            "new Promise(done => { const next = () => requestAnimationFrame(() => setTimeout(done)); "
            "document.readyState === 'complete' && location.protocol === 'file:' "
            "? next() : addEventListener('load', next) })"
        )
        self.run(drawn)
        self.seconds = time.monotonic() - started

    def run(self, script: str) -> Any:
        """The value of an expression in the page; promises are waited for."""
        asked = {"expression": script, "awaitPromise": True, "returnByValue": True, "userGesture": True}
        answer = self.call("Runtime.evaluate", asked)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Until an expression is true. AssertionError after ten seconds."""
        for _ in range(200):
            if self.run(f"Boolean({condition})"):
                return
            time.sleep(0.05)
        raise AssertionError(f"never became true: {condition}")

    def press(self, key: str, text: str = "") -> None:
        """A key, with the text that it types."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowRight": 39, "ArrowDown": 40}
        common = {"key": key, "code": key, "windowsVirtualKeyCode": codes.get(key, ord(key[0]))}
        typed = {"text": text, "unmodifiedText": text} if text else {}
        self.call("Input.dispatchKeyEvent", {"type": "keyDown", **common, **typed})
        self.call("Input.dispatchKeyEvent", {"type": "keyUp", **common})

    def type(self, text: str) -> None:
        """A text into what has the focus."""
        self.call("Input.insertText", {"text": text})

    def screenshot(self, file: Path, *, whole: bool = False) -> None:
        """A PNG of what is seen, or of the whole page."""
        answer = self.call("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})
        file.write_bytes(base64.b64decode(answer["data"]))

    def complaints(self) -> list[str]:
        """Errors that the browser logged: refused scripts and styles, exceptions, failed requests."""
        found = []
        for event in self._browser.events(self._session):
            if event["method"] == "Runtime.exceptionThrown":
                details = event["params"]["exceptionDetails"]
                found.append(details.get("exception", {}).get("description") or details["text"])
            elif event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
                found.append(event["params"]["entry"]["text"])
        return found

    def requests(self) -> list[str]:
        """Addresses that the page asked for."""
        sent = [e for e in self._browser.events(self._session) if e["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]
