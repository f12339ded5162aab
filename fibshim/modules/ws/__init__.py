"""`ws`: the ops behind WebSockets (spec/ws.md).  What needs asyncio is imported with the first connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.core.ops import op
from fibshim.engine.engine import TAKE_RETRY
from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime
    from fibshim.modules.ws.shared import Shared


def shared_of(rt: Runtime) -> Shared:
    """What the WebSockets of this runtime share."""
    found: Shared | None = rt.state.get("ws")
    if found is None:
        from fibshim.modules.ws.shared import Shared

        found = rt.state["ws"] = Shared(rt)
    return found


# -- server: the handshake ---------------------------------------------------------------------------


@op()
def check(
    rt: Runtime, method: str, version: int, headers: list[list[str]], deflate: bool
) -> list[Any]:
    """Check a handshake request.

    :param version: of HTTP, major * 10 + minor.
    :returns: [true, the headers of the answer, whether to compress: null or the parameters], or [false, the error's text,
        the headers of the refusal].
    """
    from fibshim.modules.ws import handshake

    result = handshake.server_handshake(
        method, (version // 10, version % 10), [(n, v) for n, v in headers], deflate
    )
    if isinstance(result, str):
        return [False, result, handshake.refusal_headers(result)]
    agreed = result.deflate
    parameters = (
        None if agreed is None else [agreed.window_bits, agreed.reset_own, agreed.reset_peer]
    )
    return [True, result.headers(), parameters]


@op()
def accept(
    rt: Runtime, number: int, index: int, head: str, deflate: list[Any], options: list[int]
) -> None:
    """Make a WebSocket of an HTTP connection, which keeps its number.

    :param index: of the socket in JavaScript.
    :param head: the answer's head.
    :param deflate: the parameters of `check`; empty: without compression.
    :param options: the largest message to receive, and the bytes that may wait to be sent.
    :raises FibError: 100009 if the connection is lost.
    """
    from fibshim.modules.ws.connection import Connection
    from fibshim.modules.ws.protocol import Deflate

    item = rt.handles.get(number)
    if item is None:
        raise FibError(100009)
    transport, rest = item.detach()
    transport.write(head.encode("utf-8", "replace"))
    Connection(
        shared_of(rt),
        number,
        index,
        True,
        options[0],
        options[1],
        Deflate(*deflate) if deflate else None,
    ).attach(transport, rest)


# -- server: on streams that JavaScript reads and writes -----------------------------------------------


@op()
def open_pipe(
    rt: Runtime, index: int, head: str, deflate: list[Any], options: list[int]
) -> list[int]:
    """As `accept`, for a stream that is no connection of ours; returns the numbers of the connection and its pipe."""
    from fibshim.modules.ws.connection import Connection
    from fibshim.modules.ws.pipe import Pipe
    from fibshim.modules.ws.protocol import Deflate

    pipe = Pipe(shared_of(rt))
    number = rt.hold(None)
    connection = Connection(
        shared_of(rt),
        number,
        index,
        True,
        options[0],
        options[1],
        Deflate(*deflate) if deflate else None,
    )
    connection.attach(pipe, b"")
    pipe.write(head.encode("utf-8", "replace"))
    return [number, pipe.number]


@op()
def pipe_feed(rt: Runtime, number: int, data: bytes) -> Wait:
    """Input of a pipe; blocks while no more is wanted."""
    pipe = rt.handles.get(number)
    return None if pipe is None else pipe.feed(data)  # type: ignore[return-value]


@op()
def pipe_end(rt: Runtime, number: int) -> None:
    """The input of a pipe has ended."""
    pipe = rt.handles.get(number)
    if pipe is not None:
        pipe.end()


@op()
def pipe_take(rt: Runtime, number: int) -> Any:
    """What a pipe has to write; None to close the stream."""
    pipe = rt.handles.get(number)
    return None if pipe is None else pipe.take()


@op()
def pipe_lost(rt: Runtime, number: int) -> None:
    """The stream of a pipe cannot be written."""
    pipe = rt.handles.get(number)
    if pipe is not None:
        pipe.lost()


# -- client ------------------------------------------------------------------------------------------


@op()
def connect(
    rt: Runtime, index: int, url: str, options: dict[str, Any], settings: dict[str, Any]
) -> int:
    """Begin to connect; what comes of it are the jobs of the socket.  Returns its number.

    :param options: see `client.Opening`.
    :param settings: see `client.Opening`; None if no HTTP client would send a request to the URL.
    """
    from fibshim.modules.ws.client import Opening

    return Opening(shared_of(rt), index, url, options, settings).number


@op()
def follow(rt: Runtime, number: int, url: str, settings: dict[str, Any]) -> None:
    """Follow a redirect to this URL; empty: it leads nowhere."""
    opening = rt.handles.get(number)
    if opening is not None:
        opening.follow(url, settings)


# -- sockets -----------------------------------------------------------------------------------------


@op(raw=True)
def send_text(rt: Any, number: int, text: str, *size: int) -> Any:
    """Send a TEXT message; see `Connection.send`."""
    if len(text) != size[0]:
        text = rt.engine.text(text, size[0], 1)
        if text is None:
            return rt.engine.special(TAKE_RETRY)
    connection = rt.handles.get(number)
    return None if connection is None else connection.send_text(text)


@op(raw=True)
def send_bytes(rt: Any, number: int, data: bytes) -> Any:
    """Send a BINARY message; see `Connection.send`."""
    connection = rt.handles.get(number)
    if connection is None:
        return None
    size: Any = data
    return connection.send_bytes(rt.engine.window[:size] if size >= 0 else rt.engine.data(size, 1))


@op()
def drained(rt: Runtime, number: int) -> Wait:
    """Block until there is room for another message."""
    connection = rt.handles.get(number)
    return None if connection is None else connection.drained()  # type: ignore[return-value]


@op()
def start(rt: Runtime, number: int, index: int) -> None:
    """Begin to deliver what a server's socket receives."""
    connection = rt.handles.get(number)
    if connection is not None:
        connection.start(index)


