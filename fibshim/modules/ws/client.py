"""The client's side of a WebSocket until it is open: address, connection, handshake, redirects (spec/ws.md §3.3).

Whatever goes wrong on the way becomes the events of a handshake failure; nothing is thrown.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, cast

from fibshim.core.errors import FibError
from fibshim.modules.net.connecting import connect as dial
from fibshim.modules.ws.connection import Connection
from fibshim.modules.ws.handshake import (
    client_handshake,
    client_headers,
    client_offer,
    new_key,
)

if TYPE_CHECKING:
    import ssl

    from fibshim.modules.ws.shared import Shared

HEAD = 1 << 16
"""Longest head of an answer, in bytes."""

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})(?: [^\r\n]*)?\Z")
_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*\Z")
_URL = re.compile(
    r"(?:[^/?#@]*@)?(\[[0-9A-Fa-f:.]+\]|[^/?#:\[\]@]+)(?::([0-9]{0,5}))?([/?#].*)?\Z", re.S
)
_UNSAFE = re.compile(r"[^!-~]|[\"<>\\^`{|}]")
# What may not stand in a header: it would become two.
_BREAKS = re.compile(r"[\r\n\0]")


class Failed(Exception):
    """The handshake has failed; `reason` of the script's event, or an empty text for none."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class Address:
    """Where a URL leads.

    :ivar name: host and port as the URL has them, for `Host`.
    :ivar target: path and query.
    :raises Failed: if the URL is malformed or has another scheme.
    """

    __slots__ = ("host", "name", "port", "secure", "target")

    def __init__(self, url: str) -> None:
        if url.startswith("ws://"):
            self.secure, rest = False, url[5:]
        elif url.startswith("wss://"):
            self.secure, rest = True, url[6:]
        else:
            raise Failed("unknown protocol")
        found = _URL.match(rest)
        if found is None:
            raise Failed
        host, port, target = found.groups()
        try:
            self.host = host.strip("[]") if host.isascii() else host.encode("idna").decode()
        except UnicodeError:
            raise Failed from None
        self.port = int(port) if port else (443 if self.secure else 80)
        if self.port > 65535 or _UNSAFE.search(self.host):
            raise Failed
        self.name = (host if host[0] == "[" else self.host) + (f":{port}" if port else "")
        target = (target or "").partition("#")[0]
        if not target.startswith("/"):
            target = "/" + target
        self.target = _UNSAFE.sub(_quoted, target)


