"""`dns`: names to addresses, by the system's resolver in a thread (spec/io-and-net.md §7)."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.core.ops import op

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

UNKNOWN = "Name or service not known"


@op()
async def resolve(rt: Runtime, name: str) -> list[Any]:
    """All addresses of a name, in the resolver's order.

    :raises OSError: with the resolver's text.
    """
    try:
        # With a type every address is there once, and not again for datagrams.
        found = await rt.sched.loop.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (UnicodeError, ValueError):  # no name that could be asked for
        raise FibError(100023, UNKNOWN) from None
    return list(dict.fromkeys(address[4][0] for address in found))
