"""Errors of scripts as Python sees them."""

from __future__ import annotations

import json
from typing import Any


class ScriptError(Exception):
    """An error thrown by JavaScript.

    :ivar name: the error's class name, e.g. ``TypeError``.
    :ivar message: its message.
    :ivar stack: its stack in V8's form, without the first line; empty for values that are no errors.
    :ivar number: the fibjs error number, or None.
    :ivar code: the `code` property if it is a string or a number, or None.
    :ivar report: the report of `spec/fibers-and-runtime.md` §3, or an empty string.
    """

    def __init__(
        self,
        name: str,
        message: str,
        stack: str = "",
        number: int | None = None,
        code: str | int | None = None,
        report: str = "",
    ) -> None:
        super().__init__(f"{name}: {message}" if message else name)
        self.name = name
        self.message = message
        self.stack = stack
        self.number = number
        self.code = code
        self.report = report

    @classmethod
    def from_json(cls, text: str) -> ScriptError:
        """Build one from what the glue's `describe` made; the `cause` property becomes `__cause__`."""
        return cls._from_dict(json.loads(text))

    @classmethod
    def _from_dict(cls, data: dict[str, Any]) -> ScriptError:
        error = cls(
            data["name"],
            data["message"],
            data.get("stack") or "",
            data.get("number"),
            data.get("code"),
            data.get("report") or "",
        )
        cause = data.get("cause")
        if cause is not None:
            error.__cause__ = cls._from_dict(cause)
        return error
