"""Connections of HTTP servers: requests in, jobs out.

Rules

1. A fiber is started only for a complete request.  A connection that is idle or in the middle of a request is this
   object and nothing else.
2. Strictly one request at a time: input behind it waits, and reading is paused when more than `QUEUE` bytes wait.
3. All connections of a runtime read into one buffer: between `get_buffer` and `buffer_updated` nothing else runs.
4. Answers are gathered (`Outbox`) and leave before a fiber blocks and before the loop waits; whoever writes past the
   gathered ones flushes first.
5. Every request gets exactly one answer (`send`), or the connection is taken over (`detach`) or lost.
6. What is no request is answered with 400 and the connection is closed; scripts do not hear of it.

Theory of operation

`buffer_updated` has a short way for what nearly every read is: exactly one head without a body on an idle connection.
Everything else is put behind `_rest` and cut up by `_advance`.  The job has the whole head as text, which JavaScript
parses when somebody asks; the answer comes back as one call.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fibshim.modules.http.framing import BadRequest, Chunked, Fixed, HeadParser, check_part

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime
    from fibshim.fibers import Scheduler

BUFFER = 1 << 18
"""Bytes of the read buffer."""
QUEUE = 1 << 16
"""Bytes that may wait behind the request that is being answered."""
HEAD_TIME = 60.0
"""Seconds a client has for a head, from its first byte, and for each further piece of a body."""
LINGER = 2.0
"""Seconds that a refused client gets to read the answer before the connection is reset."""
COPY_LIMIT = 4096
"""A payload beyond this is not copied behind its header."""

TOGETHER = 32
"""Connections whose answers are written together."""
KNOWN = 512
"""Heads that a server remembers."""
KNOWN_SIZE = 1024
"""Bytes of the longest of them."""

# Flags of a request; above them is the slot of the connection.
KEEP, BODY, HEAD, OLD = 1, 2, 4, 8

REFUSAL = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Outbox:
    """Answers that wait to be written, of several connections (`Scheduler.outgoing`).

    A peer that is woken by the first of them is still awake for the others, which makes their way through the kernel
    shorter than if each was sent when it is ready.
    """

    __slots__ = ("_sched", "connections")

    def __init__(self, sched: Scheduler) -> None:
        self._sched = sched
        self.connections: list[Connection] = []

    def flush(self) -> None:
        """Write everything."""
        if self._sched.outgoing is self:
            self._sched.outgoing = None
        connections = self.connections
        self.connections = []
        for connection in connections:
            out = connection._out
            if len(out) == 1:
                connection._out = []
                connection.transport.write(out[0])
            else:
                connection.flush()


class Shared:
    """What the connections of a runtime share."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.sched = rt.sched
        self.view = memoryview(bytearray(BUFFER))
        self.request = rt.entries["http.request"]  # the entry that takes requests
        self.outbox = Outbox(rt.sched)
        self.parser = HeadParser()
        self.heads: list[bytes] = [b""]  # kept heads of answers
        self.slots = 0
        self.free: list[int] = []  # slots that nobody uses

    def slot(self) -> int:
        """A place in JavaScript's table of connections."""
        if self.free:
            return self.free.pop()
        self.slots += 1
        return self.slots - 1


class Site:
    """The settings of one server, as its connections need them.

    :ivar number: the server's number in JavaScript.
    :ivar heads: text and flags of heads without a body that were checked with these limits.  Most clients send the
        same head many times.
    """

    __slots__ = ("head_time", "heads", "most_body", "most_lines", "number", "shared")

    def __init__(self, shared: Shared, number: int) -> None:
        self.shared = shared
        self.number = number
        self.most_lines = 128
        self.most_body = 64 << 20
        self.head_time = HEAD_TIME
        self.heads: dict[bytes, tuple[str, int]] = {}

    def set_limits(self, most_lines: int, most_body: int) -> None:
        """For connections accepted from now on."""
        self.most_lines = most_lines
        self.most_body = most_body
        self.heads = {}  # these were checked with other limits

    def connection(self) -> Connection:
        """The protocol of a new connection."""
        return Connection(self)


