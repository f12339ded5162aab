"""The Python half of `fs.watch`: inotify (spec/fs-and-path.md §3.1)."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from typing import TYPE_CHECKING

from fibshim.core.errors import FibError
from fibshim.core.ops import op
from fibshim.modules.fs import checked

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

MODIFY, ATTRIB, MOVED_FROM, MOVED_TO, CREATE, DELETE, DELETE_SELF, MOVE_SELF = (
    0x2,
    0x4,
    0x40,
    0x80,
    0x100,
    0x200,
    0x400,
    0x800,
)
CHANGE = MODIFY | ATTRIB
RENAME = MOVED_FROM | MOVED_TO | CREATE | DELETE | DELETE_SELF | MOVE_SELF
_HEAD = struct.Struct("iIII")


class Watch:
    """One watched path.

    :ivar number: what the entry `fs.event` is called with, beside 1 for a change and 2 for a rename.
    """

    def __init__(self, rt: Runtime, path: str, number: int, persistent: bool) -> None:
        if sys.platform != "linux":
            raise FibError(100023, "fs.watch is not supported on this system; use fs.watchFile.")
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        if libc.inotify_add_watch(self.fd, os.fsencode(path), CHANGE | RENAME) < 0:
            number_ = ctypes.get_errno()
            os.close(self.fd)
            raise OSError(number_, os.strerror(number_))
        self.rt = rt
        self.number = number
        self.persistent = persistent
        self.open = True
        sched = rt.sched
        sched.operations += 1
        sched.refs += persistent
        sched.loop.add_reader(self.fd, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self.fd, 65536)
        except BlockingIOError:
            return
        at = 0
        while at < len(data):
            _, mask, _, size = _HEAD.unpack_from(data, at)
            at += _HEAD.size + size
            kind = bool(mask & CHANGE) | bool(mask & RENAME) << 1
            if kind:
                self.rt.sched.add((self.rt.entries["fs.event"], self.number, int(kind)))

    def close(self) -> None:
        """Stop watching, once."""
        if not self.open:
            return
        self.open = False
        sched = self.rt.sched
        sched.operations -= 1
        sched.refs -= self.persistent
        sched.loop.remove_reader(self.fd)
        os.close(self.fd)


@op()
def watch(rt: Runtime, path: str, number: int, persistent: bool) -> int:
    """Begin to watch a path; the handle."""
    return rt.hold(Watch(rt, checked(path), number, persistent))
