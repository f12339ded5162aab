"""A line editor for terminals: keys in, one line out.  It runs on the loop, so fibers go on while somebody types.

`Line` is the text with its cursor and knows no terminal; `Keys` cuts what the terminal sends into keys; `Editor` draws, and
has the terminal in raw mode only while a line is being read: meanwhile scripts find it as it was, and Ctrl-C is a signal.
What is printed while somebody types appears above the line.
"""

from __future__ import annotations

import codecs
import os
import re
import signal
import threading
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime
    from fibshim.modules.repl.history import History

CANCELLED = True
"""The result of a read that Ctrl-C ended."""

PATIENCE = 1.0
"""Seconds that keys wait for a completion."""

WORD = re.compile(r"[\w$]+", re.UNICODE)


class Line:
    """A text with a cursor."""

    def __init__(self) -> None:
        self.text = ""
        self.at = 0

    def set(self, text: str) -> None:
        """Replace the text; the cursor goes to its end."""
        self.text, self.at = text, len(text)

    def insert(self, text: str) -> None:
        """Insert at the cursor."""
        self.text = self.text[: self.at] + text + self.text[self.at :]
        self.at += len(text)

    def delete(self, start: int, end: int) -> None:
        """Delete a part; the cursor goes to its start."""
        self.text = self.text[:start] + self.text[end:]
        self.at = start

    def left_of(self) -> int:
        """Where the character before the cursor begins, with the marks that combine with it."""
        at = self.at - 1
        while at > 0 and unicodedata.combining(self.text[at]):
            at -= 1
        return max(at, 0)

    def right_of(self) -> int:
        """Where the character at the cursor ends."""
        at = self.at + 1
        while at < len(self.text) and unicodedata.combining(self.text[at]):
            at += 1
        return min(at, len(self.text))

    def word_left(self) -> int:
        """Where the word before the cursor begins."""
        starts = [m.start() for m in WORD.finditer(self.text) if m.start() < self.at]
        return starts[-1] if starts else 0

    def word_right(self) -> int:
        """Where the word after the cursor ends."""
        match = WORD.search(self.text, self.at)
        return match.end() if match else len(self.text)


class Keys:
    """Cuts the bytes of a terminal into keys: characters, control characters, whole escape sequences."""

    SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.|[^\[O])", re.DOTALL)
    BEGUN = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*|O)?\Z", re.DOTALL)

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""

    def feed(self, data: bytes) -> None:
        """Take what was read."""
        self._text += self._decoder.decode(data)

    def next(self) -> str:
        """The next key; empty if there is none yet."""
        text = self._text
        if not text or self.BEGUN.match(text):
            return ""
        match = self.SEQUENCE.match(text)
        key = match.group() if match else text[0]
        self._text = text[len(key) :]
        return key


def width(char: str) -> int:
    """How many columns a character takes; control characters show as `^X`."""
    if char < " " or char == "\x7f":
        return 2
    if char < "\x7f":
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def visible(text: str) -> str:
    """The text as it is drawn."""
    return "".join(f"^{chr(ord(c) ^ 64)}" if c < " " or c == "\x7f" else c for c in text)


def place(text: str, columns: int) -> tuple[int, int]:
    """Row and column behind a text that begins in column 0 and wraps."""
    row = column = 0
    for char in text:
        size = width(char)
        if column + size > columns:
            row, column = row + 1, 0
        column += size
    return (row + 1, 0) if column == columns else (row, column)


