"""A real browser without a window: Chromium, told what to do over a pipe (DevTools protocol)."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
PHONE, DESK = 390, 1200
"""Widths in CSS pixels."""
_ARGUMENTS = (
    *("--headless=new", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-sandbox", "--remote-debugging-pipe", "about:blank"),  # root has no sandbox in CI
)
_READ, _WRITE = 3, 4
"""Where Chromium listens and answers: file descriptors, fixed by `--remote-debugging-pipe`."""


class Chromium:
    """One tab. Every call waits for the browser's answer."""

    def __init__(self, orders: int, answers: int) -> None:
        self._orders, self._answers = orders, answers
        self._heard, self._number, self._session = b"", 0, ""
        tab = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=tab, flatten=True)
        self._session = attached["sessionId"]
        self._call("Page.enable")

    def look(self, width: int = DESK, *, dark: bool = False) -> None:
        """Pages are this wide from now on, and light or dark."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width == PHONE,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, url: str) -> None:
        """Load a page, its styles and scripts too."""
        self._call("Page.navigate", url=url)
        self._until("Page.loadEventFired")

    def run(self, script: str) -> Any:
        """What a script answers (awaited when it is a promise)."""
        told = self._call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def borrow(self, cookies: Mapping[str, str], url: str) -> None:
        """Be known at an address as another browser is."""
        for name, value in cookies.items():
            self._call("Network.setCookie", name=name, value=value, url=url)

    def press(self, key: str) -> None:
        """A key, down and up."""
        text = {"Enter": "\r"}.get(key, "")
        code = {"Tab": 9, "Enter": 13, "Escape": 27}[key]
        for kind in ("keyDown", "keyUp"):
            given = {"key": key, "code": key, "windowsVirtualKeyCode": code, "type": kind}
            self._call("Input.dispatchKeyEvent", **given, **({"text": text} if text else {}))

    def picture(self, path: Path) -> None:
        """The whole page as PNG."""
        told = self._call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(told["data"]))

    def _call(self, method: str, **given: Any) -> Any:
        self._number += 1
        order: dict[str, Any] = {"id": self._number, "method": method, "params": given}
        if self._session:
            order["sessionId"] = self._session
        os.write(self._orders, json.dumps(order).encode() + b"\0")
        while (told := self._next()).get("id") != self._number:
            pass
        assert "error" not in told, (method, told["error"])
        return told["result"]

    def _until(self, event: str) -> None:
        while self._next().get("method") != event:
            pass

    def _next(self) -> Any:
        while b"\0" not in self._heard:
            more = os.read(self._answers, 1 << 20)
            assert more, "Chromium ended"
            self._heard += more
        told, _, self._heard = self._heard.partition(b"\0")
        return json.loads(told)


@contextmanager
def chromium() -> Iterator[Chromium]:
    """A browser with a profile of its own, which is gone at the end."""
    assert PROGRAM
    listens, orders = os.pipe()
    answers, speaks = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        bridge = f'exec "$@" {_READ}<&{listens} {_WRITE}>&{speaks}'
        process = subprocess.Popen(
            ["bash", "-c", bridge, "bash", PROGRAM, f"--user-data-dir={profile}", *_ARGUMENTS],
            pass_fds=(listens, speaks),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(listens)
        os.close(speaks)
        try:
            yield Chromium(orders, answers)
        finally:
            os.close(orders)  # Chromium ends when nobody is left to tell it anything
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()
            os.close(answers)
