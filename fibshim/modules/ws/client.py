"""The client's side of a WebSocket until it is open: address, connection, handshake, redirects (spec/ws.md §3.3).

Whatever goes wrong on the way becomes the events of a handshake failure; nothing is thrown.
"""

from __future__ import annotations

import asyncio
import re
import socket
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.modules.net.listener import keep_alive
from fibshim.modules.ws.connection import Connection
from fibshim.modules.ws.handshake import (
    client_handshake,
    client_headers,
    client_offer,
    new_key,
)

if TYPE_CHECKING:
    import ssl

    from fibshim.core.runtime import Runtime
    from fibshim.modules.ws.connection import Shared

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
        self.eof = False

    def connection_made(self, transport: Any) -> None:
        """Called by the loop: connected."""
        self.transport = transport
        sock = transport.get_extra_info("socket")
        if sock is not None:
            keep_alive(sock)

    def data_received(self, data: bytes) -> None:
        """Called by the loop: a piece of the answer."""
        self.data += data
        if b"\r\n\r\n" in self.data:
            self._over()
        elif len(self.data) > HEAD:
            self._failed()

    def eof_received(self) -> bool:
        """Called by the loop: the peer sends no more."""
        self.eof = True
        if not self.head.done():
            self._failed()
            return False
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
                self.head = asyncio.get_running_loop().create_future()
                self.transport.resume_reading()


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

    :param options: `deflate`, `offer` (parameters of `client_offer` or None), `origin`, `protocol`, `headers` (pairs), `maxPayload`, `limit`, `userAgent`, `encoding`,
        `redirect`, `timeout` (milliseconds), `verify`.
    """

    def __init__(self, shared: Shared, index: int, url: str, options: dict[str, Any]) -> None:
        self._shared = shared
        self._sched = shared.sched
        self._index = index
        self._url = url
        self._options = options
        self._offer = client_offer(*(options["offer"] or ())) if options["deflate"] else ""
        self._ref = True
        self._sched.refs += 1
        self._sched.operations += 1
        self.number = shared.rt.hold(self)
        self._task = self._sched.loop.create_task(self._open())

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

    async def _open(self) -> None:
        try:
            timeout = self._options["timeout"]
            if timeout > 0:
                await asyncio.wait_for(self._attempt(), timeout / 1000)
            else:
                await self._attempt()
        except Failed as failure:
            self._fail(failure.reason)
        except (OSError, asyncio.TimeoutError, UnicodeError, ValueError):
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

    async def _attempt(self) -> None:
        """Connect and shake hands, following redirects."""
        url = self._url
        seen = set()
        while True:
            if url in seen:
                raise Failed  # redirect cycle
            seen.add(url)
            address = Address(url)
            answer = await self._connect(address)
            try:
                key = new_key()
                answer.transport.write(self._request(address, key))
                status, headers = await answer.read()
                if status in (301, 302) and self._options["redirect"]:
                    url = _location(url, headers)
                    answer.transport.abort()
                    continue
                self._opened(answer, status, headers, key)
                return
            except BaseException:
                answer.transport.abort()
                raise

    async def _connect(self, address: Address) -> Answer:
        loop = self._sched.loop
        context = self._context() if address.secure else None
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        port = await mapped_port(self._shared.rt, address.host, address.port)
        _, protocol = await loop.create_connection(
            Answer,
            address.host,
            port,
            ssl=context,
            server_hostname=address.host if context else None,
            family=family,
        )
        return protocol

    def _context(self) -> ssl.SSLContext:
        state = self._shared.rt.state
        verify = self._options["verify"]
        name = f"ws.tls{int(verify)}"
        found: ssl.SSLContext | None = state.get(name)
        if found is None:
            import ssl

            found = ssl.create_default_context()
            if not verify:
                found.check_hostname = False
                found.verify_mode = ssl.CERT_NONE
            state[name] = found
        return found

    def _request(self, address: Address, key: str) -> bytes:
        options = self._options
        extra = [(name, value) for name, value in options["headers"]]
        names = {name.lower() for name, _ in extra}
        lines = [f"GET {address.target} HTTP/1.1"]
        if options["encoding"]:
            lines.append("Accept-Encoding: gzip,deflate")
        headers = client_headers(key, self._offer, options["origin"], options["protocol"], extra)
        for name, value in headers:
            if _BREAKS.search(name) or _BREAKS.search(value):
                raise Failed
            lines.append(f"{name}: {value}")
        if "user-agent" not in names and options["userAgent"]:
            lines.append(f"User-Agent: {options['userAgent']}")
        if "host" not in names:
            lines.append(f"Host: {address.name}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")

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
        self._sched.add((self._shared.entries["ws.open"], self._index))
        connection.attach(answer.transport, bytes(answer.data), answer.eof, self._ref)
        connection.start(self._index)

    # -- for others ------------------------------------------------------------------------------

    def transport_info(self, name: str) -> Any:
        """There is no transport yet."""
        return None

    def detach(self) -> tuple[Any, bytes]:
        """A WebSocket cannot be read as a stream."""
        raise FibError(100009)


def _location(url: str, headers: list[tuple[str, str]]) -> str:
    """Where a redirect leads, with the scheme of a WebSocket."""
    from urllib.parse import urljoin

    for name, value in headers:
        if name.lower() == "location":
            scheme = url.partition(":")[0]
            http = {"ws": "http", "wss": "https"}[scheme] + url[len(scheme) :]
            target = urljoin(http, value)
            for plain, made in (("http:", "ws:"), ("https:", "wss:")):
                if target.startswith(plain):
                    return made + target[len(plain) :]
            return target
    raise Failed


async def mapped_port(rt: Runtime, host: str, port: int) -> int:
    """The port to connect to: `--map-port` holds for addresses of this host."""
    if port not in rt.map_ports:
        return port
    found = await rt.sched.loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for family, _, _, _, name in found:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((name[0], 0))
            except OSError:
                continue
            return rt.map_ports[port]
    return port
