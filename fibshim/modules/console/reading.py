"""`console.readLine` and `getpass`: one thread of the program reads standard input, request by request."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime
    from fibshim.modules.console import Console

LINE = 1023
"""Bytes that one call returns at most, if no terminal is read."""

_saved: Any = None
"""The terminal's attributes while a read has changed them."""


class Reader:
    """The thread and its queue: reads happen in the order of the calls."""

    def __init__(self) -> None:
        import queue

        self.queue: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            self.queue.get()()


def start(rt: Runtime, console: Console, read: Callable[[], str]) -> Wait:
    """Queue a read; the Wait is over when it is done."""
    if console.reader is None:
        console.reader = Reader()
    wait = Wait()
    sched = rt.sched
    loop = sched.loop
    sched.operations += 1

    def over() -> None:
        sched.operations -= 1
        sched.wake(wait)

    def work() -> None:
        try:
            wait.result = read()
        except Exception as error:
            wait.result = error
        try:
            loop.call_soon_threadsafe(over)
        except RuntimeError:
            pass  # the runtime was closed meanwhile

    ending = console.rt.ending
    if restore_terminal not in ending:
        ending.append(restore_terminal)
    console.reader.queue.put(work)
    return wait


def restore_terminal() -> None:
    """Give the terminal back as it was, if a read is under way."""
    if _saved is not None:
        import termios

        termios.tcsetattr(0, termios.TCSANOW, _saved)


def line(rt: Runtime, prompt: str) -> str:
    """A line without its newline; empty at the end of the input."""
    if os.isatty(0) and os.isatty(1):
        return _edit(rt, prompt)
    if prompt:
        rt.write(1, prompt)
    data = read_until(10, LINE)
    return data[:-1] if data.endswith("\n") else data


def _edit(rt: Runtime, prompt: str) -> str:
    """A line from a terminal, with editing and history."""
    global _saved
    import termios

    try:
        import readline  # noqa: F401  (`input` uses it when it is there)
    except ImportError:
        pass
    head, newline, last = prompt.rpartition("\n")
    if newline:
        rt.write(1, head + newline)
    _saved = termios.tcgetattr(0)
    try:
        sys.stdout.flush()
        return input(last.replace("\0", ""))
    except EOFError:
        return ""
    finally:
        _saved = None


def password(rt: Runtime, prompt: str) -> str:
    """As `line` without echo; without a terminal up to a carriage return or the end of the input."""
    global _saved
    if not os.isatty(0):
        if prompt:
            rt.write(1, prompt)
        data = read_until(13, None)
        return data[:-1] if data.endswith("\r") else data
    import termios

    _saved = termios.tcgetattr(0)
    silent = termios.tcgetattr(0)
    silent[3] &= ~termios.ECHO
    try:
        termios.tcsetattr(0, termios.TCSADRAIN, silent)
        rt.write(1, prompt)  # after that: what is typed at once must not show either
        data = read_until(10, None)
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, _saved)
        _saved = None
    rt.write(1, "\n")
    return data[:-1] if data.endswith("\n") else data


def read_until(end: int, limit: int | None) -> str:
    """Bytes up to and including `end`; nothing behind them is taken from standard input."""
    data = b""
    try:
        at = os.lseek(0, 0, os.SEEK_CUR)
    except OSError:
        at = -1
    while limit is None or len(data) < limit:
        piece = _some(1 if at < 0 else min(limit or 65536, 65536) - len(data) % 65536)
        if piece == b"":
            break
        stop = piece.find(end)
        if stop >= 0:
            data += piece[: stop + 1]
            break
        data += piece
    if at >= 0:
        os.lseek(0, at + len(data), os.SEEK_SET)
    return data.decode("utf-8", "replace")


def _some(size: int) -> bytes:
    while True:
        try:
            return os.read(0, size)
        except BlockingIOError:
            import select

            select.select([0], [], [])
