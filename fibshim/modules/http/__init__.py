"""`http`: the ops behind servers and clients.  What needs asyncio or a parser is imported when first used."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from fibshim.core.errors import FibError
from fibshim.core.ops import op
from fibshim.engine.engine import TAKE_RETRY
from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime
    from fibshim.modules.http.server import Shared


INLINE = 32768
"""Bytes up to which compressing is quicker than handing it to a thread."""
CONNECTION = {
    0: b"Connection: close\r\n",
    1: b"Connection: keep-alive\r\n",
    4: b"Connection: upgrade\r\n",
    5: b"Connection: upgrade\r\n",
}
"""The Connection header by flags of an answer."""


def shared(rt: Runtime) -> Shared:
    """What the connections of this runtime share."""
    found: Shared | None = rt.state.get("http")
    if found is None:
        from fibshim.modules.http.server import Shared

        found = rt.state["http"] = Shared(rt)
    return found


@op()
def site(rt: Runtime, server: int) -> int:
    """The settings of a server for its connections; returns their number."""
    from fibshim.modules.http.server import Site

    return rt.hold(Site(shared(rt), server))


@op()
def set_limits(rt: Runtime, number: int, most_lines: int, most_body: int) -> None:
    """Limits for connections accepted from now on; the body's in MB, negative: none."""
    rt.handles[number].set_limits(most_lines, -1 if most_body < 0 else most_body << 20)


@op()
def accept(rt: Runtime, listener: int, number: int) -> None:
    """Serve the connections of a listening socket (`net.listen`)."""
    rt.handles[listener].start(rt.handles[number].connection)


@op()
def secure_context(rt: Runtime, entries: list[Any]) -> int:
    """The certificates of an HTTPS server, see `secure.ServerContext`; returns their number."""
    from fibshim.modules.http.secure import ServerContext

    return rt.hold(ServerContext(entries))


@op()
def secure_verification(rt: Runtime, number: int, verification: int, ca: str) -> None:
    """See `secure.ServerContext.verify`."""
    rt.handles[number].verify(verification, ca)


@op()
def accept_secure(rt: Runtime, listener: int, number: int, context: int) -> None:
    """As `accept`, with TLS."""
    rt.handles[listener].start(rt.handles[number].connection, rt.handles[context].context)


@op()
def compress(rt: Runtime, coding: str, data: bytes) -> Wait:
    """Compress a body: `gzip` or `deflate` (with the zlib header); large ones outside of the fiber's thread."""
    import zlib

    def work() -> bytes:
        packer = zlib.compressobj(wbits=31 if coding == "gzip" else 15)
        return packer.compress(data) + packer.flush()

    if len(data) <= INLINE:
        return cast(Wait, work())
    return rt.task(in_thread(rt, work))


async def in_thread(rt: Runtime, work: Callable[[], Any]) -> Any:
    """Run C code that releases the GIL in a thread."""
    return await rt.sched.loop.run_in_executor(None, work)


@op()
def mime_table(rt: Runtime) -> Any:
    """Content types with their extensions, see `mime.js`."""
    import json
    from pathlib import Path

    return json.loads((Path(__file__).parent / "mime.json").read_text())


@op()
def file_info(rt: Runtime, path: str) -> Any:
    """See `files.file_info`."""
    from fibshim.modules.http import files

    return files.file_info(path)


@op()
def read_file(rt: Runtime, path: str, start: float, size: float) -> Wait:
    """A part of a file; a large one is read in a thread."""
    from fibshim.modules.http import files

    def work() -> bytes:
        return files.read_part(path, int(start), int(size))

    return cast(Wait, work()) if size <= files.AT_ONCE else rt.task(in_thread(rt, work))


@op()
def directory_index(rt: Runtime, path: str, title: str) -> str | None:
    """See `files.directory_index`."""
    from fibshim.modules.http import files

    return files.directory_index(path, title)


