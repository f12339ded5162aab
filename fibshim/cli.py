"""The command line."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from fibshim import __version__

USAGE = """\
usage: fibshim [options] run FILE [arguments]    run a script written for fibjs
       fibshim [options] FILE [arguments]        the same
       fibshim [options] -e CODE [arguments]     run a line of code
       fibshim [options]                         run what is typed
       fibshim test [--help] [PATHS]             run the tests in *_test.js files

fibshim runs server scripts written for fibjs, a JavaScript runtime with fibers,
unchanged, on Python. Calls that wait (http.get, coroutine.sleep, ...) block only
their own fiber.

options:
  -e, --eval CODE         run CODE instead of a file
  --map-port FROM:TO      where the script names port FROM of this host, use port TO
                          (repeatable; a script that listens on port 80 then needs
                          no special rights)
  --stack-size SIZE       stack of each fiber, e.g. 8M (the default) or 64M
  -h, --help              show this text
  -v, --version           show the version

examples:
  fibshim run server.js
  fibshim --map-port 80:8080 run server.js
  fibshim -e "console.log(require('os').hostname())"

A script ends when nothing is left to do; Ctrl-C ends it at once.
"""


def fail(message: str) -> NoReturn:
    """Say what is wrong with the command line and end with 2."""
    sys.stderr.write(f"fibshim: {message}\nTry 'fibshim --help'.\n")
    sys.stderr.flush()
    os._exit(2)


class Options:
    """What the command line says."""

    def __init__(self) -> None:
        self.code: str | None = None
        self.file: str | None = None
        self.arguments: list[str] = []
        self.exec_argv: list[str] = []
        self.map_ports: dict[int, int] = {}
        self.stack_size = 8 << 20


def parse(words: list[str]) -> Options:
    """Read the command line; options stand before the script, everything after it belongs to the script."""
    options = Options()
    at = 0
    run = False

    def value(name: str) -> str:
        nonlocal at
        if "=" in words[at] and words[at].startswith("--"):
            return words[at].split("=", 1)[1]
        at += 1
        if at >= len(words):
            fail(f"{name} needs a value")
        return words[at]

    while at < len(words):
        word = words[at]
        name = word.split("=", 1)[0]
        if not word.startswith("-") or word == "-":
            if word == "run" and not run:
                run = True
                at += 1
                continue
            break
        begin = at
        if name in ("-h", "--help"):
            sys.stdout.write(USAGE)
            sys.stdout.flush()
            os._exit(0)
        if name in ("-v", "--version"):
            sys.stdout.write(f"fibshim {__version__} (fibjs 0.31.0)\n")
            sys.stdout.flush()
            os._exit(0)
        if name in ("-e", "--eval"):
            options.code = value(name)
        elif name == "--map-port":
            port_map(options.map_ports, value(name))
        elif name == "--stack-size":
            options.stack_size = stack_size(value(name))
        elif name == "--":
            at += 1
            break
        else:
            fail(f"unknown option {word}")
        options.exec_argv += words[begin : at + 1]
        at += 1
    if options.code is None:
        if at < len(words):
            options.file = words[at]
            at += 1
        elif run:
            fail("run needs a FILE")
    options.arguments = words[at:]
    return options


def port_map(ports: dict[int, int], text: str) -> None:
    """Read one FROM:TO."""
    left, colon, right = text.partition(":")
    if not colon or not (left + right).isascii() or not (left.isdigit() and right.isdigit()):
        fail(f"--map-port takes FROM:TO, two port numbers, not {text!r}")
    if not (0 < int(left) < 65536 and 0 < int(right) < 65536):
        fail(f"--map-port {text}: ports lie between 1 and 65535")
    ports[int(left)] = int(right)


def stack_size(text: str) -> int:
    """Read a size like 8M, 512K or 1048576, in bytes."""
    units = {"k": 10, "m": 20, "g": 30}
    digits, shift = (
        (text[:-1], units[text[-1].lower()]) if text[-1:].lower() in units else (text, 0)
    )
    if not (digits.isascii() and digits.isdigit()):
        fail(f"--stack-size takes a size like 8M or 64M, not {text!r}")
    size = int(digits) << shift
    if not (2 << 20) <= size <= (1 << 30):
        fail(f"--stack-size {text}: between 2M and 1G")
    return size


def main() -> None:
    """Entry point of the console script and of `python -m fibshim`."""
    if sys.argv[1:2] == ["test"]:
        from fibshim.testing import main as test

        sys.exit(test(sys.argv[2:]))
    import signal

    # Until the runtime takes signals over, Ctrl-C must not show a traceback.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    options = parse(sys.argv[1:])
    try:
        from fibshim.core.runtime import Runtime
        from fibshim.engine import EngineError
    except ImportError as error:
        sys.stderr.write(f"fibshim: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    program = sys.argv[0] if not sys.argv[0].endswith("__main__.py") else "fibshim"
    try:
        rt = Runtime(
            [program, *([options.file] if options.file is not None else []), *options.arguments],
            options.exec_argv,
            options.stack_size,
            options.map_ports,
        )
    except EngineError as error:
        sys.stderr.write(f"fibshim: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    rt.take_signals()
    if options.file is not None:
        rt.boot_file(options.file)
    elif options.code is not None:
        rt.boot_text(options.code)
    else:
        rt.boot_repl()
    code = rt.run()
    rt.flush()
    # The engine is not freed: fibers may be parked in it.
    os._exit(code & 255)
