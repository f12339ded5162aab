"""The one mapping from Python exceptions to fibjs errors (spec/fibers-and-runtime.md §2.3)."""

from __future__ import annotations

import os
from typing import Any

TEXTS = {
    100001: "Invalid number of parameters.",
    100002: "Parameter not optional.",
    100003: "The input parameter is not a valid type.",
    100004: "Invalid argument.",
    100005: "The argument could not be coerced to the specified type.",
    100006: "Value is out of range.",
    100007: "Constructor cannot be called as a function.",
    100008: "Object is not an instance of declaring class.",
    100009: "Invalid procedure call.",
    100010: "Re-entrant calls are not allowed.",
    100011: "Invalid input data.",
    100012: "Index was out of range.",
    100013: "Memory overflow error.",
    100014: "Collection is empty.",
    100020: "Internal error.",
    100021: "The maximum amount of time for a script to execute was exceeded.",
    100022: "Invalid return type.",
    100025: "Permission denied",
}
FREE_TEXT = 100023


class FibError(Exception):
    """An error with a fibjs number.

    :param number: a number of `TEXTS`, or an errno, or `FREE_TEXT`.
    :param text: the message of a free-text error; otherwise left out.
    """

    def __init__(self, number: int, text: str | None = None, name: str = "Error") -> None:
        if text is None:
            if number in TEXTS:
                text = f"[-{number}] {TEXTS[number]}"
            else:
                text = f"[{number}] {os.strerror(number)}"
        super().__init__(text)
        self.number = number
        self.message = text
        self.name = name


def describe(error: BaseException) -> dict[str, Any]:
    """The properties of the JavaScript Error that stands for a Python exception."""
    if isinstance(error, FibError):
        return {"name": error.name, "message": error.message, "number": error.number}
    if isinstance(error, OSError):
        return _system_error(error)
    if isinstance(error, RecursionError):
        return {"name": "RangeError", "message": "Maximum call stack size exceeded"}
    if isinstance(error, MemoryError):
        return {"name": "Error", "message": f"[-100013] {TEXTS[100013]}", "number": 100013}
    from fibshim.engine import ScriptError

    if isinstance(error, ScriptError):
        data: dict[str, Any] = {"name": error.name, "message": error.message}
        if error.number is not None:
            data["number"] = error.number
        if error.code is not None:
            data["code"] = error.code
        return data
    if os.environ.get("FIBSHIM_DEBUG"):
        import traceback

        traceback.print_exception(type(error), error, error.__traceback__)
    return {
        "name": "Error",
        "message": f"[-100020] {TEXTS[100020]} ({type(error).__name__}: {error})",
        "number": 100020,
    }


def _system_error(error: OSError) -> dict[str, Any]:
    import socket

    number = error.errno
    if isinstance(error, socket.gaierror) or number is None or number <= 0:
        return {"name": "Error", "message": error.strerror or str(error), "number": FREE_TEXT}
    if type(error).__module__ == "ssl":
        return {"name": "Error", "message": str(error), "number": FREE_TEXT}
    return {"name": "Error", "message": f"[{number}] {os.strerror(number)}", "number": number}