def _quoted(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace"))


class Answer(asyncio.Protocol):
    """Collects the head of the server's answer."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.head: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.data = bytearray()

    def connection_made(self, transport: Any) -> None:
        """Called by the loop: connected."""
        self.transport = transport

    def begin(self) -> None:
        """Another answer is to come."""
        self.head = asyncio.get_running_loop().create_future()
        self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Called by the loop: a piece of the answer."""
        self.data += data
        if b"\r\n\r\n" in self.data:
            self._over()
        elif len(self.data) > HEAD:
            self._failed()

    def eof_received(self) -> bool:
        """Called by the loop: the peer sends no more."""
        if not self.head.done():
            self._failed()
            return False
        # Who goes on with the connection finds its end again.
        return bool(self.transport.can_write_eof())

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the loop: the transport is closed."""
        self._failed()

    def _over(self) -> None:
        # What comes now belongs to the WebSocket.
        self.transport.pause_reading()
        if not self.head.done():
            self.head.set_result(None)

    def _failed(self) -> None:
        if not self.head.done():
            self.head.set_exception(Failed())
            self.head.exception()  # there may be nobody to retrieve it

    async def read(self) -> tuple[int, list[tuple[str, str]]]:
        """Status and headers of the answer; `data` holds what stands behind it.

        :raises Failed: if it is malformed, or the connection ends before.
        """
        while True:
            await self.head
            end = self.data.index(b"\r\n\r\n")
            status, headers = parse_head(bytes(self.data[:end]))
            del self.data[: end + 4]
            if status >= 200 or status == 101:
                return status, headers
            # Interim answers (RFC 9110, 15.2) come before the real one.
            if b"\r\n\r\n" not in self.data:
                self.begin()


def parse_head(head: bytes) -> tuple[int, list[tuple[str, str]]]:
    """Status and header lines.

    :raises Failed: if it is malformed.
    """
    first, *lines = head.split(b"\r\n")
    found = _STATUS.match(first)
    if found is None:
        raise Failed
    headers = []
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            raise Failed
        headers.append((match[1].decode(), match[2].decode("latin-1")))
    return int(found[1]), headers


class Opening:
    """A client's socket until it is open; then a `Connection` takes its number.

    :param options: `deflate`, `offer` (parameters of `client_offer` or None), `origin`, `protocol`, `headers` (pairs),
        `maxPayload`, `limit`.
    :param settings: of the HTTP client: `userAgent`, `encoding`, `redirect`, `timeout` (milliseconds), `cookie`, `proxy`
        (host, port, TLS), `tls` (arguments of `http.secure.client_context`); None: the URL is no good.
    """

    def __init__(
        self,
        shared: Shared,
        index: int,
        url: str,
        options: dict[str, Any],
        settings: dict[str, Any] | None,
    ) -> None:
        self._shared = shared
        self._sched = shared.sched
        self._index = index
        self._options = options
        self._offer = client_offer(*(options["offer"] or ())) if options["deflate"] else ""
        self._next: asyncio.Future[tuple[str, dict[str, Any] | None]] | None = None
        self._ref = True
        self._sched.refs += 1
        self._sched.operations += 1
        self.number = shared.rt.hold(self)
        self._task = self._sched.loop.create_task(self._open(url, settings))

    def set_ref(self, ref: bool) -> None:
        """Whether this socket keeps the process alive."""
        if ref != self._ref:
            self._ref = ref
            self._sched.refs += 1 if ref else -1

    def start(self, index: int) -> None:
        """A client needs no listener to be read."""

    def close(self) -> None:
        """The runtime is closing."""
        if not self._sched.closing:
            self._task.cancel()

    def follow(self, url: str, settings: dict[str, Any] | None) -> None:
        """JavaScript has looked at a redirect: go on with this URL; empty: give up."""
        if self._next is not None and not self._next.done():
            self._next.set_result((url, settings))

    async def _open(self, url: str, settings: dict[str, Any] | None) -> None:
        try:
            while not await self._attempt(url, settings):
                self._next = self._sched.loop.create_future()
                url, settings = await self._next
                if not url:
                    raise Failed
        except Failed as failure:
            self._fail(failure.reason)
        except (OSError, FibError, UnicodeError, ValueError):
            self._fail("")
        except asyncio.CancelledError:
            if not self._sched.closing:
                self._fail("")
        finally:
            self._sched.operations -= 1

    def _fail(self, reason: str) -> None:
        self._shared.rt.handles.pop(self.number, None)
        entries = self._shared.entries
        self._sched.add((entries["ws.error"], self._index, 1002, reason))
        self._sched.add((entries["ws.close"], self._index, 1006, "Abnormal Closure"))
        self.set_ref(False)

    async def _attempt(self, url: str, settings: dict[str, Any] | None) -> bool:
        """Connect and shake hands; False if it was a redirect."""
        address = Address(url)
        if settings is None:
            raise Failed
        answer = await self._connect(address, settings)
        try:
            key = new_key()
            answer.transport.write(self._request(address, settings, key))
            status, headers = await self._answer(answer, settings)
            cookies = [v for n, v in headers if n.lower() == "set-cookie"]
            if cookies:
                self._job("ws.cookies", "\n".join(cookies))
            if status in (301, 302) and settings["redirect"]:
                self._job(
                    "ws.redirect", next((v for n, v in headers if n.lower() == "location"), "")
                )
                answer.transport.abort()
                return False
            self._opened(answer, status, headers, key)
            return True
        except BaseException:
            answer.transport.abort()
            raise

    def _job(self, name: str, *arguments: Any) -> None:
        self._sched.add((self._shared.entries[name], self._index, *arguments))

    async def _answer(
        self, answer: Answer, settings: dict[str, Any]
    ) -> tuple[int, list[tuple[str, str]]]:
        timeout = settings["timeout"]
        try:
            return await asyncio.wait_for(answer.read(), timeout / 1000 if timeout > 0 else None)
        except (TimeoutError, asyncio.TimeoutError):
            raise Failed from None

    async def _connect(self, address: Address, settings: dict[str, Any]) -> Answer:
        rt = self._shared.rt
        proxy = settings["proxy"]
        timeout = settings["timeout"]
        if proxy is None:
            context = self._context(settings["tls"]) if address.secure else None
            return await self._dial(address.host, address.port, timeout, context)
        host, port, secure = proxy
        answer = await self._dial(
            host, port, timeout, self._context(settings["tls"]) if secure else None
        )
        if not address.secure:
            return answer
        # A tunnel, and TLS inside of it.
        try:
            name = f"[{address.host}]" if ":" in address.host else address.host
            lines = [f"CONNECT {name}:{address.port} HTTP/1.1", f"Host: {name}:{address.port}"]
            if settings["userAgent"]:
                lines.append(f"User-Agent: {settings['userAgent']}")
            answer.transport.write(_head(lines))
            status, _ = await self._answer(answer, settings)
            if status != 200:
                raise Failed
            answer.begin()
            answer.transport = await rt.sched.loop.start_tls(
                answer.transport,
                answer,
                self._context(settings["tls"]),
                server_hostname=address.host,
            )
        except BaseException:
            answer.transport.abort()
            raise
        return answer

    async def _dial(
        self, host: str, port: int, timeout: int, context: ssl.SSLContext | None
    ) -> Answer:
        protocol = await dial(self._shared.rt, host, port, Answer, timeout=timeout, context=context)
        return cast(Answer, protocol)

    def _context(self, tls: list[Any]) -> ssl.SSLContext:
        # Loading the system's certificates takes long, so contexts are kept.
        contexts = self._shared.contexts
        key = tuple(tls)
        if key not in contexts:
            from fibshim.modules.http.secure import client_context

            contexts[key] = client_context(*tls)
        return cast("ssl.SSLContext", contexts[key])

    def _request(self, address: Address, settings: dict[str, Any], key: str) -> bytes:
        options = self._options
        extra = [(name, value) for name, value in options["headers"]]
        names = {name.lower() for name, _ in extra}
        target = address.target
        if settings["proxy"] is not None and not address.secure:
            target = f"http://{address.name}{target}"
        lines = [f"GET {target} HTTP/1.1"]
        if settings["encoding"]:
            lines.append("Accept-Encoding: gzip,deflate")
        if settings["cookie"]:
            lines.append(f"Cookie: {settings['cookie']}")
        for name, value in client_headers(
            key, self._offer, options["origin"], options["protocol"], extra
        ):
            lines.append(f"{name}: {value}")
        if settings["userAgent"] and "user-agent" not in names:
            lines.append(f"User-Agent: {settings['userAgent']}")
        if "host" not in names:
            lines.append(f"Host: {address.name}")
        return _head(lines)

    def _opened(
        self, answer: Answer, status: int, headers: list[tuple[str, str]], key: str
    ) -> None:
        options = self._options
        requested = options["protocol"]
        for name, value in options["headers"]:
            if name.lower() == "sec-websocket-protocol":
                requested = value
        result = client_handshake(status, headers, key, self._offer, requested)
        if isinstance(result, str):
            raise Failed(result)
        connection = Connection(
            self._shared,
            self.number,
            self._index,
            False,
            options["maxPayload"],
            options["limit"],
            result,
        )
        self._job("ws.open")
        connection.attach(answer.transport, bytes(answer.data), self._ref)
        connection.start(self._index)

    # -- for others ------------------------------------------------------------------------------

    def transport_info(self, name: str) -> Any:
        """There is no transport yet."""
        return None

    def detach(self) -> tuple[Any, bytes]:
        """A WebSocket cannot be read as a stream."""
        raise FibError(100009)


def _head(lines: list[str]) -> bytes:
    """The head of a request.

    :raises Failed: if a line would become two.
    """
    if any(_BREAKS.search(line) for line in lines):
        raise Failed
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")
