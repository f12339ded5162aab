"""One end of a byte stream that scripts read and write: a TCP or TLS connection.

What arrives is kept until somebody reads; beyond `HIGH` bytes reading from the system is paused.  Readers form one
queue and are served in order, each with its own data.
"""

from __future__ import annotations

import asyncio
import collections
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime
    from fibshim.fibers import Scheduler

HIGH = 1 << 16
CHUNK = 2048


class _Reader:
    """A fiber that waits for input, or is about to."""

    __slots__ = ("count", "exact", "result", "timer", "wait")

    def __init__(self, count: int, exact: bool) -> None:
        self.count, self.exact = count, exact
        self.result: Any = None
        self.wait: Wait | None = None
        self.timer: asyncio.TimerHandle | None = None

    def over(self, sched: Scheduler, result: Any) -> None:
        """There is a result."""
        self.result = result
        if self.timer is not None:
            self.timer.cancel()
        if self.wait is not None:
            self.wait.result = result
            sched.wake(self.wait)


class Endpoint(asyncio.Protocol):
    """A connection as a stream.

    :param server: the number of the server that accepted it, which gets a job `net.connection`; 0: none.
    """

    def __init__(self, rt: Runtime, server: int = 0) -> None:
        self._rt = rt
        self._sched = rt.sched
        self._server = server
        self._data = bytearray()
        self._readers: collections.deque[_Reader] = collections.deque()
        self._writers: collections.deque[Wait] = collections.deque()
        self._paused = False  # writing
        self._resting = False  # reading
        self._over = False
        self._lost: BaseException | None = None
        self.transport: Any = None
        self.timeout = 0
        self.number = 0

    @classmethod
    def take_over(cls, rt: Runtime, connection: Any) -> Endpoint:
        """Make an endpoint of a connection that has `detach()`; it keeps its number."""
        number = connection.number
        transport, rest = connection.detach()
        made = cls(rt)
        made.number = number
        rt.handles[number] = made
        made._data += rest
        made.transport = transport
        made._sched.operations += 1
        transport.set_protocol(made)
        transport.resume_reading()
        return made

    # -- called by the loop ----------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """The connection is there."""
        self.transport = transport
        self._sched.operations += 1
        self.number = self._rt.hold(self)
        if self._server:
            self._sched.add((self._rt.entries["net.connection"], self.number, self._server))

    def data_received(self, data: bytes) -> None:
        """Input."""
        self._data += data
        if self._readers:
            self._serve()
        if len(self._data) > HIGH and not self._readers and not self._resting:
            self._resting = True
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        """The other side sends no more; True: we go on writing."""
        self._over = True
        self._serve()
        return self.transport.get_extra_info("sslcontext") is None

    def connection_lost(self, error: BaseException | None) -> None:
        """The connection is gone."""
        self._sched.operations -= 1
        self._over = True
        self._lost = error or BrokenPipeError(32, "")
        self._serve()
        self._release()

    def pause_writing(self) -> None:
        """The other side does not read."""
        self._paused = True

    def resume_writing(self) -> None:
        """The other side reads again."""
        self._paused = False
        self._release()

    def _release(self) -> None:
        while self._writers:
            self._sched.wake(self._writers.popleft())

    # -- called by ops ---------------------------------------------------------------------------

    def transport_info(self, name: str) -> Any:
        """What `get_extra_info` of the transport says."""
        return self.transport.get_extra_info(name)

    def read(self, count: int, exact: bool) -> Any:
        """The next bytes: `exact`: that many unless the stream ends; else up to that many, at least one.

        :returns: bytes, None at the end of the stream, or the Wait to block on.
        """
        reader = _Reader(count if count > 0 else CHUNK, exact and count > 0)
        self._readers.append(reader)
        self._serve()
        if not self._readers:
            return reader.result
        if self.timeout > 0:
            reader.timer = self._sched.loop.call_later(self.timeout / 1000, self._expired, reader)
        reader.wait = Wait()
        return reader.wait

    def write(self, data: bytes) -> Any:
        """Write all.

        :returns: None, or the Wait to block on if the peer is slow.
        :raises FibError: errno 32 if the connection is lost.
        """
        if self._lost is not None or self.transport.is_closing():
            raise FibError(32)
        outgoing = self._sched.outgoing
        if outgoing is not None:
            outgoing.flush()
        self.transport.write(data)
        if not self._paused:
            return None
        wait = Wait()
        self._writers.append(wait)
        return wait

    def send(self, head: bytes, payload: bytes, keep: int) -> None:
        """The answer to the HTTP request in which this connection was taken over; nothing follows it."""
        if self._lost is None:
            self.transport.write(head + payload)
        self.close()

    def close(self) -> None:
        """Close when everything written has left; a fiber that reads gets errno 9, those behind it errno 1."""
        self._rt.handles.pop(self.number, None)
        self._over = True
        number = 9
        while self._readers:
            self._readers.popleft().over(self._sched, FibError(number))
            number = 1
        self.transport.close()

    # -- reading ---------------------------------------------------------------------------------

    def _expired(self, reader: _Reader) -> None:
        if reader in self._readers:
            self.close()

    def _serve(self) -> None:
        """Give waiting readers what there is for them."""
        data, readers = self._data, self._readers
        while readers:
            reader = readers[0]
            if not data and not self._over:
                break
            if reader.exact and len(data) < reader.count and not self._over:
                break
            readers.popleft()
            piece = bytes(data[: reader.count])
            del data[: reader.count]
            reader.over(self._sched, piece or None)
        # A reader that waits for more than the limit must get it.
        if self._resting and (len(data) <= HIGH or readers):
            self._resting = False
            self.transport.resume_reading()
