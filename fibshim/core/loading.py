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
def resolve_path(
    rt: Runtime, path: str, extensions: list[str], only_index: bool, virtual: list[str]
) -> str | None:
    """From a path to a file by the rules of §4.4.

    :param extensions: those that are tried, in order.
    :param only_index: the path ended with a slash: only the directory rules.
    :param virtual: paths that count as files although there are none.
    :returns: the real path of the file to load; with ``$/`` at its end it is an archive to look into; None if nothing is
        found.
    :raises FibError: 100023 for a bad package.json.
    """
    if not rt.file_system and not virtual:
        return None
    return Search(rt, extensions, virtual).find(path, only_index)


class Search:
    """How one world finds files."""

    def __init__(self, rt: Runtime, extensions: list[str], virtual: list[str]) -> None:
        self.endings = ["", *extensions]
        self.virtual = virtual
        self.real = rt.file_system

    def find(self, path: str, only_index: bool = False) -> str | None:
        """As `resolve_path`."""
        if not only_index:
            found = self._file(path)
            if found is not None:
                return found
        package = os.path.join(path, "package.json")
        main = _package_main(package) if self.real and os.path.isfile(package) else None
        if main is not None:
            target = main if os.path.isabs(main) else os.path.normpath(os.path.join(path, main))
            found = self._file(target) or self._file(os.path.join(target, "index"))
            if found is None:
                raise FibError(100023, "SandBox: main script in package.json not found")
            return found
        found = self._file(os.path.join(path, "index"))
        if found is None and self.real and os.path.isfile(f"{path}.zip"):
            return f"{path}.zip$/"
        return found

    def _file(self, path: str) -> str | None:
        for ending in self.endings:
            if path + ending in self.virtual:
                return path + ending
            if not self.real:
                continue
            try:
                real = os.path.realpath(path + ending)
                if os.path.isfile(real) and os.access(real, os.R_OK):
                    return real
            except ValueError:  # a name that no file can have
                return None
        return None


def _package_main(path: str) -> str | None:
    import json

    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return None
    start = len(text) - len(text.lstrip(" \t\r\n"))
    try:
        data, _ = json.JSONDecoder().raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise FibError(
            100023, f"Unexpected token {text[error.pos : error.pos + 1] or chr(0)}"
        ) from None
    if not isinstance(data, dict):
        raise FibError(100023, "SandBox: Invalid package.json")
    main = data.get("main")
    if main is None:
        return None
    if not isinstance(main, str):
        raise FibError(100023, "SandBox: Invalid package.json")
    return main


@op()
def resolve_bare(
    rt: Runtime, name: str, base: str, extensions: list[str], virtual: list[str]
) -> str | None:
    """Search the `node_modules` of a directory and of its parents (§4.2); as `resolve_path`.

    :param base: the directory; empty: none is searched.
    """
    search = Search(rt, extensions, virtual)
    directory = base
    while directory:
        found = search.find(os.path.join(directory, "node_modules", name))
        if found is not None:
            return found
        parent = os.path.dirname(directory)
        if parent == directory:
            break
        directory = parent
    return None


@op()
def compile_file(rt: Runtime, path: str, kind: str, realm: int) -> str:
    """Read and compile a script file; its function, or the SyntaxError, is in the slot.

    :param realm: handle of the realm that the function is to belong to; 0: the VM's own.
    :returns: ``""`` for a syntax error, ``"plain"`` for a file that cannot await, ``"async"`` otherwise.
    """
    with open(path, "rb") as file:
        source = file.read()
    return _compile(rt, source, path, kind, realm)


@op()
def compile_text(rt: Runtime, source: str, name: str, kind: str, realm: int) -> str:
    """As `compile_file`, for a script that is no file; reports can show its lines."""
    sources(rt)[name] = source
    return _compile(rt, source.encode("utf-8", "surrogatepass"), name, kind, realm)


def _compile(rt: Runtime, source: bytes, path: str, kind: str, realm: int) -> str:
    if source.startswith(b"\xef\xbb\xbf"):
        source = source[3:]
    if source.startswith(b"#!") and len(source) > 2:
        source = b"//" + source[2:]
    # A file without the word cannot await, so it needs no promise; everything else behaves the same.
    form = "async" if _AWAIT.search(source) else "plain"
    word = "async " if form == "async" else ""
    try:
        source.decode()
    except UnicodeDecodeError:
        source = source.decode("utf-8", "replace").encode()
    context = rt.handles[realm] if realm else 0
    function = f"{word}function ({HEADS[kind]}) {{"
    return form if rt.engine.compile_body(source, path, function, context) else ""


@op()
def compile_packed(rt: Runtime, data: bytes, realm: int) -> str:
    """As `compile_file`, for the content of a `.jsc` file (`pack`), under the name that it was compiled with.

    :raises FibError: 100023 if it was not made by this version of `util.compile`.
    """
    name, source, kind = unpack(data)
    return _compile(rt, source.encode("utf-8", "surrogatepass"), name, kind, realm)


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


@op()
def read_bytes(rt: Runtime, path: str) -> bytes:
    """The content of a file."""
    with open(path, "rb") as file:
        return file.read()


@op()
def decode(rt: Runtime, data: bytes) -> str:
    """UTF-8 as the loader reads it."""
    return data.decode("utf-8", "replace")


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
