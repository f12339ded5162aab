"""`console`: where messages go (spec/fibers-and-runtime.md §11).  Formatting is JavaScript.

What the chapter calls process-wide (level, targets, `time` labels) is shared by a main VM and its workers: it lives in
the state of the main VM's runtime.
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FREE_TEXT, FibError
from fibshim.core.ops import op
from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

ERROR = 3
NOTICE = 5
PRINT = 9
NOTSET = 10
MOST = 10
"""Targets that can be added."""

GREEN, YELLOW, RED, RESET = "\x1b[0;32m", "\x1b[0;33m", "\x1b[1;31m", "\x1b[0m"
LINE_COLORS = {0: RED, 1: RED, 2: RED, 3: RED, 4: YELLOW, 5: GREEN}

COLORED = 256
PLAIN_TOO = 512


class Target:
    """Standard output, and the base of the other targets.

    :param levels: the levels that are accepted; None: all.
    """

    terminal = True

    def __init__(self, levels: list[int] | None = None) -> None:
        self.levels = None if levels is None else {PRINT, *levels}

    def write(self, console: Console, level: int, text: str) -> None:
        """Write a message that was accepted."""
        if level != PRINT:
            color = LINE_COLORS.get(level) if console.colors else None
            text = f"{text}\n" if color is None else f"{color}{text}{RESET}\n"
        console.rt.write(1, text)


class Console:
    """The console of a main VM and its workers.

    :ivar settings: what a VM asks before each message: the level plus one in the low byte, `COLORED` if values are to
        be coloured, `PLAIN_TOO` if a text without colours is wanted besides.
    """

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.colors = os.isatty(1)
        self.level = NOTSET
        self.targets: list[Target] = []
        self.lock = threading.RLock()
        self.times: dict[str, float] = {}
        self.default = Target()
        self.reader: Any = None
        self.changed()

    def changed(self) -> None:
        """Compute `settings` again."""
        terminals = [target for target in self.targets if target.terminal]
        settings = min(max(self.level, -1), 253) + 1
        if self.colors and (terminals or not self.targets):
            settings |= COLORED
            if len(terminals) < len(self.targets):
                settings |= PLAIN_TOO
        self.settings = settings

    def write(self, level: int, text: str, plain: str | None = None) -> None:
        """Hand a message to the targets."""
        if not self.targets:
            self.default.write(self, level, text)
            return
        with self.lock:
            for target in self.targets:
                if (target.levels is None or level in target.levels) and (
                    level != PRINT or target.terminal
                ):
                    target.write(self, level, text if target.terminal or plain is None else plain)

    def report(self, text: str) -> bool:
        """Write the report of an error nobody caught to the targets; False if none was added."""
        if self.level < ERROR:
            return True
        if not self.targets:
            return False
        self.write(ERROR, text)
        return True


def console_of(rt: Runtime) -> Console:
    """The console that a VM shares with the others of its program."""
    main = main_of(rt)
    found: Console | None = main.state.get("console")
    if found is None:
        found = main.state["console"] = Console(main)
        main.state["reports"] = found.report
    return found


def main_of(rt: Runtime) -> Runtime:
    """The main VM of a worker, or the VM itself."""
    return getattr(rt, "main", None) or rt


@op(raw=True)
def settings(rt: Runtime) -> int:
    """See `Console.settings`."""
    return console_of(rt).settings


@op()
def colors(rt: Runtime) -> bool:
    """Whether standard output was a terminal at the start."""
    return console_of(rt).colors


@op()
def write(rt: Runtime, level: int, text: str) -> None:
    """Write a message that passed the filters."""
    console_of(rt).write(level, text)


@op()
def write_both(rt: Runtime, level: int, text: str, plain: str) -> None:
    """As `write`, with the text for targets that are no terminal beside it."""
    console_of(rt).write(level, text, plain)


@op()
def get_level(rt: Runtime) -> int:
    """`console.loglevel`."""
    return console_of(rt).level


@op()
def set_level(rt: Runtime, level: int) -> None:
    """Set `console.loglevel`."""
    console = console_of(rt)
    console.level = level
    console.changed()


@op()
def add(rt: Runtime, config: dict[str, Any]) -> None:
    """Add a target; the configuration is checked already, as far as types go."""
    from fibshim.modules.console.targets import make

    if main_of(rt) is not rt:
        raise FibError(100009)
    console = console_of(rt)
    if len(console.targets) >= MOST:
        raise FibError(FREE_TEXT, "console: Too many items.")
    target = make(config)
    with console.lock:
        console.targets = [*console.targets, target]
        console.changed()


@op()
def reset(rt: Runtime) -> None:
    """Remove all targets."""
    if main_of(rt) is not rt:
        raise FibError(100009)
    console = console_of(rt)
    with console.lock:
        targets, console.targets = console.targets, []
        console.changed()
        for target in targets:
            close = getattr(target, "close", None)
            if close is not None:
                close()


@op()
def begin_time(rt: Runtime, label: str) -> None:
    """`console.time`."""
    console_of(rt).times[label] = time.time()


@op()
def elapsed(rt: Runtime, label: str, forget: bool) -> str:
    """The text after the label of `timeElapse` and `timeEnd`; an unknown label counts from the epoch."""
    times = console_of(rt).times
    started = times.pop(label, 0.0) if forget else times.get(label, 0.0)
    return f"{round((time.time() - started) * 1e6) / 1e3:.10g}"


@op()
def size(rt: Runtime, row: bool) -> int:
    """Width or height of the terminal behind standard error."""
    found = os.get_terminal_size(2)
    return found.lines if row else found.columns


@op()
def read_line(rt: Runtime, prompt: str) -> Wait:
    """Read a line from standard input."""
    from fibshim.modules.console.reading import line, start

    return start(rt, console_of(rt), lambda: line(rt, prompt))


@op()
def getpass(rt: Runtime, prompt: str) -> Wait:
    """Read a line from standard input without echo."""
    from fibshim.modules.console.reading import password, start

    return start(rt, console_of(rt), lambda: password(rt, prompt))
