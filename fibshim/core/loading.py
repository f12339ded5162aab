"""Ops of `loader.js` and `report.js`: finding, reading and compiling script files (spec/modules-and-vm.md)."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.core.ops import op

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

EXTENSIONS = [".js", ".jsc", ".json"]
MODULE = "__filename, __dirname, require, run, exports, module"
_MAIN = f"{MODULE}, argv, repl"
HEADS = {"module": MODULE, "main": _MAIN, "run": _MAIN, "worker": f"{MODULE}, Master"}
JSC_VERSION = 1
_AWAIT = re.compile(rb"\bawait\b")


@op()
def resolve_path(rt: Runtime, path: str, extensions: list[str], only_index: bool) -> str:
    """From a path to a file by the rules of §4.4: the real path of the file to load.

    :param extensions: those that are tried, in order.
    :param only_index: the path ended with a slash: only the directory rules.
    :raises FibError: errno 2 if nothing is found; 100023 for a bad package.json.
    """
    found = find(path, extensions, only_index)
    if found is None:
        raise FibError(2)
    return found


def find(path: str, extensions: list[str], only_index: bool = False) -> str | None:
    """As `resolve_path`; None if nothing is found."""
    if not only_index:
        found = _file(path, extensions)
        if found is not None:
            return found
    package = os.path.join(path, "package.json")
    main = _package_main(package) if os.path.isfile(package) else None
    if main is not None:
        target = main if os.path.isabs(main) else os.path.normpath(os.path.join(path, main))
        found = _file(target, extensions) or _file(os.path.join(target, "index"), extensions)
        if found is None:
            raise FibError(100023, "SandBox: main script in package.json not found")
        return found
    return _file(os.path.join(path, "index"), extensions)


def _file(path: str, extensions: list[str]) -> str | None:
    for ending in ["", *extensions]:
        real = os.path.realpath(path + ending)
        if os.path.isfile(real) and os.access(real, os.R_OK):
            return real
    return None


def _package_main(path: str) -> str | None:
    import json

    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except OSError:
        return None
    except ValueError as error:
        raise FibError(100023, f"{path}: {error}") from None
    if not isinstance(data, dict):
        raise FibError(100023, "SandBox: Invalid package.json")
    main = data.get("main")
    if main is None:
        return None
    if not isinstance(main, str):
        raise FibError(100023, "SandBox: Invalid package.json")
    return main


@op()
def resolve_bare(rt: Runtime, name: str, base: str, extensions: list[str]) -> str:
    """Search the `node_modules` of a directory and of its parents (§4.2); an empty base is not searched."""
    if base:
        directory = os.path.abspath(base)
        while True:
            found = find(os.path.join(directory, "node_modules", name), extensions)
            if found is not None:
                return found
            parent = os.path.dirname(directory)
            if parent == directory:
                break
            directory = parent
    raise FibError(2)


@op()
def compile_file(rt: Runtime, path: str, kind: str) -> str:
    """Read and compile a script file; its function, or the SyntaxError, is in the slot.

    :returns: ``""`` for a syntax error, ``"plain"`` for a file that cannot await, ``"async"`` otherwise.
    """
    with open(path, "rb") as file:
        source = file.read()
    return _compile(rt, source, path, kind)


@op()
def compile_text(rt: Runtime, source: str, name: str, kind: str) -> str:
    """As `compile_file`, for a script that is no file; reports can show its lines."""
    sources(rt)[name] = source
    return _compile(rt, source.encode("utf-8", "surrogatepass"), name, kind)


def _compile(rt: Runtime, source: bytes, path: str, kind: str) -> str:
    if source.startswith(b"\xef\xbb\xbf"):
        source = source[3:]
    if source.startswith(b"#!") and len(source) > 2:
        source = b"//" + source[2:]
    # A file without the word cannot await, so it needs no promise; everything else behaves the same.
    form = "async" if _AWAIT.search(source) else "plain"
    word = "async " if form == "async" else ""
    return (
        form if rt.engine.compile(source, path, f"({word}function ({HEADS[kind]}) {{", "})") else ""
    )


@op()
def compile_packed(rt: Runtime, path: str) -> str:
    """As `compile_file`, for a `.jsc` file (`pack`), under the name that it was compiled with.

    :raises FibError: 100023 if the file was not made by this version of `util.compile`.
    """
    with open(path, "rb") as file:
        name, source, kind = unpack(file.read())
    return _compile(rt, source.encode("utf-8", "surrogatepass"), name, kind)


def pack(name: str, source: str, kind: str) -> bytes:
    """A compiled script: what `util.compile` makes and a `.jsc` file holds.

    It is source text in a container of our own: byte code of the engine from a file could do anything to the process.

    :param name: what stack traces show.
    :param kind: a key of `HEADS`.
    """
    import gzip
    import json

    data = {"fibshim": JSC_VERSION, "name": name, "kind": kind, "source": source}
    return gzip.compress(json.dumps(data).encode(), mtime=0)


def unpack(data: bytes) -> tuple[str, str, str]:
    """The name, source and kind in what `pack` made.

    :raises FibError: 100023 for anything else.
    """
    import gzip
    import json
    import zlib

    try:
        found = json.loads(gzip.decompress(data))
        if found["fibshim"] == JSC_VERSION and found["kind"] in HEADS:
            return str(found["name"]), str(found["source"]), found["kind"]
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error):
        pass
    raise FibError(100023, "SandBox: bad jsc version.")


@op()
def read_json(rt: Runtime, path: str) -> str:
    """The text of a JSON file."""
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "replace")


def sources(rt: Runtime) -> dict[str, str]:
    """Scripts that are no files, by name."""
    found: dict[str, str] = rt.state.setdefault("sources", {})
    return found


@op()
def source_line(rt: Runtime, file: str, line: int) -> str | None:
    """A line of a script for a report, without its newline; None if it cannot be had."""
    text = sources(rt).get(file)
    try:
        if text is None:
            if not os.path.isabs(file):
                return None
            with open(file, encoding="utf-8", errors="replace", newline="\n") as source:
                for number, content in enumerate(source, 1):
                    if number == line:
                        return content.rstrip("\r\n")
            return None
        lines = text.split("\n")
        return lines[line - 1].rstrip("\r") if 0 < line <= len(lines) else None
    except OSError:
        return None


@op()
def error_text(rt: Runtime, text: str) -> None:
    """Write the report of an error nobody caught: to standard error, or where `console.add` said.

    :param text: with its newline at the end.
    """
    if len(text) > 0 and not _console_took(rt, text[:-1]):
        if os.isatty(2):
            text = f"\x1b[1;31m{text[:-1]}\x1b[0m\n"
        rt.write(2, text)


def _console_took(rt: Runtime, text: str) -> bool:
    """Hand a report to the console's targets and filter; they exist only if a script touched them."""
    reports = (getattr(rt, "main", None) or rt).state.get("reports")
    return reports is not None and bool(reports(text))


@op()
def cwd(rt: Runtime) -> str:
    """The working directory."""
    return os.getcwd()


@op()
def real_path(rt: Runtime, path: str) -> str:
    """The absolute path with symbolic links resolved."""
    return os.path.realpath(path)


@op()
def has_builtin(rt: Runtime, folder: str) -> bool:
    """Whether there is a JavaScript half for a built-in module."""
    from fibshim.core.runtime import PACKAGE

    return os.path.isfile(f"{PACKAGE}/modules/{folder}/{folder}.js")


@op()
def main_failed(rt: Runtime, code: int) -> None:
    """The main script failed; its code counts if nothing else is pending."""
    rt.main_failed(code)


@op()
def pending(rt: Runtime) -> Any:
    """Whether anything but the running fiber is pending."""
    return rt.pending()


@op()
def collect(rt: Runtime) -> None:
    """Force a collection of the engine's garbage."""
    rt.engine.c.JS_RunGC(rt.engine.rt)


@op()
def print_text(rt: Runtime, text: str) -> None:
    """Write to standard output."""
    rt.write(1, text)
