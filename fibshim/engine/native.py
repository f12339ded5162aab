"""The C functions of the engine that we call, and the words of its structures that we read and write.

The only file that knows addresses.  Each assumption is checked when it is first relied on; anything unexpected ends in
`EngineError` with one sentence, never in a crash later on.

*PyDLL, never CDLL.*  The binding takes "thread_state is NULL" to mean "this thread has the GIL", and a JavaScript
garbage collection inside any of these functions may free a wrapped Python callable.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_bool, c_char_p, c_int, c_size_t, c_uint8, c_uint32, c_void_p
from typing import Any

ENGINE_VERSION = "0.17."
"""The series of quickjs-ng whose behaviour the rules of DESIGN lean on (`docs/architecture.md`)."""


class EngineError(ImportError):
    """The installed engine cannot be used; the message says why in one sentence."""


class JSValue(ctypes.Structure):
    """A value of the engine as it is passed between C functions: 16 bytes, two words."""

    _fields_ = (("payload", ctypes.c_uint64), ("tag", ctypes.c_int64))


class EvalOptions(ctypes.Structure):
    """`JSEvalOptions` of `JS_Eval2`."""

    _fields_ = (
        ("version", c_int),
        ("flags", c_int),
        ("filename", c_char_p),
        ("line", c_int),
    )


EVAL_COMPILE_ONLY = 1 << 5
EVAL_ASYNC = 1 << 7
"""`JS_EVAL_FLAG_ASYNC`: a global script that may await."""

TAG_UNDEFINED = 3
TAG_EXCEPTION = 6

_FUNCTIONS: tuple[tuple[Any, ...], ...] = (
    ("JS_GetVersion", c_char_p),
    ("JS_GetRuntime", c_void_p, c_void_p),
    ("JS_UpdateStackTop", None, c_void_p),
    ("JS_SetMaxStackSize", None, c_void_p, c_size_t),
    ("JS_SetInterruptHandler", None, c_void_p, c_void_p, c_void_p),
    ("JS_SetHostPromiseRejectionTracker", None, c_void_p, c_void_p, c_void_p),
    ("JS_IsJobPending", c_bool, c_void_p),
    ("JS_RunGC", None, c_void_p),
    ("JS_Eval2", JSValue, c_void_p, c_char_p, c_size_t, POINTER(EvalOptions)),
    ("JS_GetException", JSValue, c_void_p),
    ("JS_SetPropertyUint32", c_int, c_void_p, JSValue, c_uint32, JSValue),
    ("JS_GetPropertyUint32", JSValue, c_void_p, JSValue, c_uint32),
    ("JS_FreeValue", None, c_void_p, JSValue),
    ("JS_DupValue", JSValue, c_void_p, JSValue),
    ("JS_GetArrayBuffer", POINTER(c_uint8), c_void_p, POINTER(c_size_t), JSValue),
    ("JS_GetUint8Array", POINTER(c_uint8), c_void_p, POINTER(c_size_t), JSValue),
    ("JS_NewArrayBufferCopy", JSValue, c_void_p, c_char_p, c_size_t),
    ("JS_NewStringUTF16", JSValue, c_void_p, c_char_p, c_size_t),
    ("JS_ToCStringLenUTF16", c_void_p, c_void_p, POINTER(c_size_t), JSValue),
    ("JS_FreeCStringUTF16", None, c_void_p, c_void_p),
    # Further realms: contexts that share the runtime.
    ("JS_NewContext", c_void_p, c_void_p),
    ("JS_FreeContext", None, c_void_p),
    ("JS_GetContextOpaque", c_void_p, c_void_p),
    ("JS_SetContextOpaque", None, c_void_p, c_void_p),
    ("JS_GetGlobalObject", JSValue, c_void_p),
    ("JS_IsProxy", c_bool, JSValue),
)


def load(path: str) -> Any:
    """Open the engine's shared library and declare the functions used.

    :param path: the file of the extension module `_quickjs`.
    :raises EngineError: if the wheel does not export a function (Windows wheels export none).
    """
    library = ctypes.PyDLL(path)
    for name, result, *arguments in _FUNCTIONS:
        try:
            function = getattr(library, name)
        except AttributeError:
            raise EngineError(
                f"this build of quickjs-ng does not export {name}, so fibshim cannot run on it "
                "(Linux wheels work, Windows wheels do not)"
            ) from None
        function.restype, function.argtypes = result, arguments
    return library


def check_version(version: str) -> None:
    """Refuse every engine but the pinned series.

    :raises EngineError: with the sentence to show.
    """
    if not version.startswith(ENGINE_VERSION):
        raise EngineError(
            f"fibshim needs quickjs-ng {ENGINE_VERSION}x, but {version} is installed: "
            f"pip install 'quickjs-ng>={ENGINE_VERSION[:-1]},<0.18'"
        )


LIBC = ctypes.CDLL(None)
LIBC.madvise.argtypes = [c_void_p, c_size_t, c_int]
LIBC.malloc_usable_size.restype, LIBC.malloc_usable_size.argtypes = c_size_t, [c_void_p]

ALWAYS = ctypes.cast(LIBC.getpid, c_void_p)
"""An interrupt handler that says yes; needs neither the GIL nor Python."""


class Words:
    """The four words of `JSRuntime` that belong to a C stack and not to the heap.

    Found by what the engine does with markers, so that another layout is noticed instead of overwritten.

    :raises EngineError: if there is anything but exactly one place for each.
    """

    __slots__ = ("frame", "limit", "size", "top")

    def __init__(self, library: Any, rt: int) -> None:
        count = LIBC.malloc_usable_size(rt) // 8
        memory = (c_size_t * count).from_address(rt)
        size: set[int] | None = None
        frame: set[int] | None = None
        for mark in (0x51A70, 0x62B80):
            library.JS_SetMaxStackSize(rt, mark)
            library.JS_SetInterruptHandler(rt, mark + 1, mark + 2)
            words = list(memory)
            sizes = {
                i
                for i in range(count - 2)
                if words[i] == mark and words[i + 1] - mark == words[i + 2]
            }
            frames = {
                i - 1 for i in range(1, count - 1) if words[i : i + 2] == [mark + 1, mark + 2]
            }
            size = sizes if size is None else size & sizes
            frame = frames if frame is None else frame & frames
        library.JS_SetInterruptHandler(rt, None, None)
        assert size is not None
        assert frame is not None
        if (
            len(size) != 1
            or len(frame) != 1
            or memory[min(frame)] != 0
            or min(frame) - min(size) != 6
        ):
            raise EngineError("this build of quickjs-ng lays out its runtime in an unknown way")
        at = rt + 8 * min(size)
        self.size = c_size_t.from_address(at)
        self.top = c_size_t.from_address(at + 8)
        self.limit = c_size_t.from_address(at + 16)
        self.frame = c_size_t.from_address(rt + 8 * min(frame))


class Jobs:
    """Whether promise jobs are pending, read from the list head in JSRuntime: asked at every block, so without a C call.

    Found by queueing jobs: of all list heads only theirs has as many nodes.

    :raises EngineError: if there is anything but exactly one such place.
    """

    __slots__ = ("_empty", "_next")

    def __init__(self, rt: int, context: Any) -> None:
        count = LIBC.malloc_usable_size(rt) // 8
        memory = (c_size_t * count).from_address(rt)

        def empty() -> set[int]:
            words = list(memory)
            return {i for i in range(count - 1) if words[i] == words[i + 1] == rt + 8 * i}

        def length(at: int) -> int:
            """How many nodes hang on a list head."""
            head = node = rt + 8 * at
            for count in range(100):
                node = c_size_t.from_address(node + 8).value
                if node == head:
                    return count
            return -1

        # The allocator has list heads of its own that come and go, but their lengths are not those of the jobs.
        found = empty()
        for jobs in (1, 2, 5):
            context.eval(f"for (let i = 0; i < {jobs}; i++) Promise.resolve().then(() => {{}}); 0")
            found = {i for i in found if length(i) == jobs}
            while context.execute_pending_job():
                pass
        found &= empty()
        if len(found) != 1:
            raise EngineError("this build of quickjs-ng lays out its runtime in an unknown way")
        self._empty = rt + 8 * min(found)
        self._next = c_size_t.from_address(self._empty)

    def pending(self) -> bool:
        """Whether there are any."""
        return self._next.value != self._empty


def pointers(context: object, library: Any) -> tuple[int, int]:
    """The runtime and context pointers inside a `_quickjs.Context`.

    :raises EngineError: if the object does not hold them where expected.
    """
    rt, cx = (c_size_t * 2).from_address(id(context) + object.__basicsize__)
    if not rt or not cx or library.JS_GetRuntime(cx) != rt:
        raise EngineError("this build of quickjs-ng lays out its Context in an unknown way")
    return rt, cx


def value_of(obj: object) -> JSValue:
    """The engine's value inside a `_quickjs.Object`, borrowed: valid as long as `obj` lives."""
    size = type(obj).__basicsize__
    return JSValue.from_buffer_copy(
        (ctypes.c_char * 16).from_address(id(obj) + size - 16)  # the last two words of the struct
    )


__all__ = [
    "ALWAYS",
    "ENGINE_VERSION",
    "LIBC",
    "TAG_EXCEPTION",
    "EngineError",
    "EvalOptions",
    "JSValue",
    "Jobs",
    "Words",
    "byref",
    "check_version",
    "load",
    "pointers",
    "value_of",
]
