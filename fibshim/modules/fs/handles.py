"""File objects and descriptors of `fs` (spec/fs-and-path.md §2.5, §2.7)."""

from __future__ import annotations

import os
import stat as modes
from collections.abc import Callable
from typing import TYPE_CHECKING

from fibshim.core.errors import FibError
from fibshim.core.ops import op
from fibshim.engine.engine import BigInt
from fibshim.fibers import Wait
from fibshim.modules.fs import (
    BIG,
    FLAGS,
    fields,
    may_block,
    off,
    open_file,
    read_fully,
    read_rest,
    write_fully,
)

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

# -- File objects ----------------------------------------------------------------------------------


class File:
    """An open file.

    :ivar plain: reading and writing it never waits.
    """

    __slots__ = ("fd", "owned", "plain")

    def __init__(self, fd: int, plain: bool = False, owned: bool = True) -> None:
        self.fd = fd
        self.plain = plain
        self.owned = owned

    def close(self) -> None:
        """Close the descriptor, once."""
        fd, self.fd = self.fd, -1
        if fd >= 0 and self.owned:
            os.close(fd)


@op()
def open_stream(rt: Runtime, path: str, flags: str) -> Wait:
    """Open a file for a File object.

    :returns: its handle.
    """
    number = FLAGS.get(flags, os.O_RDONLY)
    if may_block(path):

        def later() -> int:
            return rt.hold(File(open_file(path, number)[0]))

        return off(rt, later)
    fd, status = open_file(path, number)
    return rt.hold(File(fd, modes.S_ISREG(status.st_mode)))  # type: ignore[return-value]


@op()
def adopt(rt: Runtime, fd: int) -> int:
    """A handle for a descriptor that is not ours to close (standard input and output)."""
    return rt.hold(File(int(fd), _is_plain(int(fd)), False))


@op()
def file_read(rt: Runtime, handle: int, size: int) -> Wait:
    """Read; a negative size means one piece, for which the file must have positions (errno 29).

    :returns: the bytes, None at the end.
    """
    file = rt.handles[handle]
    size = int(size)
    if size < 0:
        os.lseek(file.fd, 0, os.SEEK_CUR)
        size = BIG
    if file.plain and size <= BIG:
        return read_fully(file.fd, size) or None  # type: ignore[return-value]
    return off(rt, _read_or_none, read_fully, file.fd, size)


@op()
def device_read(rt: Runtime, handle: int, size: int) -> Wait:
    """What one system read gives; None at the end."""
    return off(rt, _read_or_none, os.read, rt.handles[handle].fd, BIG if size < 0 else int(size))


def _read_or_none(read: Callable[[int, int], bytes], fd: int, size: int) -> bytes | None:
    return read(fd, size) or None


@op()
def file_rest(rt: Runtime, handle: int) -> Wait:
    """Everything from the position on; None if nothing is left."""
    file = rt.handles[handle]
    if not file.plain:
        return off(rt, _read_or_none, read_rest, file.fd, BIG)
    left = os.fstat(file.fd).st_size - os.lseek(file.fd, 0, os.SEEK_CUR)
    if left <= BIG:
        return read_rest(file.fd, left) or None  # type: ignore[return-value]
    return off(rt, _read_or_none, read_rest, file.fd, left)


@op()
def file_write(rt: Runtime, handle: int, data: bytes) -> Wait:
    """Write everything."""
    file = rt.handles[handle]
    if not file.plain or len(data) > BIG:
        return off(rt, write_fully, file.fd, data)
    write_fully(file.fd, data)
    return None  # type: ignore[return-value]


@op()
def file_seek(rt: Runtime, handle: int, offset: float, whence: int) -> None:
    """Move the position."""
    if not 0 <= whence <= 2:
        raise FibError(22)
    os.lseek(rt.handles[handle].fd, int(offset), int(whence))


@op()
def file_tell(rt: Runtime, handle: int) -> int:
    """The position, as a Long."""
    return BigInt(os.lseek(rt.handles[handle].fd, 0, os.SEEK_CUR))


@op()
def file_size(rt: Runtime, handle: int) -> int:
    """The size, as a Long."""
    return BigInt(os.fstat(rt.handles[handle].fd).st_size)


@op()
def file_fd(rt: Runtime, handle: int) -> int:
    """The descriptor."""
    return int(rt.handles[handle].fd)


@op()
def file_stat(rt: Runtime, handle: int) -> bytes:
    """What is known of an open file."""
    return fields(os.fstat(rt.handles[handle].fd))


@op()
def file_truncate(rt: Runtime, handle: int, size: float) -> None:
    """Set the size of an open file."""
    os.ftruncate(rt.handles[handle].fd, int(size))


@op()
def file_chmod(rt: Runtime, handle: int, mode: int) -> None:
    """Change the mode of an open file."""
    os.fchmod(rt.handles[handle].fd, int(mode))


@op()
def file_eof(rt: Runtime, handle: int) -> bool:
    """Whether the position is exactly the size."""
    fd = rt.handles[handle].fd
    return os.lseek(fd, 0, os.SEEK_CUR) == os.fstat(fd).st_size


# -- descriptors -----------------------------------------------------------------------------------


@op(name="open")
def open_(rt: Runtime, path: str, flags: str, mode: int) -> Wait:
    """Open a descriptor for the script."""
    number = FLAGS.get(flags, os.O_RDONLY)
    if may_block(path):
        return off(rt, lambda: open_file(path, number, int(mode))[0])
    return open_file(path, number, int(mode))[0]  # type: ignore[return-value]


@op()
def close(rt: Runtime, fd: int) -> None:
    """Close a descriptor; never fails."""
    try:
        os.close(int(fd))
    except OSError:
        pass


def _is_plain(fd: int) -> bool:
    return modes.S_ISREG(os.fstat(fd).st_mode)


@op()
def read(rt: Runtime, fd: int, size: int, position: float) -> Wait:
    """Read from a descriptor, after moving it to `position` if that is not negative."""
    fd, size = int(fd), int(size)
    if position >= 0:
        os.lseek(fd, int(position), os.SEEK_SET)
    if size <= BIG and _is_plain(fd):
        return read_fully(fd, size)  # type: ignore[return-value]
    return off(rt, read_fully, fd, size)


@op()
def write(rt: Runtime, fd: int, data: bytes, position: float) -> Wait:
    """Write to a descriptor, after moving it to `position` if that is not negative."""
    fd = int(fd)
    if position >= 0:
        os.lseek(fd, int(position), os.SEEK_SET)
    if len(data) <= BIG and _is_plain(fd):
        write_fully(fd, data)
        return None  # type: ignore[return-value]
    return off(rt, write_fully, fd, data)


@op()
def fchmod(rt: Runtime, fd: int, mode: int) -> None:
    """Change the mode of an open file."""
    os.fchmod(int(fd), int(mode))


@op()
def fchown(rt: Runtime, fd: int, uid: int, gid: int) -> None:
    """Change the owner of an open file."""
    os.fchown(int(fd), int(uid), int(gid))


@op()
def fdatasync(rt: Runtime, fd: int) -> Wait:
    """Have the data of a file reach the disk."""
    return off(rt, getattr(os, "fdatasync", os.fsync), int(fd))


@op()
def fsync(rt: Runtime, fd: int) -> Wait:
    """Have a file reach the disk."""
    return off(rt, os.fsync, int(fd))


@op()
def fstat(rt: Runtime, fd: int) -> bytes:
    """What is known of an open file."""
    return fields(os.fstat(int(fd)))
