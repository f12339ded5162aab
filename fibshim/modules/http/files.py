"""Files as bodies of answers: the ops behind `http.fileHandler`."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fibshim.modules.http.server import Connection

AT_ONCE = 1 << 18
"""Bytes of a file that are read and sent in one go; more of it is sent piece by piece."""


def file_info(path: str) -> list[float] | None:
    """Size and modification time in ms of a plain file; None if there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode) or not os.access(path, os.R_OK):
        return None
    return [found.st_size, found.st_mtime_ns // 1_000_000]


def read_part(path: str, start: int, size: int) -> bytes:
    """A part of a file.

    :raises OSError: if it cannot be read.
    """
    with open(path, "rb") as file:
        file.seek(start)
        return file.read(size)


async def send_part(connection: Connection, path: str, start: int, size: int, keep: int) -> None:
    """Send a part of a file behind its header, then go on with the connection."""
    loop = connection.shared.sched.loop
    transport = connection.transport
    try:
        with open(path, "rb") as file:
            sent = await loop.sendfile(transport, file, start, size)
    except (OSError, RuntimeError):
        sent = -1
    if (
        sent != size
    ):  # it became shorter, or the client is gone: the announced length cannot be kept
        transport.abort()
        return
    connection.sent(keep)


def directory_index(path: str, title: str) -> str | None:
    """An HTML page that lists a directory (spec/http.md, 13.2); None if it cannot be listed."""
    try:
        names = sorted(os.listdir(path), key=os.fsencode)
    except (OSError, ValueError):
        return None
    out = [
        f"<html>\r\n<head><title>Index of {title}</title></head>\r\n<body>\r\n"
        f"<h1>Index of {title}</h1><hr><pre>"
    ]
    if len(title) > 1:
        out.append('<a href="../">../</a>\r\n')
    for name in names:
        try:
            found: Any = os.stat(os.path.join(path, name))
        except OSError:
            continue
        is_directory = stat.S_ISDIR(found.st_mode)
        label = name + "/" if is_directory else name
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(found.st_mtime))
        gap = " " * max(1, 40 - len(label))
        size = "-" if is_directory else size_text(found.st_size)
        out.append(f'<a href="{label}">{label}</a>{gap}{moment}{size:>12}\r\n')
    out.append("</pre><hr></body>\r\n</html>")
    return "".join(out)


def size_text(size: int) -> str:
    """A size for people."""
    if size < 1024:
        return f"{size} bytes"
    value = float(size)
    for unit in ("KB", "MB", "GB"):
        value /= 1024
        if value < 1024 or unit == "GB":
            break
    return f"{value:.1f} {unit}"
