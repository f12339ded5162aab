"""Zip archives that `fs` reads from by path (spec/fs-and-path.md §4)."""

from __future__ import annotations

import io
import os
import time
import zipfile
import zlib
from typing import TYPE_CHECKING

from fibshim.core.errors import FibError
from fibshim.core.ops import op
from fibshim.fibers import Wait
from fibshim.modules.fs import BIG, checked, off

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime


class Archive:
    """An archive in memory; members are found by their exact name."""

    def __init__(self, data: bytes) -> None:
        try:
            self.file = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, EOFError):
            raise FibError(100009) from None
        self.members = {item.filename: item for item in self.file.infolist()}
        if any(item.flag_bits & 1 for item in self.members.values()):
            raise FibError(100009)

    def read(self, name: str) -> bytes:
        """The content of a member."""
        try:
            return self.file.read(self.members[name])
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            raise FibError(100009) from None


@op()
def load(rt: Runtime, path: str) -> int:
    """Load the archive of a file; its handle."""
    with open(checked(path), "rb") as file:
        return rt.hold(Archive(file.read()))


@op()
def take(rt: Runtime, data: bytes) -> int:
    """Load an archive from memory; its handle."""
    return rt.hold(Archive(data))


@op()
def modified(rt: Runtime, path: str) -> float:
    """When a file was modified, in milliseconds."""
    return os.stat(checked(path)).st_mtime * 1000


@op()
def member(rt: Runtime, archive: int, name: str) -> Wait:
    """The content of a member.

    :raises FibError: errno 2 if there is none.
    """
    item: Archive = rt.handles[archive]
    if name not in item.members:
        raise FibError(2)
    if item.members[name].file_size <= BIG:
        return item.read(name)  # type: ignore[return-value]
    return off(rt, item.read, name)


@op()
def member_time(rt: Runtime, archive: int, name: str) -> float:
    """When a member was modified, in milliseconds; zip times are local."""
    item = rt.handles[archive].members[name]
    return time.mktime((*item.date_time, 0, 0, -1)) * 1000
