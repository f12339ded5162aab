"""What the WebSocket connections of one runtime share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fibshim.engine.native import LIBC
from fibshim.modules.ws.plain import Poller

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime
    from fibshim.modules.ws.connection import Connection

BUFFER = 1 << 18
"""Bytes of the read buffer."""
IDLE = 10.0
"""Seconds without message after which the memory of the deflate contexts is given back."""
TRIM = 32
"""Connections that have given back memory at once from which on the C library is asked to return it to the system."""

# Of glibc only; others return memory by themselves.
_trim = getattr(LIBC, "malloc_trim", None)


class Shared:
    """What the connections of a runtime share.

    :ivar out: the frames gathered for the connection that is `Scheduler.outgoing`.
    """

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.sched = rt.sched
        self.entries = rt.entries
        self.buffer = memoryview(bytearray(BUFFER))
        self.out: list[Any] = []
        self.contexts: dict[tuple[Any, ...], Any] = {}  # for TLS
        self.stop = rt.sched.loop.stop  # jobs are ready: the loop has to return
        self.poller = Poller(rt.sched.loop)
        self._warm: set[Connection] = set()
        self._sweeping = False

    def warm(self, connection: Connection) -> None:
        """The connection has deflate contexts that may be dropped when it has been idle."""
        self._warm.add(connection)
        if not self._sweeping:
            # Not counted as an operation: it must not keep anything alive.
            self._sweeping = True
            self.sched.loop.call_later(IDLE / 2, self._sweep)

    def cold(self, connection: Connection) -> None:
        """The connection has ended."""
        self._warm.discard(connection)

    def _sweep(self) -> None:
        idle = [connection for connection in self._warm if not connection.active]
        for connection in idle:
            connection.protocol.drop_idle_contexts()
            self._warm.discard(connection)
        if len(idle) >= TRIM and _trim is not None:
            _trim(0)
        for connection in self._warm:
            connection.active = False
        self._sweeping = bool(self._warm)
        if self._sweeping:
            self.sched.loop.call_later(IDLE / 2, self._sweep)
