"""Connections of the HTTP client: one exchange at a time, the answer read as a whole.

A connection lives in `rt.handles`; JavaScript keeps idle ones in its pool by number.  An idle connection keeps nothing
alive; what happens to it meanwhile is noticed when it is used again.
"""

from __future__ import annotations

import asyncio
import re
import select
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.modules.http.framing import LINE, BadRequest, Chunked, Fixed

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

HEAD_SIZE = 1 << 19
"""Bytes of the longest head of an answer."""

_STATUS = re.compile(rb"HTTP/(\d)\.(\d) (\d{3})(?:[ \r])")
_LENGTH = re.compile(rb"\r\ncontent-length[ \t]*:[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)", re.IGNORECASE)
_CODING = re.compile(rb"\r\ntransfer-encoding[ \t]*:[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nconnection[ \t]*:[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)", re.IGNORECASE)

# What `exchange` says besides the head.
KEEP, UPGRADE, BODY = 1, 2, 4


class UntilEnd:
    """A body that ends with the connection."""

    def __init__(self, most: int) -> None:
        self.data = bytearray()
        self.done = False
        self._most = most

    def feed(self, data: Any) -> int:
        """Take everything."""
        self.data += data
        if 0 <= self._most < len(self.data):
            raise BadRequest("body is too huge")
        return len(data)


class Closed(Exception):
    """The server has closed the connection without a byte of an answer.

    :ivar sent: whether the request may have reached it.
    """

    def __init__(self, sent: bool) -> None:
        super().__init__()
        self.sent = sent