@op()
def answer_file(
    rt: Runtime,
    number: int,
    flags: int,
    lines: int,
    head: str,
    path: str,
    start: float,
    size: float,
) -> bool:
    """Answer a request with a part of a file; see `_send`.

    :raises OSError: if the file cannot be read.
    """
    from fibshim.modules.http import files

    if not is_head(head, lines):
        return False
    connection: Any = rt.handles.get(number)
    if connection is None:
        return True
    first = head_bytes(head, flags, int(size))
    keep = flags & 1
    if flags & 2:
        connection.send(first, b"", keep)
    elif size <= files.AT_ONCE or not hasattr(connection, "send_start"):
        data = files.read_part(path, int(start), int(size))
        connection.send(head_bytes(head, flags, len(data)), data, keep)
    else:
        os.stat(path)
        connection.send_start(first)
        rt.task(files.send_part(connection, path, int(start), int(size), keep))
    return True


@op()
def body(rt: Runtime, number: int) -> Any:
    """The body of the request that is being answered; None if there is none or the connection is lost."""
    item = rt.handles.get(number)
    return getattr(item, "payload", None)


@op(raw=True, kinds="nnnss")
def answer(
    rt: Runtime,
    number: int,
    flags: int,
    lines: int,
    head: str,
    head_size: int,
    text: str,
    size: int,
) -> Any:
    """Answer a request with text; see `send`."""
    engine = rt.engine
    start = engine.text(head, head_size, 3)
    body = engine.text(text, size, 4)
    if start is None or body is None:
        return engine.special(TAKE_RETRY)
    return _send(rt, number, flags, lines, start, body.encode("utf-8", "surrogatepass"))


@op(raw=True, kinds="nnnsb")
def answer_bytes(
    rt: Runtime, number: int, flags: int, lines: int, head: str, head_size: int, data: int
) -> Any:
    """Answer a request with bytes; see `send`."""
    engine = rt.engine
    start = engine.text(head, head_size, 3)
    if start is None:
        return engine.special(TAKE_RETRY)
    return _send(rt, number, flags, lines, start, engine.data(data, 4))


@op()
def keep_head(rt: Runtime, head: str) -> int:
    """Keep the head of an answer, up to `Content-Length: `, for `answer_plain`; -1 if it is refused."""
    if not head.startswith("HTTP/") or not is_head(head, 5):
        return -1
    heads = shared(rt).heads
    heads.append(head.encode("utf-8", "replace"))
    return len(heads) - 1


@op(raw=True, kinds="nns")
def answer_plain(rt: Runtime, number: int, head: int, text: str, size: int) -> Any:
    """Answer a request with a head that is kept and text; the connection persists.

    :returns: False if the head is none.
    """
    if head < 0:
        return False
    connection = rt.handles.get(number)
    if connection is None:
        return True
    if len(text) != size:
        engine = rt.engine
        whole = engine.text(text, size, 2)
        if whole is None:
            return engine.special(TAKE_RETRY)
        text = whole
    start = rt.state["http"].heads[head]
    body = text.encode("utf-8", "surrogatepass")
    connection.send(b"%b%d\r\n\r\n" % (start, len(body)), body, 1)
    return True


def _send(rt: Runtime, number: int, flags: int, lines: int, head: str, body: bytes) -> Any:
    """Send an answer.

    :param flags: 1: the connection persists; 2: the body is left out (HEAD); 4: the protocol is upgraded; 8: no
        Content-Length.
    :param lines: how many lines the head has.
    :param head: the head without Connection, Content-Length and the empty line.
    :returns: False if the head is refused.
    """
    if not is_head(head, lines):
        return False
    connection = rt.handles.get(number)
    if connection is not None:
        start = head_bytes(head, flags, len(body))
        connection.send(start, b"" if flags & 2 else body, flags & 1)
    return True


def is_head(head: str, lines: int) -> bool:
    """Whether a head has as many lines as it should: a script may have put line breaks into a header."""
    return head.count("\n") == lines and head.count("\r") == lines and "\0" not in head


