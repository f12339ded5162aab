"""The opening handshake: every check in its order, negotiation, and what clients must refuse."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fibshim.modules.ws.handshake import (
    OFFER,
    Accepted,
    accept_key,
    client_handshake,
    client_headers,
    client_offer,
    new_key,
    refusal_headers,
    server_handshake,
)
from fibshim.modules.ws.protocol import BINARY, Deflate, Protocol

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

GOOD = [
    ("Host", "server.example.com"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", KEY),
    ("Sec-WebSocket-Version", "13"),
]

ACCEPTED = [
    ("Sec-WebSocket-Accept", ACCEPT),
    ("Upgrade", "websocket"),
    ("Connection", "upgrade"),
]

UPGRADE = "WebSocketHandler: invalid Upgrade header."
CONNECTION = "WebSocketHandler: invalid connection header."
VERSION = "WebSocketHandler: invalid Sec-WebSocket-Version header."
BAD_KEY = "WebSocketHandler: invalid Sec-WebSocket-Key header."


def request(*changes: tuple[str, str | None], more: list[tuple[str, str]] | None = None) -> Any:
    """The good request with headers replaced (None: removed) and others added behind."""
    headers = list(GOOD)
    for name, value in changes:
        headers = [(n, v) for n, v in headers if n != name]
        if value is not None:
            headers.append((name, value))
    return headers + (more or [])


def serve(headers: Any, method: str = "GET", version: tuple[int, int] = (1, 1)) -> Accepted | str:
    return server_handshake(method, version, headers)


def test_example_of_rfc_6455() -> None:
    """Section 1.3."""
    assert accept_key(KEY) == ACCEPT
    result = serve(GOOD)
    assert isinstance(result, Accepted)
    assert (result.accept, result.extensions, result.deflate) == (ACCEPT, None, None)
    assert result.headers() == ACCEPTED


# The chapter's table (2.2), each row with everything behind it wrong as well.
CHECKS: list[tuple[str, str | None, str]] = [
    ("Upgrade", None, "WebSocketHandler: missing Upgrade header."),
    ("Upgrade", "h2c", UPGRADE),
    ("Sec-WebSocket-Version", None, "WebSocketHandler: missing Sec-WebSocket-Version header."),
    ("Sec-WebSocket-Version", "8", VERSION),
    ("Connection", "keep-alive", CONNECTION),
    ("Sec-WebSocket-Key", None, "WebSocketHandler: missing Sec-WebSocket-Key header."),
    ("Sec-WebSocket-Key", "short", BAD_KEY),
]


@pytest.mark.parametrize("row", range(len(CHECKS)))
def test_checks_in_their_order(row: int) -> None:
    for behind in range(row, len(CHECKS)):
        changes = [(n, v) for n, v, _ in CHECKS[row : behind + 1][::-1]]
        assert serve(request(*changes), "POST", (1, 0)) == CHECKS[row][2]


def test_method_and_version() -> None:
    assert serve(GOOD, "POST") == "WebSocketHandler: invalid request method."
    assert serve(GOOD, "get") == "WebSocketHandler: invalid request method."
    assert serve(GOOD, version=(1, 0)) == "WebSocketHandler: invalid HTTP version."
    assert isinstance(serve(GOOD, version=(2, 0)), Accepted)


def test_version_header_in_the_refusal() -> None:
    for value in (None, "", "12", "013", "13, 8"):
        error = serve(request(("Sec-WebSocket-Version", value)))
        assert isinstance(error, str)
        assert refusal_headers(error) == [("Sec-WebSocket-Version", "13")]
    error = serve(request(("Upgrade", None)))
    assert isinstance(error, str) and refusal_headers(error) == []


@pytest.mark.parametrize(
    "headers",
    [
        request(("Upgrade", "WebSocket")),
        request(("Upgrade", "\t websocket ")),
        request(("Upgrade", "h2c, WEBSOCKET")),
        request(("Upgrade", "h2c"), more=[("upgrade", "websocket")]),
        request(("Connection", "keep-alive, Upgrade")),
        request(("Connection", "keep-alive"), more=[("CONNECTION", "upgrade")]),
        request(("Connection", ",upgrade,,")),
        request(("Connection", None), more=[("connection", "UPGRADE")]),
        # spare bits set, the RFC's own example (4.1)
        request(("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEC==")),
        [(n.upper(), f" {v}\t") for n, v in GOOD],
    ],
)
def test_accepted(headers: Any) -> None:
    assert isinstance(serve(headers), Accepted)


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        (request(("Upgrade", "websocket/13")), UPGRADE),
        (request(("Upgrade", "")), UPGRADE),
        (request(("Connection", None)), CONNECTION),
        # contains "upgrade" as a part only
        (request(("Connection", "no-upgrade")), CONNECTION),
        # a second line that a careless front end might read instead of the first
        (request(more=[("Sec-WebSocket-Version", "8")]), VERSION),
        (request(more=[("Sec-WebSocket-Key", KEY)]), BAD_KEY),
        (request(("Sec-WebSocket-Key", "")), BAD_KEY),
        (request(("Sec-WebSocket-Key", KEY[:-1])), BAD_KEY),
        (request(("Sec-WebSocket-Key", "AAAA" * 6)), BAD_KEY),
        (request(("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ===")), BAD_KEY),
        (request(("Sec-WebSocket-Key", "dGhlIHNhbXB.ZSBub25jZQ==")), BAD_KEY),
        # a header cannot smuggle a line into the answer: the key is not echoed, and not accepted
        (request(("Sec-WebSocket-Key", "dGhlIHNhbXB\r\nSBub25jZQ==")), BAD_KEY),
        (request(("Sec-WebSocket-Key", "dGhlIHNhbXB\u0100ZSBub25jZQ==")), BAD_KEY),
    ],
)
def test_refused(headers: Any, error: str) -> None:
    assert serve(headers) == error


@given(st.binary(min_size=16, max_size=16))
def test_every_key_is_accepted(key: bytes) -> None:
    text = base64.b64encode(key).decode()
    assert isinstance(serve(request(("Sec-WebSocket-Key", text))), Accepted)


# --- offers ------------------------------------------------------------------------------------------

PMD = "permessage-deflate"
RESET = "; server_no_context_takeover"

OFFERS: list[tuple[str, str | None, Deflate | None]] = [
    # what fibjs, Firefox and Chrome send; scripts compare the answer
    (PMD, PMD, Deflate()),
    (PMD + "; client_max_window_bits", PMD, Deflate()),
    ("Permessage-Deflate;CLIENT_max_window_bits=10", PMD, Deflate()),
    (PMD + "; client_max_window_bits=8", PMD, Deflate()),
    (PMD + '; client_max_window_bits="15"', PMD, Deflate()),
    (PMD + "; client_no_context_takeover", PMD, Deflate()),
    (PMD + RESET, PMD + RESET, Deflate(15, True)),
    (PMD + " ;\tServer_No_Context_Takeover ", PMD + RESET, Deflate(15, True)),
    *[
        (
            f"{PMD}; server_max_window_bits={n}",
            f"{PMD}; server_max_window_bits={n}",
            Deflate(n),
        )
        for n in range(9, 16)
    ],
    (
        PMD + "; server_max_window_bits = 9; server_no_context_takeover; client_max_window_bits",
        PMD + "; server_max_window_bits=9" + RESET,
        Deflate(9, True),
    ),
    (PMD + '; server_max_window_bits="1\\0"', PMD + "; server_max_window_bits=10", Deflate(10)),
    # zlib cannot do 8
    (PMD + "; server_max_window_bits=8", None, None),
    (PMD + "; server_max_window_bits=8, " + PMD, PMD, Deflate()),
    # invalid values
    (PMD + "; server_max_window_bits", None, None),
    (PMD + "; server_max_window_bits=", None, None),
    (PMD + "; server_max_window_bits=7", None, None),
    (PMD + "; server_max_window_bits=16", None, None),
    (PMD + "; server_max_window_bits=09", None, None),
    (PMD + "; server_max_window_bits=+9", None, None),
    (PMD + "; server_max_window_bits=9.0", None, None),
    (PMD + "; server_max_window_bits=\u0669", None, None),
    (PMD + "; client_max_window_bits=7", None, None),
    (PMD + "; client_max_window_bits=", None, None),
    (PMD + "; server_no_context_takeover=1", None, None),
    (PMD + "; client_no_context_takeover=true", None, None),
    # unknown and duplicate parameters
    (PMD + "; foo", None, None),
    (PMD + RESET + RESET, None, None),
    (PMD + "; client_max_window_bits; Client_Max_Window_Bits=9", None, None),
    (PMD + "; foo, " + PMD + RESET, PMD + RESET, Deflate(15, True)),
    # other extensions, also first, also with commas and semicolons in quotes
    ("x-webkit-deflate-frame", None, None),
    ("x-webkit-deflate-frame, " + PMD, PMD, Deflate()),
    ('foo; bar="x\\"y", ' + PMD, PMD, Deflate()),
    ('foo; bar=", permessage-deflate"', None, None),
    ('foo; bar="a;b\\",c", permessage-deflate;', None, None),
    (PMD + "x", None, None),
    # the grammar's empty list elements
    (", ," + PMD + ",", PMD, Deflate()),
    # broken offers are declined, the next is tried
    (PMD + ";", None, None),
    (PMD + ";;client_max_window_bits", None, None),
    (PMD + "; =9", None, None),
    (PMD + '; server_max_window_bits="9', None, None),
    (PMD + '; server_max_window_bits="', None, None),
    (PMD + '; server_max_window_bits="9\\"', None, None),
    (PMD + '; server_max_window_bits="9""9"', None, None),
    (PMD + "; a b", None, None),
    ("permessage deflate, @, " + PMD, PMD, Deflate()),
    ("", None, None),
    (" , ", None, None),
]


@pytest.mark.parametrize(("offer", "answer", "deflate"), OFFERS)
def test_offers(offer: str, answer: str | None, deflate: Deflate | None) -> None:
    result = serve(request(more=[("Sec-WebSocket-Extensions", offer)]))
    assert isinstance(result, Accepted)
    assert (result.extensions, result.deflate) == (answer, deflate)
    assert (("Sec-WebSocket-Extensions", answer) in result.headers()) == (answer is not None)
    # the other side understands what we answer
    if answer is not None:
        reply = [("Sec-WebSocket-Extensions", answer), *REPLY]
        peer = client_handshake(101, reply, KEY)
        assert isinstance(peer, Deflate) and deflate is not None
        assert peer.reset_peer == deflate.reset_own
    # with compression off nothing is answered, whatever is offered
    headers = request(more=[("Sec-WebSocket-Extensions", offer)])
    result = server_handshake("GET", (1, 1), headers, per_message_deflate=False)
    assert isinstance(result, Accepted) and result.headers() == ACCEPTED


def test_offers_over_several_lines() -> None:
    result = serve(
        request(
            more=[
                ("Sec-WebSocket-Extensions", "foo"),
                ("sec-websocket-extensions", PMD + "; server_max_window_bits=8"),
                ("Sec-WebSocket-Extensions", PMD + "; server_max_window_bits=12, " + PMD),
            ]
        )
    )
    assert isinstance(result, Accepted)
    assert result.extensions == PMD + "; server_max_window_bits=12"


@given(st.text(alphabet=PMD + '; ,="\\89_\t', max_size=60))
def test_offers_never_fail_the_handshake(value: str) -> None:
    for prefix in ("", PMD, PMD + "; server_max_window_bits="):
        result = serve(request(more=[("Sec-WebSocket-Extensions", prefix + value)]))
        assert isinstance(result, Accepted)
        assert (result.extensions is None) == (result.deflate is None)


def test_agreed_window_is_kept_to() -> None:
    """From the offer to the bytes: a peer with a window of 512 bytes can read us."""
    offer = PMD + "; server_max_window_bits=9"
    result = serve(request(more=[("Sec-WebSocket-Extensions", offer)]))
    assert isinstance(result, Accepted)
    p = Protocol(True, deflate=result.deflate)
    data = bytes(i * i >> 5 & 255 for i in range(700)) * 5
    sent = p.encode_binary(data)
    assert isinstance(sent, bytes) and sent[0] == 0xC0 | BINARY
    z = sent[4:]
    assert zlib.decompressobj(-9).decompress(z + b"\0\0\xff\xff") == data


# --- client ------------------------------------------------------------------------------------------

REPLY = [
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Accept", ACCEPT),
]

# The chapter's table (3.4) in its order.
REASONS: list[tuple[str, str | None, str]] = [
    ("Upgrade", None, "missing Upgrade header."),
    ("Upgrade", "h2c", "invalid Upgrade header."),
    ("Connection", "close", "invalid connection header."),
    ("Sec-WebSocket-Accept", None, "missing Sec-WebSocket-Accept header."),
    ("Sec-WebSocket-Accept", "x" + ACCEPT[1:], "invalid Sec-WebSocket-Accept header."),
    ("Sec-WebSocket-Extensions", "foo", "invalid Sec-WebSocket-Extensions header."),
    ("Sec-WebSocket-Protocol", "foo", "invalid Sec-WebSocket-Protocol header."),
]


@pytest.mark.parametrize("row", range(len(REASONS)))
def test_response_checks_in_their_order(row: int) -> None:
    for behind in range(row, len(REASONS)):
        headers = list(REPLY)
        for name, value, _ in REASONS[row : behind + 1][::-1]:
            headers = [(n, v) for n, v in headers if n != name]
            if value is not None:
                headers.append((name, value))
        assert client_handshake(101, headers, KEY) == REASONS[row][2]
        assert client_handshake(404, headers, KEY) == "server error."


@pytest.mark.parametrize("status", [100, 200, 301, 404, 426, 500])
def test_status(status: int) -> None:
    assert client_handshake(status, REPLY, KEY) == "server error."


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (REPLY, None),
        ([(n.lower(), f"  {v} ") for n, v in REPLY], None),
        ([("Upgrade", "WebSocket"), ("Connection", "keep-alive, UPGRADE"), REPLY[2]], None),
        # compared exactly
        ([*REPLY[:2], ("Sec-WebSocket-Accept", ACCEPT.lower())], REASONS[4][2]),
        ([*REPLY[:2], ("Sec-WebSocket-Accept", "")], REASONS[4][2]),
        # two answers, one of them right
        ([*REPLY, ("Sec-WebSocket-Accept", "x")], REASONS[4][2]),
        (REPLY[:1] + REPLY[2:], "invalid connection header."),
        ([("Upgrade", "websocket, h2c"), *REPLY[1:]], "invalid Upgrade header."),
    ],
)
def test_responses(reply: Any, reason: str | None) -> None:
    assert client_handshake(101, reply, KEY) == reason


BAD = "invalid Sec-WebSocket-Extensions header."


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (PMD, Deflate()),
        ("PERMESSAGE-DEFLATE", Deflate()),
        (PMD + RESET, Deflate(15, False, True)),
        (PMD + "; client_no_context_takeover", Deflate(15, True, False)),
        (
            PMD + RESET + "; client_no_context_takeover; server_max_window_bits=8",
            Deflate(15, True, True),
        ),
        (PMD + '; server_max_window_bits="15"', Deflate()),
        ("", None),
        # not offered
        (PMD + "; client_max_window_bits=10", BAD),
        (PMD + "; client_max_window_bits", BAD),
        ("x-webkit-deflate-frame", BAD),
        (PMD + ", foo", BAD),
        (PMD + ", " + PMD, BAD),
        # not acceptable
        (PMD + "; server_max_window_bits", BAD),
        (PMD + "; server_max_window_bits=16", BAD),
        (PMD + "; server_max_window_bits=010", BAD),
        (PMD + RESET + "=1", BAD),
        (PMD + RESET + RESET, BAD),
        (PMD + "; foo=1", BAD),
        (PMD + ";", BAD),
        (PMD + '; foo="', BAD),
    ],
)
def test_answers(answer: str, result: Deflate | str | None) -> None:
    reply = [*REPLY, ("Sec-WebSocket-Extensions", answer)]
    assert client_handshake(101, reply, KEY) == result
    if answer:
        assert client_handshake(101, reply, KEY, offer="") == BAD
    # a second line is a second extension
    reply.append(("sec-websocket-extensions", PMD))
    assert client_handshake(101, reply, KEY) == (BAD if answer else Deflate())


@pytest.mark.parametrize(
    ("parameters", "offer"),
    [
        ((), PMD),
        (
            (True, True, 9, -1),
            PMD
            + RESET
            + "; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits",
        ),
        ((False, False, 7, 8), PMD + "; client_max_window_bits=8"),
        ((False, False, 16, 16), PMD),
    ],
)
def test_own_offers(parameters: tuple[Any, ...], offer: str) -> None:
    assert client_offer(*parameters) == offer


@pytest.mark.parametrize(
    ("offer", "answer", "result"),
    [
        (client_offer(client_max_window_bits=-1), "; client_max_window_bits=10", Deflate(10)),
        (client_offer(client_max_window_bits=-1), "; client_max_window_bits=8", Deflate(8)),
        (client_offer(client_max_window_bits=12), "; client_max_window_bits=12", Deflate(12)),
        (client_offer(client_max_window_bits=-1), "", Deflate()),
        (client_offer(client_max_window_bits=-1), "; client_max_window_bits", BAD),
        (client_offer(client_max_window_bits=-1), "; client_max_window_bits=7", BAD),
        (client_offer(client_no_context_takeover=True), "", Deflate(15, True)),
        (client_offer(server_no_context_takeover=True), RESET, Deflate(15, False, True)),
        (client_offer(server_max_window_bits=9), "; server_max_window_bits=9", Deflate()),
    ],
)
def test_answers_to_offers(offer: str, answer: str, result: Deflate | str) -> None:
    reply = [*REPLY, ("Sec-WebSocket-Extensions", PMD + answer)]
    assert client_handshake(101, reply, KEY, offer) == result


@pytest.mark.parametrize(
    ("sent", "answer", "ok"),
    [
        ("", None, True),
        ("chat", None, True),
        ("chat", "chat", True),
        ("chat, superchat", "superchat", True),
        ("chat, superchat", "chat, superchat", False),
        ("chat", "Chat", False),
        ("", "chat", False),
        ("chat", "", False),
    ],
)
def test_sub_protocols(sent: str, answer: str | None, ok: bool) -> None:
    reply = [*REPLY] if answer is None else [*REPLY, ("Sec-WebSocket-Protocol", answer)]
    expected = None if ok else "invalid Sec-WebSocket-Protocol header."
    assert client_handshake(101, reply, KEY, protocols=sent) == expected


def test_keys_are_fresh() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(len(base64.b64decode(key, validate=True)) == 16 for key in keys)


def test_request_headers() -> None:
    assert client_headers(KEY) == [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Extensions", PMD),
        ("Sec-WebSocket-Key", KEY),
    ]
    headers = client_headers(KEY, "", "http://example.com", "chat")
    assert ("Origin", "http://example.com") in headers
    assert ("Sec-WebSocket-Protocol", "chat") in headers
    assert all(name != "Sec-WebSocket-Extensions" for name, _ in headers)
    assert isinstance(serve(headers), Accepted)


def test_request_headers_of_the_user() -> None:
    extra = [
        ("X-Token", "1"),
        ("upgrade", "h2c"),
        ("SEC-WEBSOCKET-KEY", "x"),
        ("Sec-WebSocket-Extensions", "foo"),
        ("Origin", "http://a"),
        ("Sec-WebSocket-Protocol", "mine"),
    ]
    headers = client_headers(KEY, OFFER, "", "chat", extra)
    assert headers[:3] == [extra[0], extra[4], extra[5]]
    assert len({name.lower() for name, _ in headers}) == len(headers)
    assert ("Sec-WebSocket-Protocol", "chat") not in headers
    # the conditional ones are only replaced if we set them
    headers = client_headers(KEY, "", "http://b", "", extra)
    assert ("Sec-WebSocket-Extensions", "foo") in headers
    assert ("Origin", "http://a") not in headers and ("Origin", "http://b") in headers


@given(st.booleans(), st.sampled_from(["", "chat"]))
def test_both_sides_agree(deflate: bool, protocol: str) -> None:
    key = new_key()
    accepted = serve(client_headers(key, OFFER if deflate else "", protocol=protocol))
    assert isinstance(accepted, Accepted)
    result = client_handshake(101, accepted.headers(), key, OFFER if deflate else "", protocol)
    assert result == (Deflate() if deflate else None) == accepted.deflate