class ClientConnection(asyncio.Protocol):
    """One connection to a server or proxy."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._data = bytearray()
        self._wake: asyncio.Future[None] | None = None
        self._eof = False
        self._drained: asyncio.Future[None] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self.timeout = 0
        self.number = 0
        self.body: bytearray | None = None
        self.transport: Any = None

    # -- called by the loop ----------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """The connection is there."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Input."""
        self._data += data
        self._notify()

    def eof_received(self) -> bool:
        """The other side sends no more; True: we go on writing."""
        self._eof = True
        self._notify()
        return False

    def connection_lost(self, error: BaseException | None) -> None:
        """The connection is gone."""
        self._eof = True
        self._notify()
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def pause_writing(self) -> None:
        """The other side does not read."""
        self._drained = self._rt.sched.loop.create_future()

    def resume_writing(self) -> None:
        """The other side reads again."""
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None

    def _notify(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    # -- one exchange ----------------------------------------------------------------------------

    async def _more(self) -> bool:
        """Wait for input; False at the end of the stream.

        :raises FibError: errno 9 after the time limit.
        """
        if self._eof:
            return False
        self._wake = self._rt.sched.loop.create_future()
        try:
            await asyncio.wait_for(self._wake, self.timeout / 1000 if self.timeout > 0 else None)
        except (TimeoutError, asyncio.TimeoutError):
            self.close()
            raise FibError(9) from None
        finally:
            self._wake = None
        return True

    def _is_stale(self) -> bool:
        """Whether the connection cannot be used again: nothing may arrive on an idle one but its end."""
        if self._eof or self._data or self.transport.is_closing():
            return True
        sock = self.transport.get_extra_info("socket")
        return sock is not None and bool(select.select([sock.fileno()], [], [], 0)[0])

    async def exchange(self, data: bytes, no_body: bool, most: int) -> list[Any]:
        """Send a request and read the answer.

        :param no_body: it answers a HEAD or CONNECT.
        :param most: bytes of the body; negative: any number.
        :returns: the head as text, and flags.
        :raises Closed: if the connection was closed before any byte of an answer.
        :raises FibError: for everything else.
        """
        self.body = None
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if self._is_stale():
            raise Closed(False)
        self.transport.write(data)
        if self._drained is not None:
            await self._drained
        try:
            while True:
                head = await self._head()
                found = _STATUS.match(head)
                if found is None:
                    line = str(head.partition(b"\r\n")[0], "utf-8", "replace")
                    raise FibError(100023, f"HttpResponse: bad protocol: {line}")
                status = int(found[3])
                if status >= 200 or status == 101:
                    break
            keep, upgrade = self._persistence(head, found)
            if not (no_body or status in (101, 204, 304)):
                await self._read_body(head, keep, most)
        except BadRequest as error:
            self.close()
            raise FibError(100023, f"HttpMessage: {error}.") from None
        except FibError:
            self.close()
            raise
        flags = (KEEP if keep else 0) | (UPGRADE if upgrade else 0) | (BODY if self.body else 0)
        return [str(head, "utf-8", "replace"), flags]

    async def _head(self) -> bytes:
        data = self._data
        start = 0
        while True:
            end = data.find(b"\r\n\r\n", max(0, start - 3))
            if end >= 0:
                head = bytes(data[: end + 4])
                del data[: end + 4]
                if max(map(len, head.split(b"\r\n"))) > LINE:
                    raise FibError(100011)
                return head
            start = len(data)
            if start > HEAD_SIZE or start - data.rfind(b"\n") > LINE + 2:
                raise FibError(100011)
            if not await self._more():
                if not data:
                    raise Closed(True)
                line = str(bytes(data).partition(b"\r\n")[0], "utf-8", "replace")
                raise FibError(100023, f"HttpResponse: bad protocol: {line}")

    @staticmethod
    def _persistence(head: bytes, found: re.Match[bytes]) -> tuple[bool, bool]:
        value = b", ".join(_CONNECTION.findall(head)).lower()
        upgrade = b"upgrade" in value
        if upgrade or b"keep-alive" in value:
            return True, upgrade
        return (found[1], found[2]) > (b"1", b"0") and b"close" not in value, False

    async def _read_body(self, head: bytes, keep: bool, most: int) -> None:
        body: Any
        lengths = set(_LENGTH.findall(head))
        codings = _CODING.findall(head)
        if codings:
            if [c.lower() for c in codings] != [b"chunked"]:
                raise BadRequest("unknown transfer-encoding")
            if lengths - {b"0"}:
                raise FibError(100011)
            body = Chunked(most)
        elif lengths:
            text = lengths.pop()
            if lengths or not text.isdigit():
                raise FibError(100011)
            size = int(text)
            if 0 <= most < size:
                raise BadRequest("body is too huge")
            if size == 0:
                return
            body = Fixed(size)
        else:
            body = UntilEnd(most)
        data = self._data
        while not body.done:
            if not data:
                if await self._more():
                    continue
                if isinstance(body, UntilEnd):
                    break
                raise BadRequest(
                    "bad chunk size" if isinstance(body, Chunked) else "body is not complete"
                )
            taken = body.feed(data)
            del data[:taken]
        self.body = body.data

    def rest(self, ms: int) -> None:
        """The connection is in the pool; after that time it is closed, also if its client is forgotten."""
        self._idle = self._rt.sched.loop.call_later(ms / 1000, self.close)

    # -- for others ------------------------------------------------------------------------------

    def transport_info(self, name: str) -> Any:
        """What `get_extra_info` of the transport says."""
        return self.transport.get_extra_info(name)

    def detach(self) -> tuple[Any, bytes]:
        """Give the connection away after an upgrade; see `server.Connection.detach`."""
        self.transport.pause_reading()
        rest = bytes(self._data)
        self._data.clear()
        return self.transport, rest

    def close(self) -> None:
        """Close the connection."""
        self._rt.handles.pop(self.number, None)
        if self.transport is not None:
            self.transport.close()

    async def start_tls(self, context: Any, name: str) -> None:
        """TLS inside of what is there: behind a proxy's CONNECT."""
        loop = self._rt.sched.loop
        self.transport = await loop.start_tls(self.transport, self, context, server_hostname=name)