def head_bytes(head: str, flags: int, size: int) -> bytes:
    """A head with the headers about connection and body."""
    text = head.encode("utf-8", "replace")
    if flags & 8:
        return b"%b%b\r\n" % (text, CONNECTION[flags & 5])
    return b"%b%bContent-Length: %d\r\n\r\n" % (text, CONNECTION[flags & 5], size)


# -- the client --------------------------------------------------------------------------------------


@op()
async def client_open(
    rt: Runtime, host: str, port: int, timeout: int, tls: list[Any] | None
) -> int:
    """Connect to a server; returns the number of the connection.

    :param tls: None, or the arguments of `secure.client_context`.
    """
    import socket

    from fibshim.modules.http.client import ClientConnection
    from fibshim.modules.net.connecting import connect

    connection = await connect(
        rt,
        host,
        port,
        lambda: ClientConnection(rt),
        timeout=timeout,
        family=socket.AF_INET,
        context=client_context(tls) if tls else None,
    )
    connection.timeout = timeout
    connection.number = rt.hold(connection)
    return int(connection.number)


@op()
async def client_secure(rt: Runtime, number: int, name: str, tls: list[Any]) -> None:
    """TLS on a connection through a proxy."""
    await rt.handles[number].start_tls(client_context(tls), name)


def client_context(tls: list[Any]) -> Any:
    """See `secure.client_context`."""
    from fibshim.modules.http import secure

    return secure.client_context(*tls)


@op()
async def client_exchange(
    rt: Runtime, number: int, head: str, data: bytes, no_body: bool, most: float
) -> Any:
    """Send a request and read the answer, see `ClientConnection.exchange`.

    :returns: its result; False if the connection was closed before the request was sent, None if that happened after it.
    """
    from fibshim.modules.http.client import Closed

    connection = rt.handles.get(number)
    if connection is None:
        return False
    try:
        return await connection.exchange(
            head.encode("utf-8", "surrogatepass") + data, no_body, int(most)
        )
    except Closed as closed:
        connection.close()
        return None if closed.sent else False


@op()
def client_body(rt: Runtime, number: int) -> Any:
    """The body of the last answer, which is forgotten then."""
    connection = rt.handles.get(number)
    if connection is None:
        return None
    found, connection.body = connection.body, None
    return found


@op()
def client_rest(rt: Runtime, number: int, ms: int) -> None:
    """See `ClientConnection.rest`."""
    connection = rt.handles.get(number)
    if connection is not None:
        connection.rest(ms)


@op()
def client_close(rt: Runtime, number: int) -> None:
    """Close a connection; a second call does nothing."""
    rt.drop(number)


@op()
def decompress(rt: Runtime, coding: str, data: bytes, most: int) -> Wait:
    """Unpack a body as far as it goes.

    :param most: bytes of the result; negative: any number.
    :raises FibError: 100013 if it is more.
    """

    def work() -> bytes:
        if coding == "gzip":
            return inflate(data, 47, most)
        return inflate(data, -15, most) or inflate(data, 15, most)

    return cast(Wait, work()) if len(data) <= INLINE // 4 else rt.task(in_thread(rt, work))


def inflate(data: bytes, bits: int, most: int) -> bytes:
    """What can be unpacked of `data`.

    :raises FibError: 100013 if it is more than `most` bytes.
    """
    import zlib

    unpacker = zlib.decompressobj(wbits=bits)
    out = b""
    try:
        out = unpacker.decompress(data, most + 1 if most >= 0 else 0)
    except zlib.error:
        # What came before the fault is lost with the call: go on in small steps.
        unpacker = zlib.decompressobj(wbits=bits)
        pieces = []
        try:
            for at in range(len(data)):
                pieces.append(unpacker.decompress(data[at : at + 1]))
        except zlib.error:
            pass
        out = b"".join(pieces)
    if 0 <= most < len(out):
        raise FibError(100013)
    return out
