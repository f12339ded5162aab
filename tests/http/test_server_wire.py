"""The HTTP server on the wire: raw bytes on sockets."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest
from harness import eventually
from http_app import App, app, get, read_all, request, status
from test_framing import BAD

__all__ = ["app"]

PLAIN = (
    b"HTTP/1.1 200 OK\r\n"
    b"Server: fibjs/0.31.0\r\n"
    b"Cache-Control: no-cache, no-store\r\n"
    b"Expires: -1\r\n"
    b"Connection: keep-alive\r\n"
    b"Content-Length: 5\r\n"
    b"\r\n"
    b"hello"
)
REFUSAL = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def test_the_default_answer(app: App) -> None:
    assert app.talk(get("/hello")) == PLAIN
    assert app.talk(b"GET /hello HTTP/1.1\r\n\r\n") == PLAIN  # no Host: accepted


def test_pipelining(app: App) -> None:
    many = b"".join(get(f"/echo?{i}") + request("POST", "/echo", body=b"%d" % i) for i in range(50))
    answer = app.talk(many)
    bodies = [part.split(b"\r\n\r\n", 1)[1] for part in answer.split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [b for i in range(50) for b in (b"nothing", b"%d" % i)]


def test_order_with_a_handler_that_waits(app: App) -> None:
    answer = app.talk(get("/sleep/50") + get("/hello") + get("/sleep/1"))
    assert (
        answer.index(b"slept 50")
        < answer.index(b"hello")
        < answer.index(b"slept 1\n" if False else b"slept 1")
    )
    assert answer.endswith(b"slept 1")


def test_byte_by_byte(app: App) -> None:
    text = (
        b"\r\n"
        + request("POST", "/echo", body=b"abc")
        + get("/hello")
        + (
            b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nab\r\n3\r\ncde\r\n0\r\nT: v\r\n\r\n"
        )
    )
    with app.connect() as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i in range(len(text)):
            sock.sendall(text[i : i + 1])
        sock.shutdown(socket.SHUT_WR)
        answer = read_all(sock)
    assert answer.endswith(b"Content-Length: 5\r\n\r\nabcde")
    assert answer.count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize("name", BAD)
def test_malformed_heads(app: App, name: str) -> None:
    """400, the connection is closed, what follows is not looked at."""
    assert app.talk(BAD[name] + get("/hello")) == REFUSAL


def test_a_request_behind_a_malformed_one_is_not_served(app: App) -> None:
    assert app.talk(get("/hello") + BAD["two lengths"] + get("/close")) == PLAIN + REFUSAL


def test_smuggled_requests_are_not_seen(app: App) -> None:
    # CL.TE: the length covers what looks like chunks and a second request
    inner = b"0\r\n\r\nGET /close HTTP/1.1\r\nX: "
    assert (
        app.talk(
            b"POST /size HTTP/1.1\r\nContent-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n"
            % len(inner)
            + inner
        )
        == REFUSAL
    )
    # a body that looks like a request
    answer = app.talk(request("POST", "/echo", body=get("/close")))
    assert answer.endswith(get("/close"))
    assert answer.count(b"HTTP/1.1 200") == 1


def test_malformed_chunks(app: App) -> None:
    head = b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    for body in (b"x\r\n", b"3 \r\nabc\r\n", b"3\nabc\r\n", b"3\r\nabcd\r\n0\r\n\r\n", b"3\r\nabc"):
        assert app.talk(head + body) == REFUSAL


def test_truncated_requests(app: App) -> None:
    assert app.talk(b"GET /hello HTTP/1.1\r\nHost:") == REFUSAL
    assert app.talk(b"POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc") == REFUSAL
    assert app.talk(b"") == b""
    assert app.talk(b"\r\n\r\n") == b""


def test_long_and_many_lines(app: App) -> None:
    assert app.talk(get("/hello", "A: " + "x" * 4093)) == PLAIN
    assert app.talk(get("/hello", "A: " + "x" * 4094)) == REFUSAL
    assert app.talk(get("/hello", *["A: b"] * 127)) == PLAIN
    assert app.talk(get("/hello", *["A: b"] * 128)) == REFUSAL  # 129 with Host
    assert app.talk(b"A" * 100_000) == REFUSAL


def test_a_head_that_never_ends_is_not_kept(app: App) -> None:
    before = app.memory()
    with app.connect() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n")
        try:
            for _ in range(2000):
                sock.sendall(b"A: " + b"x" * 4000 + b"\r\n")
        except OSError:
            pass
    assert app.memory() - before < 8 << 20
    assert app.is_well()


def test_a_body_over_the_limit_is_refused_at_once(tmp_path: Path) -> None:
    app = App(tmp_path, "svr.maxBodySize = 1;")
    try:
        with app.connect() as sock:
            sock.sendall(b"POST /size HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n")
            assert read_all(sock) == REFUSAL
        with app.connect() as sock:
            sock.sendall(b"POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
            try:
                for _ in range(3):
                    sock.sendall(b"80000\r\n" + b"x" * 0x80000 + b"\r\n")
            except OSError:
                pass
            assert read_all(sock) == REFUSAL
        answer = app.talk(request("POST", "/size", body=b"x" * (1 << 20)))
        assert answer.endswith(b"1048576")
        assert app.is_well()
    finally:
        app.close()


def test_the_limit_of_the_head_count_is_a_setting(tmp_path: Path) -> None:
    app = App(tmp_path, "svr.maxHeadersCount = 3;")
    try:
        assert app.talk(get("/hello", "A: 1", "B: 2")) == PLAIN
        assert app.talk(get("/hello", "A: 1", "B: 2", "C: 3")) == REFUSAL
    finally:
        app.close()


@pytest.mark.parametrize("kind", ["name", "value", "lf", "nul", "reason", "redirect", "cookie"])
def test_header_injection(app: App, kind: str) -> None:
    """Line breaks and NUL that a script puts into a header are not sent: 500 instead."""
    answer = app.talk(get(f"/inject/{kind}"))
    assert status(answer) == 500
    assert b"Evil" not in answer
    assert b"<script>" not in answer
    assert b"\0" not in answer


@pytest.mark.parametrize("code", [204, 304])
def test_answers_without_body(app: App, code: int) -> None:
    """A body would be taken for the next answer."""
    answer = app.talk(get(f"/status/{code}") + get("/hello"))
    first, rest = answer.split(b"\r\n\r\n", 1)
    assert status(first) == code
    assert b"Content-Length" not in first
    assert rest == PLAIN


def test_the_length_is_said_once(app: App) -> None:
    head, body = app.talk(get("/own/length")).split(b"\r\n\r\n", 1)
    assert head.count(b"Content-Length: 4") == head.count(b"Content-Length") == 1
    assert b"Transfer-Encoding" not in head
    assert head.count(b"Connection: ") == 1
    assert body == b"body"


def test_slow_heads(tmp_path: Path) -> None:
    app = App(tmp_path, head_time=0.5)
    try:
        with app.connect() as sock, app.connect() as other:
            start = time.monotonic()
            for byte in b"GET /hello HTTP/1.1\r\nHost: x\r\nX":
                try:
                    sock.sendall(bytes([byte]))
                except OSError:
                    break
                time.sleep(0.05)
            assert read_all(sock).startswith(REFUSAL)
            assert time.monotonic() - start < 5
            # an idle connection has no limit, and others are served
            other.sendall(get("/hello"))
            assert other.recv(1000) == PLAIN
        with app.connect() as sock:
            sock.sendall(b"POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")
            assert read_all(sock) == REFUSAL
        with app.connect() as sock:
            sock.sendall(get("/hello"))
            assert sock.recv(1000) == PLAIN
            time.sleep(1)
            sock.sendall(get("/hello"))
            assert sock.recv(1000) == PLAIN
    finally:
        app.close()


def test_a_client_that_does_not_read(app: App) -> None:
    """Answers are not made faster than they are read."""
    before = app.memory()
    with app.connect() as sock:
        sock.settimeout(2)
        sent = 0
        try:
            while sent < 2000:
                sock.sendall(get("/big/100000"))
                sent += 1
        except OSError:
            pass
        assert app.memory() - before < 30 << 20
        assert app.is_well()
        sock.settimeout(10)
        got = 0
        while got < 5_000_000:
            got += len(sock.recv(1 << 20))
    assert app.is_well()


def test_input_behind_a_request_waits(app: App) -> None:
    """More than a little is not even read."""
    with app.connect() as sock:
        sock.settimeout(1)
        sock.sendall(get("/sleep/1500"))
        sent = 0
        piece = get("/hello") * 1000
        try:
            for _ in range(1000):
                sent += sock.send(piece)
        except TimeoutError:
            pass
        assert sent < 20 << 20
        sock.settimeout(10)
        assert sock.recv(65536).startswith(b"HTTP/1.1 200 OK")
    assert app.is_well()


def test_persistence(app: App) -> None:
    assert app.talk(get("/line", "Connection: close")).count(b"Connection: close") == 1
    answer = app.talk(b"GET /line HTTP/1.0\r\n\r\n" + get("/hello"))
    assert answer.startswith(b"HTTP/1.0 200 OK")
    assert b"Connection: close" in answer
    assert answer.count(b"HTTP/1.") == 2  # one is in the body
    answer = app.talk(b"GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" * 2)
    assert answer.count(b"HTTP/1.0 200 OK") == 2
    with app.connect() as sock:
        sock.sendall(get("/close"))
        assert read_all(sock).endswith(b"bye")


def test_what_a_request_says(app: App) -> None:
    def body(data: bytes) -> object:
        return json.loads(app.talk(data).split(b"\r\n\r\n", 1)[1])

    assert body(get("/line?a=1?b")) == ["GET", "/line", "a=1?b", "HTTP/1.1", True, False]
    assert body(request("brew", "/line")) == ["brew", "/line", "", "HTTP/1.1", True, False]
    assert body(get("http://a.b/line")) == ["GET", "http://a.b/line", "", "HTTP/1.1", True, False]
    upgrade = get("/line", "Connection: keep-alive, Upgrade", "Upgrade: h2c")
    assert body(upgrade) == ["GET", "/line", "", "HTTP/1.1", True, True]
    assert body(get("/headers", "A:  b \t", "a: c", "X-Y: \u00fc")) == {
        "Host": "test",
        "A": ["b"][0],
        "a": "c",
        "X-Y": "\u00fc",
    }


def test_head(app: App) -> None:
    with app.connect() as sock:
        sock.sendall(request("HEAD", "/big/200"))
        answer = read_all(sock)
    assert answer.endswith(b"Connection: close\r\nContent-Length: 200\r\n\r\n")
    with app.connect() as sock:
        sock.sendall(request("head", "/hello"))
        assert read_all(sock).endswith(b"Content-Length: 5\r\n\r\n")


def test_expect_continue(app: App) -> None:
    with app.connect() as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"abc")
        assert sock.recv(1000).endswith(b"abc")
        # not needed if the body is there already
        sock.sendall(b"POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nxyz")
        assert sock.recv(1000).startswith(b"HTTP/1.1 200 OK")
    with app.connect() as sock:
        sock.sendall(
            b"POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 999999999999\r\n\r\n"
        )
        assert read_all(sock) == REFUSAL


def test_errors_of_handlers(app: App) -> None:
    answer = app.talk(get("/throw") + get("/unknown") + get("/hello"))
    assert answer.count(b"HTTP/1.1 500 Internal Server Error") == 2
    assert answer.endswith(b"hello")
    text = app.errors.read_text()
    assert "HttpHandler: " in text
    assert "Error: boom" in text
    assert "HttpHandler: Routing: unknown routing: /unknown" in text


def test_a_client_that_leaves(app: App) -> None:
    for _ in range(20):
        with app.connect() as sock:
            sock.sendall(get("/sleep/30") + get("/hello"))
        with app.connect() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            sock.sendall(get("/sleep/30") + get("/hello"))
    time.sleep(0.2)
    assert app.is_well()


def test_many_connections(app: App) -> None:
    socks = [app.connect() for _ in range(200)]
    for i, sock in enumerate(socks):
        sock.sendall(get(f"/sleep/{i % 7}"))
    for i, sock in enumerate(socks):
        assert sock.recv(1000).endswith(b"slept %d" % (i % 7))
        sock.close()


def test_large_answers(app: App) -> None:
    for size in (4096, 4097, 70_000, 3_000_000):
        answer = app.talk(get(f"/big/{size}"))
        assert answer.endswith(b"\r\n\r\n" + b"x" * size)


def test_large_bodies(app: App) -> None:
    data = bytes(range(256)) * 20_000
    assert app.talk(request("POST", "/echo", body=data)).endswith(b"\r\n\r\n" + data)


def test_a_handler_reads_and_writes_the_connection(app: App) -> None:
    with app.connect() as sock:
        sock.sendall(get("/raw") + b"one line\r\n")
        answer = read_all(sock)
    assert answer.startswith(b"raw one line\r\nHTTP/1.1 200 OK\r\n")


def test_stop(tmp_path: Path) -> None:
    """Open connections are served on; the process ends when the last one has nothing to do."""
    app = App(tmp_path)
    try:
        with app.connect() as sock:
            sock.sendall(get("/sleep/200"))
            assert app.talk(get("/stop")).endswith(b"stopping")
            assert sock.recv(1000).endswith(b"slept 200")
        assert eventually(lambda: app.process.poll() is not None)
        assert app.process.returncode == 0
        with pytest.raises(ConnectionRefusedError):
            app.connect()
    finally:
        app.close()
