"""The WebSocket opening handshake, free of I/O (RFC 6455 section 4, RFC 7692 section 5 and 7).

Rules

1. A request or response comes in as plain values: method, version, status, and the header lines as
   (name, value) pairs in their order.  Lines with the same name are one list, joined by commas
   (RFC 7230, 3.2.2), so a second `Sec-WebSocket-Key` or `Sec-WebSocket-Version` makes the value
   invalid instead of being overlooked.
2. Checks run in the order of the chapter "ws" (2.2, 3.4), with its texts, the RFC's further checks
   (5.1, 5.2) where they do not change the outcome of an earlier one.  A failure is a str: the text.
3. A server never fails for what it need not accept: an offer of an extension that is unknown, broken
   or beyond zlib is declined and the next one tried.  A client fails for everything it did not ask
   for.

Theory of operation

`server_handshake` maps a request to `Accepted` (what goes into the 101, and the parameters for
`Protocol`), `client_headers` and `client_handshake` do the same for the other side.  Extensions are
parsed by a small scanner over the grammar of RFC 6455, 9.1; the values that browsers and fibjs send
do not reach it.
"""

from __future__ import annotations

from binascii import b2a_base64
from os import urandom

from .protocol import Deflate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Headers = Iterable[tuple[str, str]]

__all__ = [
    "Accepted",
    "accept_key",
    "client_handshake",
    "client_headers",
    "client_offer",
    "new_key",
    "refusal_headers",
    "server_handshake",
]

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_WINDOW_BITS = frozenset(map(str, range(8, 16)))
_BLANK = " \t"

_MISSING_VERSION = "WebSocketHandler: missing Sec-WebSocket-Version header."
_INVALID_VERSION = "WebSocketHandler: invalid Sec-WebSocket-Version header."
_BAD_EXTENSIONS = "invalid Sec-WebSocket-Extensions header."


def new_key() -> str:
    """A fresh Sec-WebSocket-Key: base64 of 16 random bytes (RFC 6455, 4.1)."""
    return b2a_base64(urandom(16), newline=False).decode()


def accept_key(key: str) -> str:
    """The Sec-WebSocket-Accept that belongs to a key (RFC 6455, 4.2.2, step 5.4)."""
    from hashlib import sha1  # not needed to import this module, nor for a refusal

    digest = sha1(key.encode("latin-1") + _GUID, usedforsecurity=False).digest()
    return b2a_base64(digest, newline=False).decode()


# --- header values --------------------------------------------------------------------------------


def _values(headers: Headers, names: Sequence[str]) -> dict[str, str]:
    """The values of the named headers (lower case), lines of one name joined, blanks stripped."""
    found: dict[str, str] = {}
    for name, value in headers:
        name = name.lower()
        if name in names:
            value = value.strip(_BLANK)
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _tokens(value: str) -> list[str]:
    return [t for part in value.split(",") if (t := part.strip(_BLANK))]


def _has_token(value: str, token: str) -> bool:
    return any(t.lower() == token for t in _tokens(value))


# --- Sec-WebSocket-Extensions -----------------------------------------------------------------------

# RFC 7230, 3.2.6
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789" + _BASE64[:52])

if TYPE_CHECKING:
    Param = tuple[str, str | None]
    # Name and parameters in lower case (values as they are); None for what does not parse.
    Extension = tuple[str, list[Param]] | None


def _split(value: str, separator: str) -> list[str]:
    """Split at a character, not inside quoted strings."""
    if '"' not in value:
        return value.split(separator)
    parts = []
    start = 0
    quoted = escaped = False
    for i, c in enumerate(value):
        if escaped:
            escaped = False
        elif quoted and c == "\\":
            escaped = True
        elif c == '"':
            quoted = not quoted
        elif c == separator and not quoted:
            parts.append(value[start:i])
            start = i + 1
    parts.append(value[start:])
    return parts


def _unquote(value: str) -> str | None:
    """The content of a parameter value, None unless it is a token (RFC 6455, 9.1)."""
    if value[:1] == '"':
        if len(value) < 2 or value[-1] != '"':
            return None
        inner = []
        escaped = False
        for c in value[1:-1]:
            if c == "\\" and not escaped:
                escaped = True
            elif c == '"' and not escaped:
                return None
            else:
                escaped = False
                inner.append(c)
        if escaped:
            return None
        value = "".join(inner)
    return value if value and _TOKEN.issuperset(value) else None


def _parse_extension(text: str) -> Extension:
    name, *rest = (part.strip(_BLANK) for part in _split(text, ";"))
    if not name or not _TOKEN.issuperset(name):
        return None
    params: list[Param] = []
    for part in rest:
        key, equals, raw = part.partition("=")
        key = key.rstrip(_BLANK)
        value = _unquote(raw.lstrip(_BLANK)) if equals else None
        if not key or not _TOKEN.issuperset(key) or (equals and value is None):
            return None
        params.append((key.lower(), value))
    return name.lower(), params


