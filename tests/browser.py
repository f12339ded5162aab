"""A headless Chromium, driven over its DevTools WebSocket."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import tempfile
from typing import Any

from websockets.sync.client import connect

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
]


class Browser:
    """One browser process with a profile of its own.

    :raises RuntimeError: if it does not start.
    """

    def __init__(self) -> None:
        assert CHROMIUM is not None
        self.profile = tempfile.mkdtemp(prefix="fibshim-browser-")
        self.process = subprocess.Popen(
            [CHROMIUM, *FLAGS, f"--user-data-dir={self.profile}", "about:blank"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stderr is not None
        for line in self.process.stderr:
            match = re.search(r"DevTools listening on (ws://\S+)", line)
            if match:
                break
        else:
            raise RuntimeError("the browser did not start")
        self._connection = connect(match[1], max_size=None, proxy=None)
        self.socket = self._connection.__enter__()
        self._numbers = itertools.count(1)

    def command(self, method: str, session: str | None = None, **params: Any) -> Any:
        """Send a command and wait for its answer."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv(timeout=30))
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    def page(self, url: str) -> Page:
        """Open a page."""
        target = self.command("Target.createTarget", url=url)["targetId"]
        session = self.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session, target)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.__exit__(None, None, None)
        self.process.terminate()
        self.process.wait(10)
        if self.process.stderr:
            self.process.stderr.close()
        shutil.rmtree(self.profile, ignore_errors=True)


class Page:
    """One page of the browser."""

    def __init__(self, browser: Browser, session: str, target: str) -> None:
        self.browser, self.session, self.target = browser, session, target

    def run(self, code: str) -> Any:
        """Evaluate JavaScript in the page; promises are awaited."""
        result = self.browser.command(
            "Runtime.evaluate", self.session, expression=code, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def until(self, condition: str) -> Any:
        """Wait, inside the page and with a bound, until an expression is true; its value."""
        while True:
            try:
                return self._until(condition)
            except AssertionError as error:
                if "context was destroyed" not in str(error) and "navigated" not in str(error):
                    raise  # else the page was still loading

    def _until(self, condition: str) -> Any:
        return self.run(
            "new Promise((ok, bad) => { const end = Date.now() + 15000; const look = () => {"
            f"let v; try {{ v = ({condition}) }} catch {{}} if (v) ok(v); else if (Date.now() > end) bad(new Error('not in time'));"
            "else setTimeout(look, 10); }; look() })"
        )

    def close(self) -> None:
        """Close the page, as a user closes a tab."""
        self.browser.command("Target.closeTarget", targetId=self.target)
