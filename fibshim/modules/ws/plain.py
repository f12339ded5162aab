"""A transport for TCP connections without TLS: asyncio's, without what a WebSocket does not need.

It is made from a transport of asyncio after the handshake, by duplicating the descriptor.  All of a runtime's are watched by
one epoll object of their own, and that is what the loop watches: a message then costs none of the loop's handles, and an
idle connection takes half of the memory.  Only public interfaces of the loop are used.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fibshim.modules.ws.connection import Connection

_nobody = asyncio.Protocol()
_AGAIN = (BlockingIOError, InterruptedError)
_READ, _WRITE = select.EPOLLIN, select.EPOLLOUT
BATCH = 256
"""Events taken at once; other sockets of the loop get their turn in between."""


class Poller:
    """Watches the sockets of one runtime."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._epoll = select.epoll()
        self._known: dict[int, Plain] = {}
        loop.add_reader(self._epoll.fileno(), self._ready)

    def watch(self, transport: Plain, fd: int, mask: int) -> None:
        """Change what is waited for; 0: nothing."""
        if fd in self._known:
            if mask:
                self._epoll.modify(fd, mask)
            else:
                del self._known[fd]
                self._epoll.unregister(fd)
        elif mask:
            self._epoll.register(fd, mask)
            self._known[fd] = transport

    def _ready(self) -> None:
        known = self._known
        for fd, mask in self._epoll.poll(0, BATCH):
            transport = known.get(fd)
            # What came before it in this round may have changed its mind.
            if transport is not None:
                transport.ready(mask)


def take_over(poller: Poller, transport: Any) -> Any:
    """A `Plain` in place of an asyncio transport that is paused, or that transport if it must stay.

    It stays if it encrypts, is being closed, or has not written everything yet.
    """
    sock = transport.get_extra_info("socket")
    if (
        sock is None
        or transport.get_extra_info("sslcontext") is not None
        or transport.is_closing()
        or transport.get_write_buffer_size()
    ):
        return transport
    made = Plain(poller, socket.socket(sock.family, sock.type, sock.proto, os.dup(sock.fileno())))
    transport.set_protocol(_nobody)
    transport.abort()  # closes its descriptor, not the connection
    return made


