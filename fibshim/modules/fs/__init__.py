"""`fs` (spec/fs-and-path.md §2): the file system.

What is quick is done at once; what may take long (more than `BIG` bytes, devices, pipes, syncing) goes to a thread of the
loop's executor, so that other fibers go on.  Integers from scripts may arrive as floats, which `os` refuses.
"""

from __future__ import annotations

import os
import stat as modes
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.core.ops import op
from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

BIG = 65536
"""Bytes that are still read or written at once."""

FLAGS = {
    "r": os.O_RDONLY,
    "r+": os.O_RDWR,
    "w": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
    "w+": os.O_RDWR | os.O_CREAT | os.O_TRUNC,
    "a": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
    "a+": os.O_RDWR | os.O_CREAT | os.O_APPEND,
}
"""Any other text means read-only."""


def off(rt: Runtime, function: Callable[..., Any], *args: Any) -> Wait:
    """Run a function that releases the GIL in a thread of the executor."""
    wait = Wait()
    sched = rt.sched
    sched.operations += 1

    def over(done: Any) -> None:
        sched.operations -= 1
        wait.result = done.exception() or done.result()
        sched.wake(wait)

    sched.loop.run_in_executor(None, function, *args).add_done_callback(over)
    return wait


def checked(path: str) -> str:
    """A path that the system can be given.

    :raises FibError: errno 2 for names that no file can have.
    """
    if "\0" in path:
        raise FibError(2)
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        raise FibError(2) from None
    return path


_pack = struct.Struct("<13d").pack


def fields(status: os.stat_result) -> bytes:
    """A stat result as `stat.js` takes it: doubles; times are whole seconds."""
    return _pack(
        _cut(status.st_dev),
        _cut(status.st_ino),
        _cut(status.st_mode),
        _cut(status.st_nlink),
        _cut(status.st_uid),
        _cut(status.st_gid),
        _cut(status.st_rdev),
        status.st_size,
        _cut(status.st_blksize),
        _cut(status.st_blocks),
        status.st_mtime // 1 * 1000,
        status.st_atime // 1 * 1000,
        status.st_ctime // 1 * 1000,
    )


def _cut(value: int) -> int:
    """An Integer as the original cuts it: signed 32 bits."""
    return ((value + 0x80000000) & 0xFFFFFFFF) - 0x80000000


# -- reading and writing whatever size -----------------------------------------------------------


def read_fully(fd: int, size: int) -> bytes:
    """Read up to `size` bytes, fewer only at the end."""
    data = os.read(fd, size)
    if len(data) == size or not data:
        return data
    pieces = [data]
    left = size - len(data)
    while left > 0:
        data = os.read(fd, min(left, 1 << 24))
        if not data:
            break
        pieces.append(data)
        left -= len(data)
    return b"".join(pieces)


def read_rest(fd: int, expected: int) -> bytes:
    """Read until the end; `expected` bytes are probably left."""
    pieces: list[bytes] = []
    size = max(expected, 0) + 1
    while True:
        data = os.read(fd, size)
        if not data:
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.append(data)
        size = BIG


def write_fully(fd: int, data: bytes) -> None:
    """Write everything."""
    written = os.write(fd, data)
    if written < len(data):
        view = memoryview(data)
        while written < len(data):
            written += os.write(fd, view[written:])


def open_file(path: str, flags: int, mode: int = 0o666) -> tuple[int, os.stat_result]:
    """Open something that is no directory (which counts as missing)."""
    try:
        fd = os.open(checked(path), flags, mode)
    except IsADirectoryError:
        raise FibError(2) from None
    status = os.fstat(fd)
    if modes.S_ISDIR(status.st_mode):
        os.close(fd)
        raise FibError(2)
    return fd, status


def may_block(path: str) -> bool:
    """Whether opening this may take as long as it likes (a pipe waits for its other end)."""
    try:
        return modes.S_ISFIFO(os.stat(checked(path)).st_mode)
    except OSError:
        return False


# -- whole files -----------------------------------------------------------------------------------


def _read_opened(fd: int, size: int, text: bool) -> str | bytes:
    try:
        data = read_rest(fd, size)
    finally:
        os.close(fd)
    if text:
        try:
            return data.decode()
        except UnicodeDecodeError:
            pass
    return data


def _read_path(path: str, text: bool) -> str | bytes:
    fd, status = open_file(path, os.O_RDONLY)
    return _read_opened(fd, status.st_size, text)


@op()
def read_file(rt: Runtime, path: str, text: bool) -> Wait:
    """The content of a file.

    :param text: decode it if it is well-formed UTF-8.
    """
    if may_block(path):
        return off(rt, _read_path, path, text)
    fd, status = open_file(path, os.O_RDONLY)
    if modes.S_ISREG(status.st_mode) and status.st_size <= BIG:
        return _read_opened(fd, status.st_size, text)  # type: ignore[return-value]
    return off(rt, _read_opened, fd, status.st_size, text)


