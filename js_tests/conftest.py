"""Runs the fibjs-style tests under pytest: one case for each `it`.

A file is run once, when it is collected, with `fibshim run FILE`; its printed lines are the cases.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINE = re.compile(r"^( *)(√|\d+\)) (.*?)(?: \(\d+ms\) )?$")
SUMMARY = re.compile(r"^  (?:√ (\d+) tests completed|× (\d+) of (\d+) tests failed) \(\d+ms\)$")
TIMEOUT = 120


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect `*_test.js`."""
    if file_path.name.endswith("_test.js"):
        return JsFile.from_parent(parent, path=file_path)
    return None


class JsFile(pytest.File):
    """One test file; collecting it runs it."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each case, and one for the end of the process."""
        try:
            done = subprocess.run(
                [sys.executable, "-m", "fibshim", "run", str(self.path)],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=TIMEOUT,
                cwd=self.path.parent,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            code, text, errors = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired as error:
            code, errors = -1, f"did not end within {TIMEOUT} s"
            text = (error.stdout or b"").decode("utf-8", "replace")
        suites: list[str] = []
        cases = failed = 0
        summary: re.Match[str] | None = None
        for line in text.splitlines():
            summary = summary or SUMMARY.match(line)
            match = LINE.match(line)
            if summary or not match:
                indent = len(line) - len(line.lstrip())
                if not summary and line.strip() and indent and indent % 2 == 0:
                    suites[indent // 2 - 1 :] = [line.strip()]
                continue
            depth = len(match[1]) // 2 - 1
            cases += 1
            failed += match[2] != "√"
            name = " › ".join([*suites[:depth], match[3]])
            yield JsCase.from_parent(self, name=name, ok=match[2] == "√", output=text + errors)
        complete = (
            summary is not None
            and int(summary[1] or summary[3]) == cases > 0
            and int(summary[2] or 0) == failed == code
        )
        yield JsCase.from_parent(
            self, name="(the run)", ok=complete, output=f"{text}{errors}\nended with {code}"
        )


class JsCase(pytest.Item):
    """One `it`."""

    def __init__(self, *, ok: bool, output: str, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.ok, self.output = ok, output

    def runtest(self) -> None:
        """Say what the run of the file has shown."""
        if not self.ok:
            raise JsFailure(self.output)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        """The whole output of the file: failures stand where they happened."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case is."""
        return self.path, 0, self.name


class JsFailure(AssertionError):
    """A case that failed."""
