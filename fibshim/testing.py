"""`fibshim test`: find test files, run each in a process of its own, sum up.

What the cases of a file did comes through the `test` module, which writes one line of JSON a case where
`FIBSHIM_TEST_REPORT` says; the printed output is only shown for files that failed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from fibshim.cli import fail

USAGE = """\
usage: fibshim test [options] [PATHS]

Runs fibjs tests (require('test')): the given files, and all *_test.js files in the
given directories (default: the current one), each in a process of its own. The exit
code is 0 if all have passed, else 1.

options:
  --grep TEXT          only cases whose full name (suites and case) contains TEXT
  --junit FILE         write the results as JUnit XML
  --timeout SECONDS    kill a file that takes longer (default: 300; 0: never)
  --verbose            show the output of all files
  -h, --help           show this text
"""

REPORT = "FIBSHIM_TEST_REPORT"
GREP = "FIBSHIM_TEST_GREP"
ENDING = "_test.js"
TAIL = 4000
"""Characters of a file's output that are shown for a file that failed."""
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class Options:
    """What the command line says."""

    paths: list[str] = field(default_factory=list)
    grep: str = ""
    junit: str = ""
    timeout: float = 300
    verbose: bool = False


@dataclass
class Result:
    """What a file did.

    :ivar cases: as the `test` module writes them: ``path``, ``name``, ``time`` in ms and ``error``, a text or None.
    :ivar trouble: what else went wrong with the process, empty if nothing.
    """

    path: str
    seconds: float
    cases: list[dict[str, Any]]
    trouble: str
    output: str

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The cases that failed."""
        return [case for case in self.cases if case["error"] is not None]

    @property
    def ok(self) -> bool:
        """Whether nothing went wrong."""
        return not self.trouble and not self.failures


def parse(words: list[str]) -> Options:
    """Read the command line after the word `test`."""
    options = Options()
    at = 0
    while at < len(words):
        word = words[at]
        name, equals, value = word.partition("=")
        at += 1
        if not word.startswith("-"):
            options.paths.append(word)
        elif name in ("-h", "--help"):
            sys.stdout.write(USAGE)
            sys.exit(0)
        elif name == "--verbose":
            options.verbose = True
        elif name in ("--grep", "--junit", "--timeout"):
            if not equals:
                if at >= len(words):
                    fail(f"{name} needs a value")
                value = words[at]
                at += 1
            if name == "--timeout":
                try:
                    options.timeout = float(value)
                except ValueError:
                    fail(f"--timeout takes a number of seconds, not {value!r}")
            else:
                setattr(options, name[2:], value)
        elif word == "--":
            options.paths += words[at:]
            break
        else:
            fail(f"unknown option {word}")
    return options


def find(paths: list[str]) -> list[str]:
    """The files to run, in order: named ones as they are, directories searched."""
    found: dict[str, None] = {}
    for path in paths or ["."]:
        if os.path.isfile(path):
            found[path] = None
        elif os.path.isdir(path):
            for folder, folders, files in os.walk(path):
                folders[:] = sorted(f for f in folders if f != "node_modules" and f[0] != ".")
                for name in sorted(files):
                    if name.endswith(ENDING):
                        found[os.path.normpath(os.path.join(folder, name))] = None
        else:
            fail(f"no such file or directory: {path}")
    return list(found)


def run(path: str, options: Options) -> Result:
    """Run one file."""
    started = time.monotonic()
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl", encoding="utf-8") as report:
        env = {**os.environ, REPORT: report.name}
        env.pop(GREP, None)
        if options.grep:
            env[GREP] = options.grep
        process = subprocess.Popen(
            [sys.executable, "-m", "fibshim", "run", "--", path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=env,
        )
        trouble = ""
        try:
            output, _ = process.communicate(timeout=options.timeout or None)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            trouble = f"did not end within {options.timeout:g} s"
        except BaseException:
            process.kill()
            process.wait()
            raise
        # Tests may run fibshim themselves: what those processes wrote is not of this file.
        lines = [json.loads(line) for line in report]
    cases = [line for line in lines if line["pid"] == process.pid]
    failed = sum(case["error"] is not None for case in cases)
    if not trouble:
        trouble = _trouble(process.returncode, failed, len(cases), bool(options.grep))
    seconds = time.monotonic() - started
    return Result(path, seconds, cases, trouble, output.decode("utf-8", "replace"))


def _trouble(code: int, failed: int, count: int, grep: bool) -> str:
    """What the end of a process says beyond its cases."""
    if code < 0:
        return f"was ended by signal {-code}"
    if code != failed & 255:
        return f"ended with {code}"
    return "" if count or grep else "ran no tests (is test.run() called?)"


class Printer:
    """Shows results, in colours on a terminal."""

    def __init__(self, verbose: bool) -> None:
        self.verbose = verbose
        self.colors = sys.stdout.isatty()

    def color(self, code: str, text: str) -> str:
        """The text in a colour."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colors else text

    def write(self, text: str) -> None:
        """Print a line at once."""
        sys.stdout.write(text.encode("utf-8", "replace").decode() + "\n")
        sys.stdout.flush()

    def file(self, result: Result) -> None:
        """One line for a file; more if something failed."""
        time_taken = f"({result.seconds:.1f} s)"
        count = len(result.cases)
        if result.ok:
            if count or self.verbose:
                self.write(
                    f"{self.color('32', '√')} {result.path}: {plural(count, 'test')} {time_taken}"
                )
        else:
            what = [f"{len(result.failures)} of {count} failed"] if result.failures else []
            what += [result.trouble] if result.trouble else []
            self.write(f"{self.color('31', '×')} {result.path}: {', '.join(what)} {time_taken}")
        for case in result.failures:
            self.write(f"    {self.color('31', full_name(case))}")
            self.write(indent(case["error"].rstrip("\n"), 8))
        if self.verbose or result.trouble:
            output = result.output.rstrip("\n")
            if not self.verbose and len(output) > TAIL:
                output = "…" + output[-TAIL:]
            if output:
                self.write(indent(output, 4))

    def summary(self, results: list[Result], seconds: float) -> None:
        """The last lines."""
        count = sum(len(result.cases) for result in results)
        failed = sum(len(result.failures) for result in results)
        bad = sum(not result.ok for result in results)
        self.write("")
        files = sum(bool(result.cases) or not result.ok for result in results)
        text = f"{plural(count, 'test')} in {plural(files, 'file')} ({seconds:.1f} s)"
        if bad == 0:
            self.write(self.color("32", f"√ {text}, all passed"))
        else:
            self.write(
                self.color(
                    "31", f"× {text}: {plural(failed, 'test')} in {plural(bad, 'file')} failed"
                )
            )