def _write_path(path: str, data: bytes, flags: str) -> None:
    fd, _ = open_file(path, FLAGS[flags])
    try:
        write_fully(fd, data)
    finally:
        os.close(fd)


def _write(rt: Runtime, path: str, data: bytes, flags: str) -> Wait:
    if len(data) > BIG or may_block(path):
        return off(rt, _write_path, path, data, flags)
    _write_path(path, data, flags)
    return None  # type: ignore[return-value]


@op()
def write_file(rt: Runtime, path: str, data: bytes, flags: str) -> Wait:
    """Write or append a whole file."""
    return _write(rt, path, data, flags)


@op()
def write_text(rt: Runtime, path: str, text: str) -> Wait:
    """Write a text as UTF-8."""
    return _write(rt, path, text.encode("utf-8", "surrogatepass"), "w")


# -- paths -----------------------------------------------------------------------------------------


@op()
def exists(rt: Runtime, path: str) -> bool:
    """Whether something is there; never fails."""
    try:
        return os.access(checked(path), os.F_OK)
    except (FibError, OSError):
        return False


@op()
def access(rt: Runtime, path: str, mode: int) -> None:
    """Fail with the system's error if something is not there or not permitted."""
    if os.access(checked(path), int(mode)):
        return
    os.stat(path)
    raise FibError(13)


@op()
def stat(rt: Runtime, path: str) -> bytes:
    """What is known of a path, links followed."""
    return fields(os.stat(checked(path)))


@op()
def lstat(rt: Runtime, path: str) -> bytes:
    """What is known of a path itself."""
    return fields(os.lstat(checked(path)))


@op()
def readdir(rt: Runtime, path: str) -> list[str]:
    """The names in a directory, in its own order."""
    return os.listdir(checked(path))


@op()
def mkdir(rt: Runtime, path: str, mode: int) -> None:
    """Make one directory."""
    os.mkdir(checked(path), int(mode))


@op()
def rmdir(rt: Runtime, path: str) -> None:
    """Remove an empty directory."""
    os.rmdir(checked(path))


@op()
def unlink(rt: Runtime, path: str) -> None:
    """Remove a file or link."""
    os.unlink(checked(path))


@op()
def rename(rt: Runtime, old: str, new: str) -> None:
    """Rename, replacing an existing file."""
    os.rename(checked(old), checked(new))


def _copy(old: str, new: str, flags: int) -> None:
    source, _ = open_file(old, os.O_RDONLY)
    try:
        target, _ = open_file(new, os.O_WRONLY | os.O_CREAT | flags)
        try:
            while data := os.read(source, 1 << 20):
                write_fully(target, data)
        finally:
            os.close(target)
    finally:
        os.close(source)


@op()
def copy(rt: Runtime, old: str, new: str) -> Wait:
    """Copy the content over what is there, which is not cut."""
    return off(rt, _copy, old, new, 0)


@op()
def copy_file(rt: Runtime, old: str, new: str, mode: int) -> Wait:
    """Copy a file; mode 1: only if the target does not exist, 4: only as a clone, which is not possible here."""
    if int(mode) & 4:
        raise FibError(95)
    return off(rt, _copy, old, new, os.O_TRUNC | (os.O_EXCL if int(mode) & 1 else 0))


@op()
def truncate(rt: Runtime, path: str, size: int) -> None:
    """Set the size of a file."""
    os.truncate(checked(path), int(size))


@op()
def chmod(rt: Runtime, path: str, mode: int) -> None:
    """Change the mode."""
    os.chmod(checked(path), int(mode))


@op()
def lchmod(rt: Runtime, path: str, mode: int) -> None:
    """Change the mode of a link itself, where the system can."""
    change = getattr(os, "lchmod", None)
    if change is None:
        raise FibError(95)
    change(checked(path), int(mode))


@op()
def chown(rt: Runtime, path: str, uid: int, gid: int) -> None:
    """Change the owner."""
    os.chown(checked(path), int(uid), int(gid))


@op()
def lchown(rt: Runtime, path: str, uid: int, gid: int) -> None:
    """Change the owner of a link itself."""
    os.lchown(checked(path), int(uid), int(gid))


@op()
def link(rt: Runtime, old: str, new: str) -> None:
    """Make a hard link."""
    os.link(checked(old), checked(new))


@op()
def symlink(rt: Runtime, target: str, path: str) -> None:
    """Make a symbolic link."""
    os.symlink(checked(target), checked(path))


@op()
def readlink(rt: Runtime, path: str) -> str:
    """What a symbolic link points to."""
    return os.readlink(checked(path))


@op()
def realpath(rt: Runtime, path: str) -> str:
    """The path without links; it must exist."""
    os.stat(checked(path))
    return os.path.realpath(path)
