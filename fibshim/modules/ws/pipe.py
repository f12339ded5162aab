"""A transport over a stream that JavaScript reads and writes, for WebSockets that come in through anything but a socket.

JavaScript runs one fiber that reads (`feed`, `end`), and a job `ws.pipe` each time there is something to write (`take`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.modules.ws.shared import Shared


class Pipe:
    """What a `Connection` needs of a transport."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._protocol: Any = None
        self._out: list[bytes] = []
        self._size = 0
        self._writing = False  # a job is queued or runs
        self._closing = False
        self._lost = False
        self._paused = False
        self._congested = False
        self._high, self._low = 1 << 16, 1 << 14
        self._reader: Wait | None = None
        self.number = shared.rt.hold(self)

    # -- as a transport --------------------------------------------------------------------------

    def set_protocol(self, protocol: Any) -> None:
        """Whose transport this is."""
        self._protocol = protocol

    def get_extra_info(self, name: str) -> Any:
        """Nothing is known."""
        return None

    def is_closing(self) -> bool:
        """Whether `close` or `abort` was called or the stream has ended."""
        return self._closing

    def can_write_eof(self) -> bool:
        """A stream has no half-open state."""
        return False

    def pause_reading(self) -> None:
        """Take no more input."""
        self._paused = True

    def resume_reading(self) -> None:
        """Go on taking input."""
        self._paused = False
        reader, self._reader = self._reader, None
        if reader is not None:
            self._shared.sched.wake(reader)

    def set_write_buffer_limits(self, high: int, low: int | None = None) -> None:
        """When the protocol hears of congestion."""
        self._high, self._low = high, high // 4 if low is None else low
        self._check()

    def get_write_buffer_size(self) -> int:
        """Bytes that are not written yet."""
        return self._size

    def write(self, data: bytes) -> None:
        """Queue bytes to be written."""
        if self._closing or not data:
            return
        self._out.append(bytes(data))
        self._size += len(data)
        self._check()
        self._wake_writer()

    def writelines(self, lines: list[bytes]) -> None:
        """Queue bytes to be written."""
        self.write(b"".join(lines))

    def close(self) -> None:
        """End when everything is written."""
        self._closing = True
        self.resume_reading()
        self._wake_writer()

    def abort(self) -> None:
        """End at once."""
        self._out.clear()
        self._size = 0
        self.close()

    def _check(self) -> None:
        if not self._congested and self._size > self._high:
            self._congested = True
            self._protocol.pause_writing()
        elif self._congested and self._size <= self._low:
            self._congested = False
            self._protocol.resume_writing()

    def _wake_writer(self) -> None:
        if not self._writing and not self._lost:
            self._writing = True
            self._shared.sched.add((self._shared.entries["ws.pipe"], self.number))

    # -- called by JavaScript --------------------------------------------------------------------

    def feed(self, data: bytes) -> Any:
        """Input; returns the Wait to block on while no more is wanted."""
        protocol = self._protocol
        buffer = protocol.get_buffer(-1)
        for start in range(0, len(data), len(buffer)):
            if self._closing and self._lost:
                break
            piece = data[start : start + len(buffer)]
            buffer[: len(piece)] = piece
            protocol.buffer_updated(len(piece))
        if not self._paused or self._lost:
            return None
        self._reader = Wait()
        return self._reader

    def end(self) -> None:
        """The input has ended or cannot be read."""
        if not self._lost and not self._closing:
            self._protocol.eof_received()
            self.close()

    def take(self) -> bytes | None:
        """What is to be written now; None if the stream is to be closed, empty if there is nothing."""
        data = b"".join(self._out)
        self._out.clear()
        self._size = 0
        self._check()
        if not data:
            self._writing = False
            if self._closing:
                self.lost()
                return None
        return data

    def lost(self) -> None:
        """The stream is closed, or cannot be written."""
        if not self._lost:
            self._lost = self._closing = True
            self._shared.rt.handles.pop(self.number, None)
            self.resume_reading()
            self._shared.sched.loop.call_soon(self._protocol.connection_lost, None)
