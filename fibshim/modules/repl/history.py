"""The lines that were typed, kept in a file from session to session."""

from __future__ import annotations

import os

LIMIT = 1000
"""Lines kept."""


def default_path() -> str:
    """`$FIBSHIM_HISTORY`, or a file in the home directory; an empty variable means: no file."""
    path = os.environ.get("FIBSHIM_HISTORY")
    return os.path.expanduser("~/.fibshim_history") if path is None else path


class History:
    """Lines, oldest first, and where Up and Down have got to.

    :param path: of the file; empty: none.  What goes wrong with it is ignored, a session works without.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self.lines: list[str] = []
        self._at = 0
        self._typed = ""
        if path:
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    self.lines = file.read().splitlines()[-LIMIT:]
            except OSError:
                pass

    def begin(self) -> None:
        """A new line is typed."""
        self._at = len(self.lines)

    def move(self, step: int, text: str) -> str | None:
        """The line that many steps away from the present one, None if there is none.

        :param text: what stands there now; what was typed comes back at the end of the list.
        """
        if not 0 <= self._at + step <= len(self.lines):
            return None
        if self._at == len(self.lines):
            self._typed = text
        self._at += step
        return self._typed if self._at == len(self.lines) else self.lines[self._at]

    def add(self, line: str) -> None:
        """Keep a line, unless it is blank or the one before."""
        if not line.strip() or self.lines[-1:] == [line]:
            return
        self.lines.append(line)
        if len(self.lines) > LIMIT:
            del self.lines[0]
        if not self._path:
            return
        try:
            with open(
                os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600),
                "a",
                encoding="utf-8",
                errors="replace",
            ) as file:
                file.write(f"{line}\n")
        except OSError:
            pass