def plural(number: int, word: str) -> str:
    """A number with its noun."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def indent(text: str, by: int) -> str:
    """The text with blanks in front of its lines."""
    return "\n".join(" " * by + line if line else line for line in text.split("\n"))


def full_name(case: dict[str, Any]) -> str:
    """The suites and the name of a case, as `--grep` sees them."""
    return " ".join([*case["path"], case["name"]])


def junit(results: list[Result]) -> str:
    """The results as JUnit XML."""

    def text(value: str) -> str:
        return escape(_NO_XML.sub("\ufffd", value))

    def attribute(value: str) -> str:
        return quoteattr(_NO_XML.sub("\ufffd", value))

    parts = ['<?xml version="1.0" encoding="utf-8"?>\n']
    count = sum(len(result.cases) + bool(result.trouble) for result in results)
    failures = sum(len(result.failures) for result in results)
    errors = sum(bool(result.trouble) for result in results)
    parts.append(f'<testsuites tests="{count}" failures="{failures}" errors="{errors}">\n')
    for result in results:
        parts.append(
            f'<testsuite name={attribute(result.path)} tests="{len(result.cases) + bool(result.trouble)}"'
            f' failures="{len(result.failures)}" errors="{int(bool(result.trouble))}" time="{result.seconds:.3f}">\n'
        )
        for case in result.cases:
            parts.append(
                f"<testcase classname={attribute(' › '.join([result.path, *case['path']]))}"
                f' name={attribute(case["name"])} time="{case["time"] / 1000:.3f}"'
            )
            error = case["error"]
            if error is None:
                parts.append("/>\n")
                continue
            message = attribute(first_line(error))
            parts.append(f"><failure message={message}>{text(error)}</failure></testcase>\n")
        if result.trouble:
            parts.append(
                f'<testcase classname={attribute(result.path)} name="(the process)">'
                f"<error message={attribute(result.trouble)}/></testcase>\n"
            )
        if not result.ok:
            parts.append(f"<system-out>{text(result.output)}</system-out>\n")
        parts.append("</testsuite>\n")
    parts.append("</testsuites>\n")
    return "".join(parts)


def first_line(error: str) -> str:
    """What a report says in short: the line with the error's name and message."""
    lines = [line for line in error.split("\n") if line.strip()]
    # A report begins with the place, the source line and a line that points into it.
    at = next((i + 1 for i, line in enumerate(lines) if line.strip().strip("^") == ""), 0)
    return lines[at] if at < len(lines) else ""


def main(words: list[str]) -> int:
    """Run the tests; the exit code."""
    options = parse(words)
    files = find(options.paths)
    if not files:
        fail(f"no *{ENDING} files in {', '.join(options.paths or ['the current directory'])}")
    printer = Printer(options.verbose)
    started = time.monotonic()
    results = []
    try:
        for path in files:
            results.append(run(path, options))
            printer.file(results[-1])
    except KeyboardInterrupt:
        return 130
    printer.summary(results, time.monotonic() - started)
    if options.junit:
        with open(options.junit, "w", encoding="utf-8") as file:
            file.write(junit(results))
    if options.grep and not any(result.cases for result in results):
        printer.write(f"no case has {options.grep!r} in its name")
        return 1
    return 0 if all(result.ok for result in results) else 1