def _parse_extensions(value: str) -> list[Extension]:
    """The elements of the list, in order; empty ones are allowed and left out (RFC 7230, 7)."""
    return [_parse_extension(p) for part in _split(value, ",") if (p := part.strip(_BLANK))]


def _negotiate(value: str) -> tuple[str | None, Deflate | None]:
    """Server: the answer to a list of offers and its meaning (RFC 7692, 7.1; chapter, 5.5)."""
    for offer in _parse_extensions(value):
        if offer is None or offer[0] != "permessage-deflate":
            continue
        answer = "permessage-deflate"
        bits = 15
        reset = False
        seen = set()
        for name, param in offer[1]:
            if name in seen:
                break
            seen.add(name)
            if name == "server_no_context_takeover" and param is None:
                reset = True
                answer += "; server_no_context_takeover"
            elif name == "server_max_window_bits" and param in _WINDOW_BITS and param != "8":
                # zlib makes no raw deflate with a window of 2**8 (it silently takes 2**9).
                bits = int(param)
                answer += f"; server_max_window_bits={bits}"
            elif not (
                # Hints: the decompressor has its full window and keeps it, whatever they say.
                (name == "client_no_context_takeover" and param is None)
                or (name == "client_max_window_bits" and (param is None or param in _WINDOW_BITS))
            ):
                break
        else:
            return answer, Deflate(bits, reset)
    return None, None


# --- server ---------------------------------------------------------------------------------------


class Accepted:
    """A handshake that a server accepts.

    accept: value of Sec-WebSocket-Accept.
    extensions: value of Sec-WebSocket-Extensions, None to leave the header out.
    deflate: the parameters for Protocol, None without compression.
    """

    __slots__ = ("accept", "deflate", "extensions")

    def __init__(self, accept: str, extensions: str | None, deflate: Deflate | None) -> None:
        self.accept = accept
        self.extensions = extensions
        self.deflate = deflate

    def headers(self) -> list[tuple[str, str]]:
        """What the handshake adds to the 101 response (chapter, 2.3)."""
        lines = [
            ("Sec-WebSocket-Accept", self.accept),
            ("Upgrade", "websocket"),
            ("Connection", "upgrade"),
        ]
        if self.extensions is not None:
            lines.append(("Sec-WebSocket-Extensions", self.extensions))
        return lines


_SERVER_NAMES = (
    "upgrade",
    "connection",
    "sec-websocket-version",
    "sec-websocket-key",
    "sec-websocket-extensions",
)


def server_handshake(
    method: str, version: tuple[int, int], headers: Headers, per_message_deflate: bool = True
) -> Accepted | str:
    """Check a client's request (chapter, 2.2 and 5.1; RFC 6455, 4.2.1).

    method: as received, case-sensitive.  version: of HTTP, (1, 1).  headers: the request's lines.
    per_message_deflate: accept compression if offered.

    Returns Accepted, or the error's text; then see refusal_headers.
    """
    found = _values(headers, _SERVER_NAMES)
    get = found.get
    value = get("upgrade")
    if value is None:
        return "WebSocketHandler: missing Upgrade header."
    if not _has_token(value, "websocket"):
        return "WebSocketHandler: invalid Upgrade header."
    value = get("sec-websocket-version")
    if value is None:
        return _MISSING_VERSION
    if value != "13":
        return _INVALID_VERSION
    if not _has_token(get("connection", ""), "upgrade"):
        return "WebSocketHandler: invalid connection header."
    key = get("sec-websocket-key")
    if key is None:
        return "WebSocketHandler: missing Sec-WebSocket-Key header."
    # 16 bytes: 22 characters and two of padding.  The spare bits of the last one may be set, as in
    # the RFC's own example (4.1).
    if len(key) != 24 or key[22:] != "==" or key[:22].strip(_BASE64):
        return "WebSocketHandler: invalid Sec-WebSocket-Key header."
    if method != "GET":
        return "WebSocketHandler: invalid request method."
    if version < (1, 1):
        return "WebSocketHandler: invalid HTTP version."
    extensions = deflate = None
    value = get("sec-websocket-extensions")
    if value and per_message_deflate:
        extensions, deflate = _negotiate(value)
    return Accepted(accept_key(key), extensions, deflate)


def refusal_headers(error: str) -> list[tuple[str, str]]:
    """What to add to the error response (RFC 6455, 4.2.2): the version we speak, if that failed."""
    if error in (_MISSING_VERSION, _INVALID_VERSION):
        return [("Sec-WebSocket-Version", "13")]
    return []