@op()
def shut(rt: Runtime, number: int, code: int, reason: str) -> None:
    """Close with a Close frame."""
    connection = rt.handles.get(number)
    if connection is not None:
        connection.shut(code, reason)


@op()
def set_ref(rt: Runtime, number: int, ref: bool) -> None:
    """Whether a socket keeps the process alive."""
    connection = rt.handles.get(number)
    if connection is not None:
        connection.set_ref(ref)


@op()
def forget(rt: Runtime, number: int) -> None:
    """The socket of a connection that nobody listened to has been collected."""
    connection = rt.handles.get(number)
    if connection is not None:
        connection.forget()


# -- ws.Message --------------------------------------------------------------------------------------


@op()
def encode(rt: Runtime, data: bytes, kind: int, masked: bool, compress: bool) -> bytes:
    """A message as one frame."""
    from fibshim.modules.ws.protocol import encode_message

    return encode_message(data, kind, masked, compress)


@op()
def reader(rt: Runtime, max_size: int) -> int:
    """A reader of one message; it wants 2 bytes first."""
    from fibshim.modules.ws.protocol import MessageReader

    return rt.hold(MessageReader(int(max_size)))


@op()
def feed(rt: Runtime, number: int, data: bytes) -> int:
    """Give a reader bytes, none at the end of the stream; returns how many it wants now."""
    from fibshim.modules.ws.protocol import MessageError

    item = rt.handles[number]
    try:
        if data:
            item.feed(data)
        else:
            item.eof()
    except MessageError as error:
        raise FibError(error.number, error.message) from None
    return item.need  # type: ignore[no-any-return]


@op()
def drop(rt: Runtime, number: int) -> None:
    """A reader is of no use any more."""
    rt.drop(number)


@op()
def read_kind(rt: Runtime, number: int) -> list[Any]:
    """Type, whether it was masked, whether it was compressed, of the message that was read."""
    kind, _, masked, compressed = rt.handles[number].result
    return [kind, masked, compressed]


@op()
def read_data(rt: Runtime, number: int) -> Any:
    """The payload of the message that was read."""
    return rt.handles[number].result[1]
