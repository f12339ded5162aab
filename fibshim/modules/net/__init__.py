"""`net`: the ops behind sockets.  What needs asyncio is imported when the first socket is opened."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, cast

from fibshim.core.errors import FibError
from fibshim.core.ops import op
from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime
    from fibshim.modules.net.endpoint import Endpoint


def stream_of(rt: Runtime, number: int) -> Endpoint:
    """The endpoint with this number; a connection that serves something else becomes one.

    :raises FibError: 100009 if it is closed.
    """
    from fibshim.modules.net.endpoint import Endpoint

    item = rt.handles.get(number)
    if item is None:
        raise FibError(100009)
    if not isinstance(item, Endpoint):
        return Endpoint.take_over(rt, item)
    return item


@op()
def address(rt: Runtime, number: int, remote: bool) -> list[Any]:
    """Address and port of one side of a connection or of a listening socket.

    :raises FibError: 100009 if it is closed; errno 107 for the other side of what has none.
    """
    item = rt.handles.get(number)
    if item is None:
        raise FibError(100009)
    name = item.transport_info("peername" if remote else "sockname")
    if name is None:
        if remote:
            raise FibError(107)
        return ["0.0.0.0", 0]
    return [name[0], name[1]]


@op()
def family(rt: Runtime, number: int) -> int:
    """The address family of a socket."""
    item = rt.handles.get(number)
    if item is None:
        raise FibError(100009)
    found = item.transport_info("socket")
    return 10 if found is not None and found.family == socket.AF_INET6 else 2


@op()
def read(rt: Runtime, number: int, count: int, exact: bool) -> Wait:
    """Up to `count` bytes, or exactly that many if there are; None at the end of the stream."""
    return cast(Wait, stream_of(rt, number).read(count, exact))


@op()
def write(rt: Runtime, number: int, data: bytes) -> Wait:
    """Write; over when the system has taken enough of it."""
    return cast(Wait, stream_of(rt, number).write(data))


@op()
def set_timeout(rt: Runtime, number: int, ms: int) -> None:
    """The time limit of each read, in milliseconds; 0: none."""
    stream_of(rt, number).timeout = ms


@op()
def close(rt: Runtime, number: int) -> None:
    """Close a socket; a second call does nothing."""
    rt.drop(number)


@op()
def listen(rt: Runtime, host: str, port: int) -> int:
    """Bind and listen; connections wait until `start`.

    :raises FibError: 100004 if the host is not a dotted address.
    """
    from fibshim.modules.net.listener import Listener

    return rt.hold(Listener(rt, host, port))


@op()
def accept(rt: Runtime, number: int, server: int) -> None:
    """Accept connections from now on: each is the job `net.connection` with its number and that of the server."""
    from fibshim.modules.net.endpoint import Endpoint

    rt.handles[number].start(lambda: Endpoint(rt, server))


@op()
def stop(rt: Runtime, number: int) -> None:
    """Close a listening socket; what was accepted lives on."""
    rt.drop(number)