# --- client ---------------------------------------------------------------------------------------


OFFER = "permessage-deflate"


def client_offer(
    server_no_context_takeover: bool = False,
    client_no_context_takeover: bool = False,
    server_max_window_bits: int = 0,
    client_max_window_bits: int = 0,
) -> str:
    """An offer of permessage-deflate with parameters (RFC 7692, 7.1), to be given for `offer` below.

    server_max_window_bits: 8 to 15; others: left out.
    client_max_window_bits: 8 to 15; -1: any that the server likes; others: left out.
    """
    offer = OFFER
    if server_no_context_takeover:
        offer += "; server_no_context_takeover"
    if client_no_context_takeover:
        offer += "; client_no_context_takeover"
    if 8 <= server_max_window_bits <= 15:
        offer += f"; server_max_window_bits={server_max_window_bits}"
    if client_max_window_bits == -1:
        offer += "; client_max_window_bits"
    elif 8 <= client_max_window_bits <= 15:
        offer += f"; client_max_window_bits={client_max_window_bits}"
    return offer


def client_headers(
    key: str,
    offer: str = OFFER,
    origin: str = "",
    protocol: str = "",
    extra: Headers = (),
) -> list[tuple[str, str]]:
    """The header lines of a client's request (chapter, 3.1 and 3.3), `Host` and the like excepted.

    key: from new_key().  offer: of compression.  offer, origin, protocol: "" to leave the header out.
    extra: the user's headers; those that the handshake sets itself are dropped, whatever their
        spelling (RFC 6455 allows none of them twice), a sub-protocol among them wins over `protocol`.
    """
    lines = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
    ]
    if offer:
        lines.append(("Sec-WebSocket-Extensions", offer))
    if origin:
        lines.append(("Origin", origin))
    lines.append(("Sec-WebSocket-Key", key))
    ours = {name.lower() for name, _ in lines}
    kept = [(name, value) for name, value in extra if name.lower() not in ours]
    if protocol and all(name.lower() != "sec-websocket-protocol" for name, _ in kept):
        lines.append(("Sec-WebSocket-Protocol", protocol))
    return kept + lines


_CLIENT_NAMES = (
    "upgrade",
    "connection",
    "sec-websocket-accept",
    "sec-websocket-extensions",
    "sec-websocket-protocol",
)


def client_handshake(
    status: int,
    headers: Headers,
    key: str,
    offer: str = OFFER,
    protocols: str = "",
) -> Deflate | str | None:
    """Check a server's response (chapter, 3.4 and 5.2; RFC 6455, 4.1).

    key, offer: as given to client_headers.
    protocols: the Sec-WebSocket-Protocol that was sent, "" if none was.

    Returns the parameters for Protocol, None without compression, or the `reason` (a str) of the
    script's `error` event.
    """
    if status != 101:
        return "server error."
    found = _values(headers, _CLIENT_NAMES)
    get = found.get
    value = get("upgrade")
    if value is None:
        return "missing Upgrade header."
    if value.lower() != "websocket":
        return "invalid Upgrade header."
    if not _has_token(get("connection", ""), "upgrade"):
        return "invalid connection header."
    value = get("sec-websocket-accept")
    if value is None:
        return "missing Sec-WebSocket-Accept header."
    if value != accept_key(key):
        return "invalid Sec-WebSocket-Accept header."
    deflate = None
    value = get("sec-websocket-extensions")
    if value:
        deflate = _agreed(value, offer) if offer else None
        if deflate is None:
            return _BAD_EXTENSIONS
    value = get("sec-websocket-protocol")
    if value is not None and value not in _tokens(protocols):
        return "invalid Sec-WebSocket-Protocol header."
    return deflate


def _agreed(value: str, offer: str) -> Deflate | None:
    """Client: what the answer to an offer means (RFC 7692, 7.1), None if not acceptable."""
    answers = _parse_extensions(value)
    if len(answers) != 1 or answers[0] is None or answers[0][0] != "permessage-deflate":
        return None
    params = dict(answers[0][1])
    if len(params) != len(answers[0][1]):
        return None
    bits = 15
    for name, param in params.items():
        if name in ("server_no_context_takeover", "client_no_context_takeover"):
            if param is not None:
                return None
        elif param not in _WINDOW_BITS:
            return None
        elif name == "client_max_window_bits" and name in offer:
            bits = int(param)
        # client_max_window_bits may only answer an offer that has it (RFC 7692, 7.1.2.2).
        elif name != "server_max_window_bits":
            return None
    # What this side has said it would do anyway need not be in the answer (7.1.1.2, 7.1.2.2).
    reset = "client_no_context_takeover"
    return Deflate(bits, reset in params or reset in offer, "server_no_context_takeover" in params)
