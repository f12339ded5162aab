"""WebSocket connections: frames in, jobs out, on asyncio transports.

Rules

1. A connection without traffic is this object, its `Protocol` and the transport; no fiber, no timer, no buffer.  All
   connections of a runtime read into one buffer: between `get_buffer` and `buffer_updated` nothing else runs.
2. One message is one job.  What ends the connection is a job behind the messages in front of it (`jobs.ended`), so their
   listeners have run up to their first blocking point before a Close is answered or a violation is punished.
3. The script hears of the end exactly once (`_tell`), whatever happens on the wire after that.
4. Nothing a peer does takes unbounded memory: messages that have not begun count (`BACKLOG`), and so do handlers that
   have not ended (`RUNNING`) and answers that the peer does not read (`HIGH`).  Beyond a limit the connection is not
   read, which is what TCP passes on to the peer.
5. Nothing a script sends takes unbounded memory either: `send` reports when more than `limit` bytes wait, and the
   fiber blocks in `drained`.
6. Writes are gathered for one connection at a time (`Scheduler.outgoing`).

Life of a connection

    not started    a server's socket without listener: what arrives is kept, up to `EARLY` bytes
    open           frames are read
    over           the input has ended; `jobs.ended` is queued
    finished       `jobs.ended` has run: the reply is written, the TCP connection is being closed
    gone           the transport is closed

A local `close` goes beside it: the Close frame is written, the script is told, and what still comes is discarded until
the peer's Close, its end of stream or `LINGER`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.fibers import Wait
from fibshim.modules.ws import jobs
from fibshim.modules.ws.limits import (
    BACKLOG,
    EARLY,
    GATHERED,
    HIGH,
    LINGER,
    LOW,
    MESSAGE,
    RUNNING,
    SHORT,
)
from fibshim.modules.ws.plain import Plain, take_over
from fibshim.modules.ws.protocol import BINARY, COPY_LIMIT, GONE, PONG, TEXT, Ending, Protocol

if TYPE_CHECKING:
    from fibshim.modules.ws.protocol import Deflate, Frame
    from fibshim.modules.ws.shared import Shared

# Why a connection is not read.
EARLY_FULL, PENDING, LOADED, CONGESTED = 1, 2, 4, 8

_BACKLOG_LOW = BACKLOG // 2
_RUNNING_LOW = RUNNING // 2


class Connection(asyncio.BufferedProtocol):
    """One WebSocket after its handshake.

    :param number: of this connection in the table of native objects.
    :param index: of the socket in JavaScript.
    :param limit: bytes that may wait to be sent; 0: any number.
    """

    __slots__ = (
        "_direct",
        "_eof",
        "_finished",
        "_gone",
        "_limit",
        "_number",
        "_over",
        "_ref",
        "_rest",
        "_sched",
        "_server",
        "_timer",
        "_told",
        "_waiters",
        "active",
        "congested",
        "index",
        "load",
        "protocol",
        "running",
        "shared",
        "stops",
        "transport",
    )

    def __init__(
        self,
        shared: Shared,
        number: int,
        index: int,
        server: bool,
        max_payload: int,
        limit: int,
        deflate: Deflate | None,
    ) -> None:
        self.shared = shared
        self._sched = shared.sched
        self._number = number
        self.index = index
        self._server = server
        self._limit = limit
        self.protocol = Protocol(server, max_payload, deflate)
        self.transport: Any = None
        self._direct = False  # the transport drops by itself what is written after its end
        self._rest: bytearray | bytes | None = b""  # None: it is read
        # With compression nothing is `active` until the first message, without it always: then nobody asks again.
        self.active = deflate is None
        self.congested = False
        self.stops = 0
        self.load = 0
        self.running = 0
        self._waiters: list[Wait] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ref = False
        self._told = self._over = self._finished = self._eof = self._gone = False

    # -- beginning -------------------------------------------------------------------------------

    def attach(self, transport: Any, rest: bytes, ref: bool = False) -> None:
        """Take over a transport after the handshake; what it receives is kept until `start`.

        :param rest: what arrived behind the handshake.
        :param ref: it keeps the process alive, which the caller has counted already.
        """
        transport = self.transport = take_over(self.shared.poller, transport)
        self._direct = type(transport) is Plain
        self._rest = rest
        self._ref = ref
        self._sched.operations += 1
        self.shared.rt.handles[self._number] = self
        if 0 < self._limit < HIGH:
            transport.set_write_buffer_limits(self._limit)
        else:
            transport.set_write_buffer_limits(HIGH, LOW)
        transport.set_protocol(self)
        if transport.is_closing():  # nobody will tell us any more
            self._sched.loop.call_soon(self.connection_lost, None)
        else:
            transport.resume_reading()

    def start(self, index: int) -> None:
        """Begin to deliver what arrives.

        :param index: of the socket in JavaScript; it may have changed.
        """
        self.index = index
        rest = self._rest
        if rest is None:
            return
        self._rest = None
        if rest:
            self._take(bytes(rest))
        if self.stops & EARLY_FULL:
            self._go(EARLY_FULL)
        if (self._eof or self._gone) and not self._over:
            self._end_of_stream()

    def set_ref(self, ref: bool) -> None:
        """Whether this connection keeps the process alive.  It never does after its end."""
        if ref != self._ref and not (ref and self._told):
            self._ref = ref
            self._sched.refs += 1 if ref else -1

    # -- input: called by the loop ----------------------------------------------------------------

    def get_buffer(self, hint: int) -> memoryview:
        """Called by the loop: where to put what arrives."""
        return self.shared.buffer

    def buffer_updated(self, count: int) -> None:
        """Called by the loop: something has arrived."""
        shared = self.shared
        view = shared.buffer[:count]
        if count <= SHORT and self._rest is None:
            data = bytes(view)
            text = self.protocol.single(data)
            if text is None:
                self._take(data)
                return
            load = self.load = self.load + MESSAGE + len(text)
            if not self.active:
                self._touch()
            self._sched.ready.append((jobs.text, self, text))
            shared.stop()
            if load > BACKLOG or self.running >= RUNNING:
                self._stop(LOADED)
        elif self._rest is not None:
            self._keep(view)
        elif count <= COPY_LIMIT:
            self._take(bytes(view))
        else:
            self._take(view)

    def _keep(self, view: memoryview) -> None:
        if not self._rest:
            self._rest = bytearray()
        self._rest += view
        if len(self._rest) > EARLY:
            self._stop(EARLY_FULL)

    def _take(self, data: bytes | memoryview) -> None:
        """Make jobs of what arrived."""
        if self._over:
            return
        protocol = self.protocol
        append = self._sched.ready.append
        load = self.load
        pongs = None
        if not self.active:
            self._touch()
        events = protocol.receive(data)
        for kind, value, compressed in events:
            if kind == TEXT:
                load += MESSAGE + len(value)
                append((jobs.compressed_text if compressed else jobs.text, self, value))
            elif kind == BINARY:
                load += MESSAGE + len(value)
                append((jobs.binary, self, value, compressed))
            elif kind == PONG:
                if pongs is None:
                    pongs = [value]
                else:
                    pongs.append(value)
            else:
                self._over = True
                append((jobs.ended, self))
        self.load = load
        if events:
            self.shared.stop()
        if pongs is not None:
            self._write(b"".join(pongs))
            if self.congested and not self._over:
                self._stop(CONGESTED)
        if protocol.pending:
            # Other connections get their turn before the rest of this one's input.
            self._stop(PENDING)
            if load <= BACKLOG and self.running < RUNNING:
                self._defer()
                return
        if load > BACKLOG or self.running >= RUNNING:
            self._stop(LOADED)

    def _defer(self) -> None:
        self._sched.operations += 1
        self._sched.loop.call_soon(self._again)

    def _again(self) -> None:
        """Go on with input that is pending."""
        self._sched.operations -= 1
        self._take(b"")
        if not self.protocol.pending:
            self._go(PENDING)
            if self._eof or self._gone:
                self._end_of_stream()

    def relax(self) -> None:
        """A handler has ended."""
        if (
            self.stops & LOADED
            and self.load < _BACKLOG_LOW
            and self.running < _RUNNING_LOW
            and not self._sched.closing
        ):
            if self.protocol.pending:
                self.stops &= ~LOADED
                self._defer()
            else:
                self._go(LOADED)

    def _stop(self, reason: int) -> None:
        if not self.stops and not self._gone:
            self.transport.pause_reading()
        self.stops |= reason

    def _go(self, reasons: int) -> None:
        if self.stops:
            self.stops &= ~reasons
            if not self.stops and not self._gone:
                self.transport.resume_reading()

    def _touch(self) -> None:
        self.active = True
        self.shared.warm(self)

    def eof_received(self) -> bool:
        """Called by the loop: the peer sends no more."""
        if self._finished:
            return False  # asyncio closes the transport
        if self._sched.outgoing is self:
            self.flush()
        self._eof = True
        if self._rest is None:
            self._end_of_stream()
        else:
            self._lost_early()
        # Answers of messages in front of it are still to be written.  (TLS has no half-open connections.)
        return bool(self.transport.can_write_eof())

    def connection_lost(self, error: BaseException | None) -> None:
        """Called by the loop: the transport is closed."""
        if self._gone:
            return
        self._gone = True
        self._sched.operations -= 1
        self._stop_timer()
        self.shared.cold(self)
        if self._sched.outgoing is self:
            self._sched.outgoing = None
            self.shared.out.clear()
        self._wake()
        if self._rest is None:
            self._end_of_stream()
        else:
            self.set_ref(False)
            self._lost_early()

    def _lost_early(self) -> None:
        """The peer is gone before anybody listened: the socket lives on only if the script holds it."""
        if not self._told:
            self._sched.add((self.shared.entries["ws.lost"], self.index))

    def _end_of_stream(self) -> None:
        if self._over or self.protocol.pending:
            return
        self._over = True
        if self.protocol.eof() is not None or not self._told:
            self._sched.add((jobs.ended, self))
        elif not self._gone:
            self.transport.close()
            self._finished = True

    # -- output ----------------------------------------------------------------------------------

    def send(self, frame: Frame) -> int | None:
        """Gather a frame.

        :returns: 1 if so much waits to be sent that the fiber must call `drained`.
        """
        if not self.active:
            self._touch()
        sched = self._sched
        if sched.outgoing is not self:
            if sched.outgoing is not None:
                sched.outgoing.flush()
            sched.outgoing = self
        out = self.shared.out
        if type(frame) is bytes:
            out.append(frame)
            if len(out) >= GATHERED:
                self.flush()
        else:
            out += frame
            self._write_lines()
        if self.congested and self._is_full():
            return 1
        return None

    def send_text(self, text: str) -> int | None:
        """As `send`, for a TEXT message."""
        frame = self.protocol.encode_text(text)
        if type(frame) is not bytes or not self.active or self.congested:
            return self.send(frame)
        sched = self._sched
        outgoing = sched.outgoing
        if outgoing is not self:
            if outgoing is not None:
                outgoing.flush()
            sched.outgoing = self
        out = self.shared.out
        out.append(frame)
        if len(out) >= GATHERED:
            self.flush()
        return None

    def send_bytes(self, data: bytes | memoryview) -> int | None:
        """As `send`, for a BINARY message.

        :param data: a view must be good until this returns.
        """
        if type(data) is not bytes and (len(data) <= COPY_LIMIT or not self._direct):
            data = bytes(
                data
            )  # what is gathered, or kept by an asyncio transport, is written later
        return self.send(self.protocol.encode_binary(data))

    def flush(self) -> None:
        """Write what is gathered."""
        out = self.shared.out
        if len(out) == 1:
            data = out.pop()
        else:
            data = b"".join(out)
            out.clear()
        self._sched.outgoing = None
        transport = self.transport
        if data and (self._direct or not transport.is_closing()):
            transport.write(data)

    def _write_lines(self) -> None:
        """As `flush`, with a payload among it that need not be copied."""
        out = self.shared.out
        self._sched.outgoing = None
        if not self.transport.is_closing():
            self.transport.writelines(list(out))
        out.clear()

    def _write(self, data: bytes) -> None:
        """Write a control frame, behind what is gathered."""
        if self._sched.outgoing is self:
            self.flush()
        if not self.transport.is_closing():
            self.transport.write(data)

    def _is_full(self) -> bool:
        return (
            0 < self._limit < self.transport.get_write_buffer_size()
            and not self._gone
            and not self.transport.is_closing()
        )

    def drained(self) -> Wait | None:
        """The Wait of a fiber whose message was one too many; None if there is room meanwhile."""
        if not self._is_full():
            return None
        wait = Wait()
        if self._waiters is None:
            self._waiters = []
        self._waiters.append(wait)
        return wait

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, None
        for wait in waiters or ():
            self._sched.wake(wait)

    def pause_writing(self) -> None:
        """Called by the transport: too much waits to be sent."""
        self.congested = True

    def resume_writing(self) -> None:
        """Called by the transport: there is room again."""
        self.congested = False
        self._wake()
        if self.stops & CONGESTED:
            self._go(CONGESTED)
        if self.protocol.close_sent and not self._told:
            self._close_written()

    # -- the end ---------------------------------------------------------------------------------

    def shut(self, code: int, reason: str) -> None:
        """Close by the script: its event follows as soon as the Close frame is written (spec, 3.7)."""
        if self._gone and self._rest is not None:
            self.start(self.index)  # there is nothing to close any more: its end is to be told
        if self._told or self._gone:
            return
        frame = self.protocol.encode_close(code, reason)
        if not frame:
            return
        self._write(frame)
        # From here on the input is only looked through for the peer's Close.
        self._rest = None
        self._go(EARLY_FULL | LOADED | CONGESTED)
        transport = self.transport
        if transport.get_write_buffer_size() == 0 or transport.is_closing():
            self._close_written()
        else:
            transport.set_write_buffer_limits(0)
            self._linger()

    def _close_written(self) -> None:
        if self.transport.is_closing() and not self._finished:
            return  # the write failed: `connection_lost` tells it
        if self._told:
            return
        self._told = True
        self._sched.add((self.shared.entries["ws.closed"], self.index))
        self._release()
        if not self._finished:
            self._linger()

    def _tell(self, ending: Ending) -> None:
        """The script's events; see `Ending`."""
        if self._told:
            return
        self._told = True
        add = self._sched.add
        entries = self.shared.entries
        if ending.error_code:
            add((entries["ws.error"], self.index, ending.error_code, ending.error_reason))
        add((entries["ws.close"], self.index, ending.close_code, ending.close_reason))
        self._release()

    def _release(self) -> None:
        self.set_ref(False)
        self.shared.rt.handles.pop(self._number, None)

    def finish(self) -> None:
        """The input has ended and the messages in front of the end have been delivered."""
        protocol = self.protocol
        ending = protocol.ending
        if ending is None or self._finished:  # the script has closed the stream meanwhile
            return
        if self._gone:
            self._tell(ending)
            return
        self._finished = True
        reply = protocol.reply()
        if reply:
            self._write(reply)
        elif self._sched.outgoing is self:
            self.flush()
        self._tell(ending)
        transport = self.transport
        if self._eof or (self._server and not ending.failed):
            transport.close()
        elif ending.failed:
            # What the peer has sent must be read, or its end of TCP would answer with a reset that destroys our Close.
            if transport.can_write_eof():
                transport.write_eof()
            else:
                transport.close()
        # Else a client waits for the server to close.
        self._go(-1)
        self._linger()

    def close(self) -> None:
        """The stream was closed by the script, or the runtime is closing: no Close frame (spec, 3.8)."""
        if self._sched.closing:  # there is no loop any more
            if self._direct:
                self.transport.drop()
            return
        if self._gone:
            return
        if self._sched.outgoing is self:
            self.flush()
        self._over = self._finished = True
        self._rest = None
        self._tell(GONE)
        self.transport.close()
        self._linger()

    def forget(self) -> None:
        """Nobody is left who could hear of anything."""
        self._told = True
        self._release()
        self.close()

    def _linger(self) -> None:
        self._stop_timer()
        if not self._gone:
            left = self.transport.get_write_buffer_size()
            self._timer = self._sched.loop.call_later(LINGER, self._expired, left)

    def _expired(self, left: int) -> None:
        self._timer = None
        if 0 < self.transport.get_write_buffer_size() < left:
            self._linger()  # slow, but not stuck
        else:
            self.transport.abort()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- for others ------------------------------------------------------------------------------

    @property
    def number(self) -> int:
        """Its number in the table of native objects."""
        return self._number

    def transport_info(self, name: str) -> Any:
        """What `get_extra_info` of the transport says."""
        return self.transport.get_extra_info(name)

    def detach(self) -> tuple[Any, bytes]:
        """A WebSocket cannot be read as a stream."""
        raise FibError(100009)