class Plain:
    """The transport of one connection."""

    __slots__ = (
        "_closing",
        "_congested",
        "_connection",
        "_eof",
        "_fd",
        "_high",
        "_low",
        "_mask",
        "_out",
        "_poller",
        "_sock",
        "_view",
    )

    def __init__(self, poller: Poller, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._poller = poller
        self._sock = sock
        self._fd = sock.fileno()
        self._connection: Connection = None  # type: ignore[assignment]
        self._view: memoryview = None  # type: ignore[assignment]
        self._out: bytearray | None = None  # what the system did not take yet
        self._high = self._low = 0
        self._congested = False
        self._mask = 0  # what is waited for
        self._closing = False
        self._eof = False  # nothing is sent after what is there

    def set_protocol(self, connection: Connection) -> None:
        """Whose transport this is."""
        self._connection = connection
        self._view = connection.get_buffer(-1)

    def get_extra_info(self, name: str) -> Any:
        """As asyncio's: `socket`, `peername`, `sockname`."""
        if name == "socket":
            return self._sock
        try:
            if name == "peername":
                return self._sock.getpeername()
            return self._sock.getsockname() if name == "sockname" else None
        except OSError:
            return None

    def _watch(self, mask: int) -> None:
        if mask != self._mask:
            self._mask = mask
            self._poller.watch(self, self._fd, mask)

    # -- input -----------------------------------------------------------------------------------

    def pause_reading(self) -> None:
        """Take no more input."""
        self._watch(self._mask & ~_READ)

    def resume_reading(self) -> None:
        """Go on taking input."""
        if not self._closing:
            self._watch(self._mask | _READ)

    def ready(self, mask: int) -> None:
        """Called by the poller.  Errors and hang-ups show when the socket is read or written."""
        if self._mask & _READ and mask & ~_WRITE:
            try:
                count = self._sock.recv_into(self._view)
            except _AGAIN:
                pass
            except OSError as error:
                self._fail(error)
                return
            else:
                if count:
                    self._connection.buffer_updated(count)
                else:
                    self.pause_reading()
                    if not self._connection.eof_received():
                        self.close()
        if self._mask & _WRITE and mask & ~_READ:
            self._writable()

    # -- output ----------------------------------------------------------------------------------

    def set_write_buffer_limits(self, high: int, low: int | None = None) -> None:
        """When the connection hears of congestion."""
        self._high, self._low = high, high // 4 if low is None else low
        self._check()

    def get_write_buffer_size(self) -> int:
        """Bytes that the system has not taken yet."""
        return 0 if self._out is None else len(self._out)

    def _check(self) -> None:
        size = self.get_write_buffer_size()
        if not self._congested and size > self._high:
            self._congested = True
            self._connection.pause_writing()
        elif self._congested and size <= self._low:
            self._congested = False
            self._connection.resume_writing()

    def write(self, data: bytes) -> None:
        """Write bytes; what the system does not take at once is kept."""
        if self._out is None and not self._closing and not self._eof:
            try:
                count = self._sock.send(data)
            except _AGAIN:
                count = 0
            except OSError as error:
                self._fail(error)
                return
            if count != len(data):
                self._keep(memoryview(data)[count:])
        elif self._out is not None:
            self._keep(data)

    def writelines(self, lines: list[Any]) -> None:
        """Write several pieces without joining them first."""
        if self._out is None and not self._closing and not self._eof:
            try:
                count = self._sock.sendmsg(lines)
            except _AGAIN:
                count = 0
            except OSError as error:
                self._fail(error)
                return
            for line in lines:
                size = len(line)
                if count >= size:
                    count -= size
                else:
                    self._keep(memoryview(line)[count:])
                    count = 0
        elif self._out is not None:
            for line in lines:
                self._keep(line)

    def _keep(self, data: bytes | memoryview) -> None:
        if self._out is None:
            self._out = bytearray()
            self._watch(self._mask | _WRITE)
        if not self._eof:
            self._out += data
            self._check()

    def _writable(self) -> None:
        out = self._out
        assert out is not None
        try:
            count = self._sock.send(out)
        except _AGAIN:
            return
        except OSError as error:
            self._fail(error)
            return
        del out[:count]
        if not out:
            self._out = None
            self._watch(self._mask & ~_WRITE)
        self._check()  # it may close, or write again
        if self._out is None:
            if self._closing:
                self._lose(None)
            elif self._eof:
                self._shut_down()

    # -- the end ---------------------------------------------------------------------------------

    def is_closing(self) -> bool:
        """Whether nothing can be written any more."""
        return self._closing

    def can_write_eof(self) -> bool:
        """TCP has half-open connections."""
        return True

    def write_eof(self) -> None:
        """End the own direction, behind what is written."""
        if not self._eof and not self._closing:
            self._eof = True
            if self._out is None:
                self._shut_down()

    def _shut_down(self) -> None:
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._fail(error)

    def close(self) -> None:
        """Close when everything is written."""
        if not self._closing:
            self._closing = True
            self.pause_reading()
            if self._out is None:
                self._poller.loop.call_soon(self._lose, None)

    def drop(self) -> None:
        """Close without a loop."""
        self._sock.close()

    def abort(self) -> None:
        """Close at once."""
        self._fail(None)

    def _fail(self, error: BaseException | None) -> None:
        if self._sock.fileno() < 0:
            return
        self._watch(0)
        if self._closing and self._out is None:
            return  # it is on its way already
        self._out = None
        self._closing = True
        self._poller.loop.call_soon(self._lose, error)

    def _lose(self, error: BaseException | None) -> None:
        if self._sock.fileno() >= 0:
            self._watch(0)
            self._sock.close()
            self._connection.connection_lost(error)