class Editor:
    """Reads lines from the terminal on descriptors 0 and 1.

    :param complete: called with the text before the cursor; whoever answers calls `completed`.
    """

    def __init__(self, rt: Runtime, history: History, complete: Callable[[str], None]) -> None:
        import termios

        self._rt = rt
        self._history = history
        self._complete = complete
        self._termios = termios
        self._keys = Keys()
        self._line = Line()
        self._prompt = ""
        self._row = 0  # of the cursor, below the first row of what is drawn
        self._wait: Wait | None = None
        self._cooked: Any = None  # the terminal's attributes while it is raw
        self._pasting = False
        self._completing: Any = (
            None  # the handle of the end of patience, while the completer is at work
        )
        self._cut = ""
        self._lock = threading.RLock()  # other VMs print as well
        self._print = rt.write
        rt.write = self._write  # type: ignore[method-assign]
        rt.ending.append(self.restore)

    # -- reading -----------------------------------------------------------------------------------

    def read(self, prompt: str) -> Wait:
        """Read a line; the result is the text, None at the end of the input, or `CANCELLED`."""
        wait = Wait()
        sched = self._rt.sched
        sched.operations += 1
        with self._lock:
            self._prompt = prompt
            self._line = Line()
            self._history.begin()
            self._wait = wait
            self._raw()
            self._row = 0
            self._draw()
        sched.loop.add_reader(0, self._readable)
        sched.loop.call_soon(self._work)  # what was typed ahead
        return wait

    def cancel(self) -> None:
        """End the read, if there is one, as Ctrl-C does."""
        if self._wait is not None:
            self._finish(CANCELLED, "^C")

    def _readable(self) -> None:
        try:
            data = os.read(0, 4096)
        except BlockingIOError:
            return
        except OSError:  # the terminal is gone
            data = b""
        if not data:
            self._finish(None)
            return
        self._keys.feed(data)
        self._work()

    def _work(self) -> None:
        with self._lock:
            while self._wait is not None and self._completing is None:
                key = self._keys.next()
                if not key:
                    break
                self._key(key)

    def _finish(self, result: str | bool | None, mark: str = "") -> None:
        with self._lock:
            wait = self._wait
            if wait is None:
                return
            self._line.at = len(self._line.text)
            self._draw()
            self._put(f"{mark}\n")
            self._wait = None
            if self._completing is not None:
                self._completing.cancel()
                self._completing = None
            self.restore()
        sched = self._rt.sched
        sched.loop.remove_reader(0)
        sched.operations -= 1
        wait.result = result
        sched.wake(wait)

    # -- keys --------------------------------------------------------------------------------------

    def _key(self, key: str) -> None:
        line = self._line
        if key == "\x1b[200~" or key == "\x1b[201~":
            self._pasting = key == "\x1b[200~"
            return
        if key in "\r\n":
            self._history.add(line.text)
            self._finish(line.text)
            return
        if self._pasting:
            line.insert("    " if key == "\t" else key)
        elif key == "\x03":
            self._finish(CANCELLED, "^C")
            return
        elif key == "\x04" and not line.text:
            self._finish(None)
            return
        elif key == "\t":
            self._completing = self._rt.sched.loop.call_later(PATIENCE, self._go_on)
            self._complete(line.text[: line.at])
            return
        elif key == "\x1a":
            self._suspend()
        elif key in ACTIONS:
            ACTIONS[key](self, line)
        elif key >= " " and key[0] != "\x1b":
            line.insert(key)
            if line.at == len(line.text) and "\x20" <= key < "\x7f":
                # Typing at the end, the usual case, needs no redrawing.
                row, column = place(self._prompt + line.text, self._columns())
                if column and row == self._row:
                    self._put(key)
                    return
        self._draw()

    def _kill(self, line: Line, start: int, end: int) -> None:
        self._cut = line.text[start:end]
        line.delete(start, end)

    def _recall(self, line: Line, step: int) -> None:
        found = self._history.move(step, line.text)
        if found is not None:
            line.set(found)

    def _clear(self) -> None:
        self._put("\x1b[H\x1b[2J")
        self._row = 0

    def _suspend(self) -> None:
        """Ctrl-Z: the shell gets the terminal as it was."""
        self.restore()
        # To this very thread: for any other one the stop would come later than the next line.
        signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
        self._raw()
        self._row = 0

    def completed(self, text: str, size: int, names: list[str]) -> None:
        """The answer of the completer: what the last `size` characters of `text` can become."""
        with self._lock:
            line = self._line
            if self._completing is None or self._wait is None or line.text[: line.at] != text:
                return
            common = beginning(names)
            if len(common) > size:
                line.insert(common[size:])
            elif len(names) > 1:
                self._erase()
                self._put(table(names, self._columns()))
            self._draw()
            self._go_on()

    def _go_on(self) -> None:
        """Take the keys that came while the completer was at work, or was blocked in a getter."""
        self._completing.cancel()
        self._completing = None
        self._work()

    # -- drawing -----------------------------------------------------------------------------------

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(1).columns or 80
        except OSError:
            return 80

    def _put(self, text: str) -> None:
        self._print(1, text)

    def _erase(self) -> None:
        up = f"\x1b[{self._row}A" if self._row else ""
        self._put(f"\r{up}\x1b[J")
        self._row = 0

    def _draw(self) -> None:
        columns = self._columns()
        line = self._line
        end, _ = place(self._prompt + line.text, columns)
        row, column = place(self._prompt + line.text[: line.at], columns)
        up = f"\x1b[{self._row}A" if self._row else ""
        text = f"\r{up}\x1b[J{self._prompt}{visible(line.text)}"
        if place(self._prompt + line.text, columns)[1] == 0 and line.text:
            text += "\r\n"  # a full row: the terminal has not wrapped yet
        back = f"\x1b[{end - row}A" if end > row else ""
        right = f"\x1b[{column}C" if column else ""
        self._put(f"{text}{back}\r{right}")
        self._row = row

    def _write(self, fd: int, text: str) -> None:
        """In place of the runtime's `write`: the line makes room for what is printed."""
        with self._lock:
            if self._wait is None or not text:
                self._print(fd, text)
                return
            self._erase()
            self._print(fd, text if text.endswith("\n") else f"{text}\n")
            self._draw()

    # -- the terminal --------------------------------------------------------------------------------

    def _raw(self) -> None:
        """One key at a time, without echo; output is not touched."""
        termios = self._termios
        self._cooked = termios.tcgetattr(0)
        raw = termios.tcgetattr(0)
        raw[0] &= ~(termios.ICRNL | termios.IXON | termios.INLCR | termios.IGNCR)
        raw[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
        raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
        termios.tcsetattr(0, termios.TCSADRAIN, raw)
        self._put("\x1b[?2004h")

    def restore(self) -> None:
        """Give the terminal back as it was."""
        if self._cooked is not None:
            self._put("\x1b[?2004l")
            self._termios.tcsetattr(0, self._termios.TCSADRAIN, self._cooked)
            self._cooked = None

    def close(self) -> None:
        """No more lines."""
        self.restore()
        self._rt.write = self._print  # type: ignore[method-assign]
        self._rt.ending.remove(self.restore)


def beginning(names: list[str]) -> str:
    """What all names begin with; empty if there are none."""
    if not names:
        return ""
    first, last = min(names), max(names)
    size = 0
    while size < len(first) and first[size] == last[size]:
        size += 1
    return first[:size]


def table(names: list[str], columns: int) -> str:
    """Names in columns, as `ls` shows them."""
    cell = max(len(name) for name in names) + 2
    per_row = max(1, columns // cell)
    rows = -(-len(names) // per_row)
    lines = []
    for row in range(rows):
        lines.append("".join(name.ljust(cell) for name in names[row::rows]).rstrip())
    return "\n".join(lines) + "\n"


def _move(line: Line, at: int) -> None:
    line.at = at


_Action = Callable[[Editor, Line], Any]
ACTIONS: dict[str, _Action] = {
    "\x01": lambda e, line: _move(line, 0),
    "\x05": lambda e, line: _move(line, len(line.text)),
    "\x02": lambda e, line: _move(line, line.left_of()),
    "\x06": lambda e, line: _move(line, line.right_of()),
    "\x1bb": lambda e, line: _move(line, line.word_left()),
    "\x1bf": lambda e, line: _move(line, line.word_right()),
    "\x7f": lambda e, line: line.delete(line.left_of(), line.at),
    "\x04": lambda e, line: line.delete(line.at, line.right_of()),
    "\x0b": lambda e, line: e._kill(line, line.at, len(line.text)),
    "\x15": lambda e, line: e._kill(line, 0, line.at),
    "\x17": lambda e, line: e._kill(line, line.word_left(), line.at),
    "\x1bd": lambda e, line: e._kill(line, line.at, line.word_right()),
    "\x19": lambda e, line: line.insert(e._cut),
    "\x0c": lambda e, line: e._clear(),
    "\x10": lambda e, line: e._recall(line, -1),
    "\x0e": lambda e, line: e._recall(line, 1),
}
"""What keys do."""
for _same, _keys in {
    "\x01": ["\x1b[H", "\x1b[1~", "\x1b[7~", "\x1bOH"],
    "\x05": ["\x1b[F", "\x1b[4~", "\x1b[8~", "\x1bOF"],
    "\x02": ["\x1b[D", "\x1bOD"],
    "\x06": ["\x1b[C", "\x1bOC"],
    "\x1bb": ["\x1b[1;5D", "\x1b[1;3D"],
    "\x1bf": ["\x1b[1;5C", "\x1b[1;3C"],
    "\x7f": ["\x08"],
    "\x04": ["\x1b[3~"],
    "\x17": ["\x1b\x7f", "\x1b\x08"],
    "\x10": ["\x1b[A", "\x1bOA"],
    "\x0e": ["\x1b[B", "\x1bOB"],
}.items():
    for _key in _keys:
        ACTIONS[_key] = ACTIONS[_same]
