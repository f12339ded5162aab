"""One QuickJS runtime with one context, and everything that crosses between it and Python.

*What crosses.*  The binding carries None, bool, 32-bit ints, floats and well-formed text without loss, nothing else:

- text with NUL arrives cut at the first NUL, text with lone surrogates not at all;
- ints beyond 32 bits wrap, beyond 2**1024 they segfault.

So every value leaves through `out`, and text arrives with its length beside it.  What the binding cannot carry goes
through the **slot**, a plain JavaScript array that both sides can read and write (through the C API: own elements of a
plain array run no user code), or for up to `WINDOW` bytes through the **window**, one ArrayBuffer mapped once.

*Errors.*  A Python exception must never leave a callable, and a JavaScript exception must never leave JavaScript for the
binding, which would turn it into text while no thread state is saved.  Callables return `mark` (a JavaScript object that
nobody else has) and the glue asks `take` what it stands for; entry functions are glue with a `try` around everything.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable
from ctypes import byref, c_size_t
from typing import Any

import _quickjs

from fibshim.engine import native
from fibshim.engine.native import EngineError, EvalOptions, JSValue

WINDOW = 1 << 20
"""Bytes of the window; larger payloads go through the slot with one copy."""

SLOTS = 16
"""Places of the slot for arguments and results; what lies beyond is for promises that were rejected."""

# What `take` answers: a length (>= 0) of bytes in the window, or one of these.
TAKE_ERROR = -1  # an error: `error` has its JSON
TAKE_SLOT = -2  # slot[0] holds the value
TAKE_BYTES = -3  # slot[0] holds an ArrayBuffer
TAKE_BIGINT = -4  # slot[0] holds the digits
TAKE_JSON = -5  # slot[0] holds JSON text
TAKE_RETRY = -6  # an argument was cut at a NUL: call again with the text in the slot
TAKE_DIE = -8  # the fiber is to be unwound (rule 6: spin)
TAKE_FULL = -9  # no thread could be started for the other fibers

_loaded: Any = None


def _library() -> Any:
    """The C functions, loaded and checked once per process."""
    global _loaded
    if _loaded is None:
        library = native.load(_quickjs.__file__)
        native.check_version(library.JS_GetVersion().decode())
        _loaded = library
    return _loaded


class Engine:
    """A QuickJS context, the functions that reach into it and the state of what is crossing.

    Not thread-safe: whoever holds the baton (`fibshim.fibers`) may use it.
    Engine objects are freed by reference count in `close` and are never part of a Python reference cycle.

    :raises EngineError: if the installed engine is not the one this was written for.
    """

    def __init__(self) -> None:
        self.c = _library()
        self.context: Any = _quickjs.Context()
        self.rt, self.cx = native.pointers(self.context, self.c)
        self.words = native.Words(self.c, self.rt)
        self.jobs_pending = native.Jobs(self.rt, self.context).pending
        self._slot: Any = self.context.eval(f"new Array({SLOTS}).fill(0)")
        self._slot_value = native.value_of(self._slot)
        if self._slot_value.tag != -1:
            raise EngineError("this build of quickjs-ng lays out its values in an unknown way")
        self._window: Any = self.context.eval(f"new ArrayBuffer({WINDOW})")
        size = c_size_t()
        address = self.c.JS_GetArrayBuffer(self.cx, byref(size), native.value_of(self._window))
        if size.value != WINDOW:
            raise EngineError("this build of quickjs-ng lays out its values in an unknown way")
        self.window: memoryview = memoryview(
            (ctypes.c_uint8 * WINDOW).from_address(ctypes.addressof(address.contents))
        ).cast("B")
        self.mark: Any = self.context.eval("Object.freeze({})")
        self._taken = TAKE_ERROR
        self._error = ""

    # -- from Python to JavaScript -------------------------------------------------------------

    def set_slot(self, index: int, value: JSValue) -> None:
        """Move a value into the slot; its reference is consumed."""
        self.c.JS_SetPropertyUint32(self.cx, self._slot_value, index, value)

    def out(self, value: Any) -> Any:
        """What to return from a callable so that `value` arrives in JavaScript as it is.

        None, bool, int of any size, float, str, bytes-like and, as JSON, dict and list.
        """
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            if -0x80000000 <= value <= 0x7FFFFFFF:
                return value
            if -0x20000000000000 <= value <= 0x20000000000000:
                return float(value)
            self._taken = TAKE_BIGINT
            self._put_ascii(hex(value) if value >= 0 else "-" + hex(-value))
            return self.mark
        if kind is str:
            if value.isascii():
                return value
            try:
                value.encode()
            except UnicodeEncodeError:
                data = value.encode("utf-16-le", "surrogatepass")
                self.set_slot(0, self.c.JS_NewStringUTF16(self.cx, data, len(data) // 2))
                self._taken = TAKE_SLOT
                return self.mark
            return value
        if isinstance(value, (bytes, bytearray, memoryview)):
            size = len(value)
            if size <= WINDOW:
                self.window[:size] = value
                self._taken = size
            else:
                self.put_bytes(0, value)
                self._taken = TAKE_BYTES
            return self.mark
        if kind is BigInt:
            self._taken = TAKE_BIGINT
            self._put_ascii(hex(value) if value >= 0 else "-" + hex(-value))
            return self.mark
        if isinstance(value, (dict, list, tuple)):
            self._taken = TAKE_JSON
            self._put_ascii(json.dumps(value))
            return self.mark
        raise TypeError(f"a {kind.__name__} cannot be handed to JavaScript")

    def put_bytes(self, index: int, data: bytes | bytearray | memoryview) -> None:
        """Put an ArrayBuffer with a copy of `data` into the slot."""
        if not isinstance(data, bytes):
            data = bytes(data)
        self.set_slot(index, self.c.JS_NewArrayBufferCopy(self.cx, data, len(data)))

    def _put_ascii(self, text: str) -> None:
        data = text.encode("utf-16-le")
        self.set_slot(0, self.c.JS_NewStringUTF16(self.cx, data, len(data) // 2))

    def fail(self, error: dict[str, Any]) -> Any:
        """What to return from a callable so that the glue throws an Error with these properties."""
        self._taken = TAKE_ERROR
        self._error = json.dumps(error)
        return self.mark

    def special(self, kind: int) -> Any:
        """What to return from a callable for one of the `TAKE_…` kinds without a value."""
        self._taken = kind
        return self.mark

    # -- from JavaScript to Python -------------------------------------------------------------

    def text(self, value: Any, length: int, index: int) -> str | None:
        """Text that arrived as an argument with its number of UTF-16 units beside it.

        :param length: the units of the original; negative: the text is in the slot at `index`.
        :returns: the text, or None if it was cut: return `special(TAKE_RETRY)` then.
        """
        if length < 0:
            return self.slot_text(index)
        if len(value) == length or len(value.encode("utf-16-le")) == 2 * length:
            return value  # type: ignore[no-any-return]
        return None

    def slot_text(self, index: int) -> str:
        """The string in the slot, with NUL and lone surrogates (as surrogate code points)."""
        value = self.c.JS_GetPropertyUint32(self.cx, self._slot_value, index)
        size = c_size_t()
        units = self.c.JS_ToCStringLenUTF16(self.cx, byref(size), value)
        try:
            return ctypes.string_at(units, 2 * size.value).decode("utf-16-le", "surrogatepass")
        finally:
            self.c.JS_FreeCStringUTF16(self.cx, units)
            self._taken_from(index, value)

    def _taken_from(self, index: int, value: JSValue) -> None:
        """An argument in the slot was read.  It may be large, so nothing keeps it; and a result may follow there."""
        self.c.JS_FreeValue(self.cx, value)
        self.set_slot(index, JSValue(0, native.TAG_UNDEFINED))

    def data(self, length: int, index: int) -> bytes:
        """Bytes that arrived as an argument.

        :param length: how many of them stand in the window; negative: they are a Uint8Array in the slot at `index`.
        """
        if length >= 0:
            return bytes(self.window[:length])
        value = self.c.JS_GetPropertyUint32(self.cx, self._slot_value, index)
        size = c_size_t()
        address = self.c.JS_GetUint8Array(self.cx, byref(size), value)
        try:
            return ctypes.string_at(address, size.value)
        finally:
            self._taken_from(index, value)

    # -- code ----------------------------------------------------------------------------------

    def compile(
        self, source: str | bytes, filename: str, head: str, tail: str, realm: int = 0
    ) -> bool:
        """Compile `head` + newline + source + newline + `tail` under the file's own name and put the value into slot[0].

        The head stands on lines -1 and 0 (the engine takes 0 for "unset"), so lines and columns of the source are its
        own.  The whole must be an expression that
        only makes a function: nothing that calls Python may run in here.

        :param realm: the context of `new_realm` that the function is to belong to; 0: our own.
        :returns: False if it does not compile; slot[0] is then the engine's SyntaxError.
        """
        if isinstance(source, str):
            source = source.encode("utf-8", "surrogatepass")
        code = head.encode() + b"\n\n" + source + b"\n" + tail.encode()
        name = filename.encode("utf-8", "surrogateescape")
        return self._started(code, EvalOptions(1, 0, name, -1), realm or self.cx)

    def compile_body(self, source: bytes, filename: str, function: str, realm: int = 0) -> bool:
        """As `compile`, for text that we have not written: the body of a function.

        Text that closes the function and the bracket around it would run while it is compiled.  So it is parsed inside
        another bracket first: no text can close both.

        :param function: the function's beginning, e.g. ``async function (a, b) {``.
        """
        code = f"[{function}\n\n".encode() + source + b"\n}]"
        name = filename.encode("utf-8", "surrogateescape")
        cx = realm or self.cx
        options = EvalOptions(1, native.EVAL_COMPILE_ONLY, name, -1)
        value = self.c.JS_Eval2(cx, code, len(code), byref(options))
        if value.tag == native.TAG_EXCEPTION:
            self.set_slot(0, self.c.JS_GetException(cx))
            return False
        self.c.JS_FreeValue(cx, value)
        return self.compile(source, filename, f"({function}", "})", realm)

    def start_script(self, source: str, filename: str) -> bool:
        """Compile a global script that may await, and put the promise of `{ value: its completion value }` into slot[0].

        None of it runs in here: it begins with an `await`, so it runs as a promise job, and what it throws rejects the
        promise.  Only its declarations are made; they stay on the global scope.

        :returns: False if it does not compile or declares what there is already; slot[0] is then the SyntaxError.
        """
        code = b"await undefined;\n\n" + source.encode("utf-8", "surrogatepass")
        name = filename.encode("utf-8", "surrogateescape")
        return self._started(code, EvalOptions(1, native.EVAL_ASYNC, name, -1), self.cx)

    def _started(self, code: bytes, options: EvalOptions, cx: int) -> bool:
        value = self.c.JS_Eval2(cx, code, len(code), byref(options))
        if value.tag != native.TAG_EXCEPTION:
            self.set_slot(0, value)
            return True
        self.set_slot(0, self.c.JS_GetException(cx))
        return False

    def new_realm(self) -> int:
        """Make another realm: intrinsics and a global object of its own, which is put into slot[0].

        :returns: its context, for `compile`.  It lives as long as any function of the realm does, not longer.
        """
        c = self.c
        cx: int = c.JS_NewContext(self.rt)
        if not cx:
            raise MemoryError
        c.JS_SetContextOpaque(
            cx, c.JS_GetContextOpaque(self.cx)
        )  # the binding looks it up in there
        self.set_slot(0, c.JS_GetGlobalObject(cx))
        c.JS_FreeContext(cx)
        return cx

    def evaluate(self, code: str) -> Any:
        """Evaluate our own code through the binding; for set-up only.

        :raises _quickjs.JSException: what the code throws.
        """
        return self.context.eval(code)

    def share(self) -> list[Any]:
        """What the glue's closure needs: the slot, the window and the mark."""
        return [self._slot, self._window, self.mark]

    def close(self) -> None:
        """Free the context and everything in it, by reference count."""
        self.window.release()
        self._slot = self._window = self.mark = None
        self.context = None


class BigInt(int):
    """An int that arrives in JavaScript as a BigInt whatever its size (fibjs `Long` results)."""


__all__ = ["WINDOW", "BigInt", "Callable", "Engine"]
