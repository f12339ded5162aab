"""The interactive session (spec/modules-and-vm.md §6): reading lines, starting inputs, Ctrl-C."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import _quickjs

from fibshim.core.loading import sources
from fibshim.core.ops import op
from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime
    from fibshim.fibers.interrupts import Limit
    from fibshim.modules.repl.editor import Editor


class Terminal:
    """What a runtime's session on standard input and output needs.

    :ivar editor: None if that is no terminal.
    """

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self.editor: Editor | None = None
        self.limit: Limit | None = None  # of the input that runs
        self._text = ""
        if os.isatty(0) and os.isatty(1) and os.environ.get("TERM") != "dumb":
            from fibshim.modules.repl.editor import Editor
            from fibshim.modules.repl.history import History, default_path

            self.editor = Editor(rt, History(default_path()), self._complete)
            rt.on_interrupt = self._interrupt

    def _complete(self, text: str) -> None:
        self._text = text
        self._rt.sched.add((self._rt.entries["repl.complete"],))

    def asked(self) -> str:
        """The text that is to be completed."""
        return self._text

    def answer(self, size: int, names: list[str]) -> None:
        """What the last `size` characters of it can become."""
        if self.editor is not None:
            self.editor.completed(self._text, size, names)

    def _interrupt(self) -> None:
        """SIGINT, in the root's thread: end the input that runs, or the line that is being typed."""
        rt = self._rt
        limit = self.limit
        if limit is not None:
            limit.expire()
            rt.sched.post((rt.entries["repl.interrupt"],))
        elif self.editor is not None:
            rt.sched.post((self.editor.cancel,))

    def close(self) -> None:
        """The session is over."""
        if self.editor is not None:
            self.editor.close()
            self._rt.on_interrupt = None


def _terminal(rt: Runtime) -> Terminal:
    found: Terminal = rt.state["repl"]
    return found


@op()
def open_terminal(rt: Runtime) -> bool:
    """Begin a session; whether it is on a terminal."""
    terminal = rt.state["repl"] = Terminal(rt)
    return terminal.editor is not None


@op()
def close_terminal(rt: Runtime) -> None:
    """End the session."""
    rt.state.pop("repl").close()


@op()
def read_line(rt: Runtime, prompt: str) -> Wait:
    """Read a line: text without its newline, None at the end of the input, True if Ctrl-C cancelled it."""
    editor = _terminal(rt).editor
    if editor is not None:
        return editor.read(prompt)
    from fibshim.modules.console import console_of
    from fibshim.modules.console.reading import start

    rt.write(1, prompt)
    return start(rt, console_of(rt), _plain_line)  # type: ignore[arg-type]


def _plain_line() -> str | None:
    from fibshim.modules.console.reading import read_until

    data = read_until(10, None)
    return data.removesuffix("\n") if data else None


@op()
def start_input(rt: Runtime, source: str, name: str) -> bool:
    """Start an input as a global script; the promise of its end, or the SyntaxError, is in the slot."""
    sources(rt)[name] = source
    return rt.engine.start_script(source, name)


@op()
def evaluate(rt: Runtime) -> bool:
    """Run what `repl.evaluate` has ready in this fiber.

    :returns: False if Ctrl-C terminated it.
    """
    sched = rt.sched
    terminal: Terminal | None = rt.state.get("repl")
    limit = sched.interrupts.limit(None)
    if terminal is not None:
        terminal.limit = limit
    try:
        sched.nested(rt.entries["repl.evaluate"])
    except _quickjs.JSException:
        if sched.closing or sched.stopping or not limit.over:
            raise
        return False
    finally:
        if terminal is not None and terminal.limit is limit:
            terminal.limit = None
        limit.cancel()
    return True


@op()
def completing(rt: Runtime) -> str:
    """The text before the cursor when Tab was pressed."""
    return _terminal(rt).asked()


@op()
def completed(rt: Runtime, size: int, names: list[Any]) -> None:
    """What the last `size` characters of it can become."""
    _terminal(rt).answer(size, names)
