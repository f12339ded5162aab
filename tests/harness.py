"""What the tests share: runtimes with a few more globals, and fibshim as a subprocess."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


class Session:
    """A runtime under test; `got` collects what its script gives to `out`."""

    def __init__(self, kind: Any = None, **options: Any) -> None:
        from fibshim.core.runtime import Runtime

        self.rt = (kind or Runtime)(["fibshim", "test.js"], **options)
        self.got: list[Any] = []
        self.errors: list[str] = []
        self.rt.write = self._write
        self.texts = {1: "", 2: ""}
        self.rt.sched.failed = self.errors.append
        self.define(
            "out", lambda *values: self.got.append(values[0] if len(values) == 1 else values)
        )

    def _write(self, fd: int, text: str) -> None:
        self.texts[fd] += text

    def define(self, name: str, function: Callable[..., Any]) -> None:
        """Make a Python callable a global function of the scripts."""
        self.rt.engine.context.add_callable(name, function)

    def run(self, source: str) -> list[Any]:
        """Run a script until nothing can go on; what it gave to `out`."""
        self.rt.sched.root_stack()
        self.rt.boot_text(source)
        self.rt.sched.run()
        assert not self.errors, self.errors
        return self.got

    def close(self) -> None:
        """Unwind and free."""
        self.rt.close()


def environment() -> dict[str, str]:
    """The environment of subprocesses: this checkout first."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def fibshim(*words: str, input: str | None = None, timeout: float = 60, **options: Any) -> Any:
    """Run the command line to its end; text in and out."""
    return subprocess.run(
        [sys.executable, "-m", "fibshim", *words],
        capture_output=True,
        text=True,
        input=input,
        timeout=timeout,
        env={**environment(), **options.pop("env", {})},
        **options,
    )


def script(path: Path, source: str) -> str:
    """Write a script file and return its name."""
    path.write_text(source)
    return str(path)


class Running:
    """A fibshim process that stays up; its output is read line by line."""

    def __init__(self, *words: str, **options: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fibshim", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment(), **options.pop("env", {})},
            **options,
        )

    def line(self) -> str:
        """The next line of output; waits for it."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode().rstrip("\n")

    def expect(self, text: str) -> str:
        """Read lines until one contains the text."""
        while True:
            line = self.line()
            if text in line:
                return line
            if not line and self.process.poll() is not None:
                raise AssertionError(
                    f"ended with {self.process.returncode} before {text!r}: {self.process.stderr.read()!r}"
                )  # type: ignore[union-attr]

    def signal(self, number: int) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def end(self, timeout: float = 10) -> int:
        """Wait for the end; the exit code."""
        return self.process.wait(timeout)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def eventually(condition: Callable[[], Any], seconds: float = 10) -> Any:
    """Poll a condition of another process or thread, with a bound."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.005)
