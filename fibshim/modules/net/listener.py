"""A listening socket."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError

if TYPE_CHECKING:
    import asyncio

    from fibshim.core.runtime import Runtime

BACKLOG = 1024
KEEPALIVE = ((socket.TCP_KEEPIDLE, 120), (socket.TCP_KEEPINTVL, 20), (socket.TCP_KEEPCNT, 10))


def keep_alive(sock: socket.socket) -> None:
    """Have the system find out about peers that are gone; accepted sockets inherit it."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEPALIVE:
        sock.setsockopt(socket.IPPROTO_TCP, option, value)


class Listener:
    """A TCP socket that listens from its construction on and accepts from `start` to `close`.

    From `start` to `close` it keeps the process alive.

    :param host: a dotted IPv4 address; empty: all addresses.
    :param port: modulo 65536; 0: any free one.
    :raises FibError: 100004 for another kind of host.
    :raises OSError: if the port cannot be had.
    """

    def __init__(self, rt: Runtime, host: str, port: int) -> None:
        host = host or "0.0.0.0"
        try:
            socket.inet_pton(socket.AF_INET, host)
        except (OSError, ValueError):
            raise FibError(100004) from None
        port &= 0xFFFF
        self._sched = rt.sched
        self._server: asyncio.Server | None = None
        sock = self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            keep_alive(sock)
            sock.setblocking(False)
            sock.bind((host, rt.map_ports.get(port, port)))
            sock.listen(BACKLOG)
        except OSError:
            sock.close()
            raise

    def transport_info(self, name: str) -> Any:
        """What `get_extra_info` of a transport would say."""
        if name == "socket":
            return self._socket
        return self._socket.getsockname() if name == "sockname" else None

    def start(self, factory: Callable[[], Any], context: Any = None) -> None:
        """Accept connections.

        :param factory: makes the protocol of a connection.
        :param context: an `ssl.SSLContext` for TLS.
        """
        loop = self._sched.loop
        # Neither coroutine waits for anything when the socket is there already: the first step of each does it all,
        # and the fiber that starts a server goes on at once.
        server: Any = None
        try:
            loop.create_server(
                factory, sock=self._socket, backlog=BACKLOG, ssl=context, start_serving=False
            ).send(None)
        except StopIteration as done:
            server = done.value
        self._server = server
        starting = server.start_serving()
        with contextlib.suppress(StopIteration):
            starting.send(None)
        starting.close()
        self._sched.operations += 1
        self._sched.refs += 1

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self._sched.operations -= 1
            self._sched.refs -= 1
        self._socket.close()
