"""Opening TCP and TLS connections."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.modules.net.listener import keep_alive

if TYPE_CHECKING:
    import ssl

    from fibshim.core.runtime import Runtime


def is_own(address: tuple[Any, ...], family: int) -> bool:
    """Whether an address is one of this host's: a socket can be bound to it."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address[0], 0))
        except OSError:
            return False
    return True


async def resolve(rt: Runtime, host: str, port: int, family: int) -> tuple[Any, ...]:
    """The address to connect to; `map_ports` holds for addresses of this host.

    :raises OSError: with the resolver's text if there is none.
    """
    # Literals need no thread.
    for kind in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(kind, host)
        except (OSError, ValueError):
            continue
        family = kind
        address: tuple[Any, ...] = (host, port)
        break
    else:
        found = await rt.sched.loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        address = found[0][4]
        family = found[0][0]
    if port in rt.map_ports and is_own(address, family):
        port = rt.map_ports[port]
    return (address[0], port)


async def connect(
    rt: Runtime,
    host: str,
    port: int,
    factory: Callable[[], Any],
    *,
    timeout: float = 0,
    family: int = socket.AF_INET,
    context: ssl.SSLContext | None = None,
    name: str | None = None,
) -> Any:
    """Connect and return the protocol.

    :param timeout: ms for the whole of it; 0: none.
    :param context: for TLS.
    :param name: the server's name for TLS; default: the host.
    :raises FibError: errno 111 for whatever goes wrong with the connection, the time limit included.
    """
    loop = rt.sched.loop

    async def attempt() -> Any:
        address = await resolve(rt, host, port & 0xFFFF, family)
        try:
            return await loop.create_connection(
                factory,
                address[0],
                address[1],
                ssl=context,
                server_hostname=(name or host) if context is not None else None,
            )
        except ConnectionError:
            raise FibError(111) from None
        except TimeoutError:
            raise FibError(111) from None

    try:
        transport, protocol = await asyncio.wait_for(
            attempt(), timeout / 1000 if timeout > 0 else None
        )
    except (TimeoutError, asyncio.TimeoutError):
        raise FibError(111) from None
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family != socket.AF_UNIX:
        keep_alive(sock)
    return protocol