class Connection(asyncio.BufferedProtocol):
    """One connection of an HTTP server."""

    __slots__ = (
        "_body",
        "_closing",
        "_eof",
        "_head",
        "_heads",
        "_most_body",
        "_most_lines",
        "_number",
        "_out",
        "_paused",
        "_rest",
        "_resting",
        "_site",
        "_slot",
        "_timer",
        "busy",
        "number",
        "payload",
        "shared",
        "transport",
    )

    def __init__(self, site: Site) -> None:
        self._site = site
        self.shared = site.shared
        # Limits are those of the moment the connection begins (spec, 11).
        self._most_lines = site.most_lines
        self._most_body = site.most_body
        self._heads = site.heads
        self._rest: bytearray | None = None  # input that nobody has looked at
        self._body: Fixed | Chunked | None = None  # the body being read
        self._head: tuple[str, int] | None = None  # its head
        self._out: list[bytes | memoryview] = []
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False  # the client does not read: no further answers
        self._resting = False  # we do not read
        self._eof = False
        self._closing = False
        self._slot = (
            -1
        )  # the place in JavaScript's table, as part of the flags, from the first request on
        self._number = site.number
        self.busy = False  # a request is being answered
        self.payload: bytearray | None = None  # the body of that request
        self.number = 0
        self.transport: Any = None

    # -- called by the loop ----------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """The connection is there."""
        self.transport = transport
        shared = self.shared
        self.number = shared.rt.hold(self)
        shared.sched.operations += 1

    def connection_lost(self, error: BaseException | None) -> None:
        """The connection is gone."""
        self._closing = True
        self._forget()
        self._stop_timer()
        self._rest = self._body = self.payload = None
        self._out = []

    def _forget(self) -> None:
        """HTTP is over on this connection."""
        shared = self.shared
        sched = shared.sched
        if shared.rt.handles.get(self.number) is self:
            del shared.rt.handles[self.number]
        sched.operations -= 1
        if self._slot >= 0:
            slot = self._slot >> 4
            sched.add((shared.rt.entries["http.closed"], self.number, slot))
            shared.free.append(slot)  # the job above runs before any of the next user's
            self._slot = -1

    def get_buffer(self, hint: int) -> memoryview:
        """Where to read to."""
        return self.shared.view

    def buffer_updated(self, count: int) -> None:
        """Input stands at the start of the read buffer."""
        shared = self.shared
        data = bytes(shared.view[:count])
        if self._rest is None and not self.busy and self._body is None:
            known = self._heads.get(data)
            if known is not None and self._slot >= 0:
                self.busy = True
                sched = shared.sched
                job = (shared.request, self.number, known[0], known[1] | self._slot, self._number)
                if sched.ready:  # so the loop was told to stop already
                    sched.ready.append(job)
                else:
                    sched.add(job)
                return
            if data.find(b"\r\n\r\n") == count - 4 and data[0] != 13:
                self._begin(data)
                return
            self._rest = bytearray(data)
        elif self._closing:
            return
        elif self._body is not None and self._rest is None:
            taken = self._feed(data)
            if taken == count or self._closing:
                return
            self._rest = bytearray(data[taken:])
        elif self._rest is None:
            self._rest = bytearray(data)
        else:
            self._rest += data
        if not self.busy:
            self._advance()
        elif len(self._rest) > QUEUE:
            self._rest_reading(True)

    def eof_received(self) -> bool:
        """The other side sends no more; True: we go on writing."""
        self._eof = True
        self.flush()  # what is gathered would be lost with the transport
        if self.busy or self._paused:
            # The answer is still to be written.  (TLS has no half-open connections.)
            return self.transport.get_extra_info("sslcontext") is None
        if self._rest or self._body is not None:
            self._refuse()
        return False

    def pause_writing(self) -> None:
        """The other side does not read."""
        self._paused = True
        self._slow()

    def resume_writing(self) -> None:
        """The other side reads again."""
        self._paused = False
        if not self.busy:
            self._advance()

    # -- input -----------------------------------------------------------------------------------

    def _slow(self) -> None:
        """Have all input go through `_advance`, which knows the whole state."""
        if self._rest is None:
            self._rest = bytearray()

    def _advance(self) -> None:
        """Go through the input until a request is complete or more is needed."""
        while not (self.busy or self._closing or self._paused):
            rest = self._rest
            if self._body is not None:
                if not rest:
                    break
                self._rest = None
                taken = self._feed(rest)
                if taken < len(rest) and not self._closing:
                    self._rest = rest
                    del rest[:taken]
                continue
            if not rest:
                break
            if rest[0] == 13 or rest[0] == 10:  # RFC 9112, 2.2: empty lines before a request
                size = len(rest) - len(rest.lstrip(b"\r\n"))
                bare = rest[:size].replace(b"\r\n", b"")
                if len(bare) > 1 or bare == b"\n" or size > 64:
                    self._refuse()
                    break
                del rest[: size & ~1]
                if len(rest) <= 1:
                    break
            end = rest.find(b"\r\n\r\n")
            if end < 0:
                try:
                    check_part(rest, self._most_lines)
                except BadRequest:
                    self._refuse()
                else:
                    self._start_timer()
                break
            head = bytes(rest[: end + 4])
            if len(rest) == end + 4:
                self._rest = None
            else:
                del rest[: end + 4]
            self._begin(head)
        if not (self._rest or self._paused or self._closing):
            self._rest = None
        if self._resting and not self._closing and len(self._rest or b"") <= QUEUE:
            self._rest_reading(False)
        if self._eof and not (self.busy or self._closing or self._paused):
            if self._rest or self._body is not None:
                self._refuse()
            else:
                self.close()

    def _begin(self, head: bytes) -> None:
        """A head is there."""
        shared = self.shared
        parser = shared.parser
        try:
            parser.feed(head, self._most_lines, self._most_body)
        except BadRequest:
            self._refuse()
            return
        flags = 1 if parser.keep else 0  # KEEP
        if parser.is_old:
            flags |= OLD
        if head[0] in b"Hh" and head[:5].upper() == b"HEAD ":
            flags |= HEAD
        text = str(head, "utf-8", "replace")
        if self._timer is not None:
            self._stop_timer()
        if parser.body is None:
            if len(head) <= KNOWN_SIZE:
                heads = self._heads
                if len(heads) >= KNOWN:
                    heads.clear()
                heads[head] = (text, flags)
            self._dispatch(text, flags)
            return
        self._body = parser.body
        self._head = (text, flags | BODY)
        if parser.expects and not self._rest:
            self.flush()
            self.transport.write(CONTINUE)
        self._start_timer()

    def _feed(self, data: Any) -> int:
        """Give input to the body; returns how much of it was taken."""
        body = self._body
        assert body is not None
        try:
            taken = body.feed(data)
        except BadRequest:
            self._refuse()
            return 0
        if self._timer is not None:
            self._stop_timer()
        if not body.done:
            self._start_timer()
            return taken
        assert self._head is not None
        text, flags = self._head
        self._body = self._head = None
        self.payload = body.data
        self._dispatch(text, flags)
        return taken

    def _dispatch(self, text: str, flags: int) -> None:
        shared = self.shared
        self.busy = True
        if self._slot < 0:
            self._slot = shared.slot() << 4
        shared.sched.add((shared.request, self.number, text, flags | self._slot, self._number))

    # -- limits ----------------------------------------------------------------------------------

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = self.shared.sched.loop.call_later(self._site.head_time, self._expired)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expired(self) -> None:
        self._timer = None
        if self._closing:
            self.transport.abort()
        else:
            self._refuse()

    def _rest_reading(self, resting: bool) -> None:
        self._resting = resting
        if resting:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _refuse(self) -> None:
        """Answer 400 and close.  What the client still sends is read for a while: a reset would destroy the answer."""
        self.flush()
        self.transport.write(REFUSAL)
        self._stop_timer()
        self._body = self._head = None
        self._rest = bytearray()
        self._closing = True
        if self._eof or not self.transport.can_write_eof():
            self.transport.close()
            return
        if self._resting:
            self._rest_reading(False)
        self.transport.write_eof()
        self._timer = self.shared.sched.loop.call_later(LINGER, self._expired)

    # -- output ----------------------------------------------------------------------------------

    def send(self, head: bytes, payload: bytes, keep: int) -> None:
        """The answer to the request; `keep` false: the connection is closed after it."""
        outbox = self.shared.outbox
        if not self._out:
            sched = self.shared.sched
            if sched.outgoing is not outbox:
                if sched.outgoing is not None:
                    sched.outgoing.flush()
                sched.outgoing = outbox
            elif len(outbox.connections) >= TOGETHER:
                outbox.flush()
                sched.outgoing = outbox
            outbox.connections.append(self)
        if len(payload) > COPY_LIMIT:
            self._out += (head, payload)
        else:
            self._out.append(head + payload)
        self.busy = False
        self.payload = None
        if not keep:
            self.close()
        elif self._rest is not None or self._eof or self._resting:
            self._advance()

    def send_start(self, head: bytes) -> None:
        """The head of an answer whose body is written by somebody else, who calls `sent` then."""
        self.flush()
        self.transport.write(head)

    def sent(self, keep: int) -> None:
        """The body of the answer is written."""
        if self._closing:
            return
        self.busy = False
        self.payload = None
        if not keep:
            self.close()
        elif self._rest is not None or self._eof or self._resting:
            self._advance()

    def flush(self) -> None:
        """Write what is gathered."""
        out = self._out
        if out:
            self._out = []
            if len(out) == 1:
                self.transport.write(out[0])
            else:
                self.transport.writelines(out)

    def close(self) -> None:
        """Close when everything written has left."""
        self.flush()
        self._closing = True
        self._slow()
        self.transport.close()

    # -- for others ------------------------------------------------------------------------------

    def transport_info(self, name: str) -> Any:
        """What `get_extra_info` of the transport says."""
        return self.transport.get_extra_info(name)

    def detach(self) -> tuple[Any, bytes]:
        """Give the connection away in the middle of a request: HTTP forgets it, and the request gets no answer here.

        The caller gives the transport a protocol (`set_protocol`) and resumes reading.

        :returns: the transport, with reading paused, and the bytes behind the request.
        """
        self.flush()
        rest = bytes(self._rest or b"")
        self._forget()
        self._stop_timer()
        self._rest = self.payload = None
        self._closing = True
        transport = self.transport
        transport.pause_reading()
        return transport, rest
