"""Ops: the Python functions that JavaScript calls by name.

A module's Python half registers them with `op`; its JavaScript half finds them under `internal.ops(folder)`.  The types
of the parameters say how they cross (`kinds`), the kind of function says whether the call blocks its fiber:

- a plain function returns its result at once;
- one that returns a `Wait`, or a coroutine function, blocks the calling fiber, or with a callback queues a job later.

The first parameter is the runtime.  What an op raises becomes a JavaScript Error (`fibshim.core.errors`).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from fibshim.core.errors import describe
from fibshim.engine.engine import TAKE_DIE, TAKE_FULL, TAKE_RETRY, Engine
from fibshim.fibers import DIE, Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

F = TypeVar("F", bound=Callable[..., Any])


def _kind(annotation: object) -> str:
    """How a parameter with this annotation crosses."""
    text = str(annotation)
    if text.startswith(("list", "dict")):
        return "j"
    return {"str": "s", "bytes": "b"}.get(text, "n")


class Op:
    """One registered op.

    :ivar kinds: one letter a parameter, as `stub` in `engine/glue.js` explains.
    :ivar blocks: whether a call may block, so that it takes a callback number first.
    """

    __slots__ = ("blocks", "function", "kinds", "name", "raw")

    def __init__(
        self, function: Callable[..., Any], name: str, raw: bool, kinds: str, blocks: bool
    ):
        self.function, self.name, self.raw, self.kinds, self.blocks = (
            function,
            name,
            raw,
            kinds,
            blocks,
        )


REGISTRY: dict[str, dict[str, Op]] = {}
"""Ops by the Python package of their module and their name in JavaScript."""


def op(name: str | None = None, *, raw: bool = False, kinds: str | None = None) -> Callable[[F], F]:
    """Register a function as an op.

    :param name: its name in JavaScript; default: the function's name in camelCase.
    :param raw: the function converts its arguments and its result itself and never raises (hot paths).  Text arguments
        still arrive with their length after them, bytes as their length in the window.
    :param kinds: how the arguments cross, where the annotations do not say it (raw functions with texts).
    """

    def register(function: F) -> F:
        annotations = dict(function.__annotations__)
        returns = annotations.pop("return", None)
        code = function.__code__  # type: ignore[attr-defined]
        names = code.co_varnames[1 : code.co_argcount]
        letters = kinds or "".join(_kind(annotations.get(n, "Any")) for n in names)
        words = function.__name__.split("_")
        made = name or words[0] + "".join(w.title() for w in words[1:])
        # CO_COROUTINE, without importing `inspect`
        blocks = bool(code.co_flags & 0x80) or str(returns) == "Wait"
        REGISTRY.setdefault(function.__module__, {})[made] = Op(
            function, made, raw, letters, blocks
        )
        return function

    return register


def bind(rt: Runtime, item: Op) -> Callable[..., Any]:
    """The callable for one runtime: converts arguments and results, never raises."""
    if item.raw:
        return partial(item.function, rt)
    if item.blocks:
        return _blocking(rt, item)
    return _plain(rt, item)


def _plain(rt: Runtime, item: Op) -> Callable[..., Any]:
    engine, function, kinds = rt.engine, item.function, item.kinds
    out = engine.out
    if kinds.strip("n") == "":

        def simple(*args: Any) -> Any:
            try:
                result = function(rt, *args)
                return None if result is None else out(result)
            except Exception as error:
                return failure(rt, error)

        return simple

    def call(*args: Any) -> Any:
        try:
            values = _values(engine, kinds, args)
            if values is None:
                return engine.special(TAKE_RETRY)
            result = function(rt, *values)
            return None if result is None else out(result)
        except Exception as error:
            return failure(rt, error)

    return call


def failure(rt: Runtime, error: Exception) -> Any:
    """What a callable returns for an exception: an Error for JavaScript.

    Code that was terminated underneath (`_quickjs.JSException` from a nested call) must not become an Error that a script
    could catch: the caller ends as well.
    """
    if type(error).__module__ == "_quickjs":
        rt.sched.unwind()
        return rt.engine.special(TAKE_DIE)
    return rt.engine.fail(describe(error))


def _blocking(rt: Runtime, item: Op) -> Callable[..., Any]:
    engine, function, kinds = rt.engine, item.function, item.kinds
    block = rt.sched.block
    simple = kinds.strip("n") == ""

    def call(callback: int, *args: Any) -> Any:
        try:
            if not simple:
                values = _values(engine, kinds, args)
                if values is None:
                    return engine.special(TAKE_RETRY)
                args = tuple(values)
            result = function(rt, *args)
            if type(result) is not Wait:
                if isinstance(result, Coroutine):
                    result = rt.task(result)
                elif callback:
                    rt.complete(callback, result)
                    return None
                else:
                    return engine.out(result)
            if callback:
                rt.when_done(result, callback)
                return None
            status = block(result)
            if status:
                return engine.special(TAKE_DIE if status == DIE else TAKE_FULL)
            value = result.result
            if value is None or value is True or value is False:
                return value
            if isinstance(value, BaseException):
                return engine.fail(describe(value))
            return engine.out(value)
        except Exception as error:
            if callback:
                rt.complete(callback, error)
                return None
            return failure(rt, error)

    return call


def _values(engine: Engine, kinds: str, args: tuple[Any, ...]) -> list[Any] | None:
    """The op's arguments, or None if a text was cut at a NUL."""
    values: list[Any] = []
    at = 0
    for index, kind in enumerate(kinds):
        if kind == "n":
            values.append(args[at])
        elif kind == "b":
            values.append(engine.data(args[at], index))
        else:
            text = engine.text(args[at], args[at + 1], index)
            if text is None:
                return None
            at += 1
            if kind == "j":
                import json

                values.append(json.loads(text))
            else:
                values.append(text)
        at += 1
    return values


def package_ops(package: str) -> dict[str, Op]:
    """Import a module's Python half and return its ops."""
    import importlib

    importlib.import_module(package)  # waits for another runtime's thread that is importing it
    return REGISTRY.get(package, {})
