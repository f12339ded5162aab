"""`ws.Socket` as a client, against raw and foreign servers, and over TLS."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import Running
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from ws.peers import CLOSE, PING, PONG, TEXT, WATCH, Client, Listener, Server, answer, frame


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ws")


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as made:
        yield made


OPEN = "const sock = new ws.Socket(url);" + WATCH
SHOW = OPEN + "sock.onmessage = (e) => log('message', e.data, e.compress, e.masked);"
ECHO = (
    OPEN
    + "sock.onmessage = (e) => sock.send(e.data !== null ? e.data : e.type === ws.TEXT ? '' : new Buffer(0));"
)
FAILED = ["error 1002 undefined", "close 1006 Abnormal Closure"]


def lines(client: Client, *expected: str) -> None:
    for line in expected:
        assert client.line() == line


# -- the handshake -------------------------------------------------------------------------------------


def test_the_request(folder: Path, listener: Listener) -> None:
    with Client(folder, listener.url + "path?q=é ü#x", OPEN) as client, listener.accept() as peer:
        head = peer.head()
        start, *fields = head.rstrip().splitlines()
        assert start == "GET /path?q=%C3%A9%20%C3%BC HTTP/1.1"
        names = [field.partition(":")[0] for field in fields]
        assert sorted(names) == sorted(
            [
                "Accept-Encoding",
                "Upgrade",
                "Connection",
                "Sec-WebSocket-Version",
                "Sec-WebSocket-Extensions",
                "Sec-WebSocket-Key",
                "User-Agent",
                "Host",
            ]
        )
        assert f"Host: 127.0.0.1:{listener.port}" in fields
        peer.send(answer(head))
        lines(client, "open")


def test_keys_are_fresh(folder: Path, listener: Listener) -> None:
    keys = set()
    for _ in range(3):
        with Client(folder, listener.url, OPEN), listener.accept() as peer:
            keys.add(next(x for x in peer.head().splitlines() if x.startswith("Sec-WebSocket-Key")))
    assert len(keys) == 3


ANSWERS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no Upgrade": ({"Upgrade": None}, "", "missing Upgrade header."),
    "another Upgrade": ({"Upgrade": "x"}, "", "invalid Upgrade header."),
    "no Connection": ({"Connection": None}, "", "invalid connection header."),
    "another Connection": ({"Connection": "close"}, "", "invalid connection header."),
    "no Accept": ({"Sec_WebSocket_Accept": None}, "", "missing Sec-WebSocket-Accept header."),
    "another Accept": ({"Sec_WebSocket_Accept": "x"}, "", "invalid Sec-WebSocket-Accept header."),
    "an unknown extension": ({}, "Sec-WebSocket-Extensions: foo\r\n", "invalid Sec-WebSocket-Extensions header."),
    "a bad parameter": (
        {}, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=9\r\n", "invalid Sec-WebSocket-Extensions header."
    ),
    "an unasked protocol": ({}, "Sec-WebSocket-Protocol: chat\r\n", "invalid Sec-WebSocket-Protocol header."),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_that_fail(folder: Path, listener: Listener, name: str) -> None:
    changes, headers, reason = ANSWERS[name]
    with Client(folder, listener.url, OPEN) as client, listener.accept() as peer:
        peer.send(answer(peer.head(), headers, **changes))
        lines(client, f"error 1002 {reason}", "close 1006 Abnormal Closure")
        peer.ends()  # without a Close frame
        assert peer.data == b""
        assert client.end() == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 101 X\r\nbad line\r\n\r\n",
        b"HTTP/1.1 101 X\r\n a: b\r\n\r\n",
        b"HTTP/2 101 X\r\n\r\n",
        b"HTTP/1.1 101 Switching",
        b"x" * 100000,
    ],
)
def test_answers_that_are_none(folder: Path, listener: Listener, data: bytes) -> None:
    with Client(folder, listener.url, OPEN) as client:
        peer = listener.accept()
        peer.head()
        with contextlib.suppress(OSError):
            peer.send(data)
        peer.sock.close()
        lines(client, *FAILED)
        assert client.end() == 0


def test_resets_in_the_handshake(folder: Path, listener: Listener) -> None:
    for read in (False, True):
        with Client(folder, listener.url, OPEN) as client:
            peer = listener.accept()
            if read:
                peer.head()
            peer.reset()
            lines(client, *FAILED)
            assert client.end() == 0


def test_other_statuses(folder: Path, listener: Listener) -> None:
    for status in ("200 OK", "404 Not Found", "500 x", "307 Temporary Redirect"):
        with Client(folder, listener.url, OPEN) as client, listener.accept() as peer:
            peer.head()
            peer.send(f"HTTP/1.1 {status}\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n".encode())
            lines(client, "error 1002 server error.", "close 1006 Abnormal Closure")


def test_interim_answers_come_first(folder: Path, listener: Listener) -> None:
    with Client(folder, listener.url, SHOW) as client, listener.accept() as peer:
        head = peer.head()
        peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
        time.sleep(0.05)
        peer.send(b"HTTP/1.1 100 Continue\r\n\r\n", answer(head), frame(TEXT, b"x", mask=None))
        lines(client, "open", "message x false false")


def test_a_slow_answer_byte_by_byte(folder: Path, listener: Listener) -> None:
    with Client(folder, listener.url, SHOW) as client, listener.accept() as peer:
        for byte in answer(peer.head()) + frame(TEXT, b"hi", mask=None):
            peer.send(bytes([byte]))
            time.sleep(0.001)
        lines(client, "open", "message hi false false")


def test_frames_with_the_answer_come_after_open(folder: Path, listener: Listener) -> None:
    with Client(folder, listener.url, SHOW) as client, listener.accept() as peer:
        peer.send(
            answer(peer.head()),
            *(frame(TEXT, b"%d" % i, mask=None) for i in range(3)),
            frame(CLOSE, b"\x03\xe8", mask=None),
        )
        lines(
            client, "open", *(f"message {i} false false" for i in range(3)), "close 1000 undefined"
        )
        assert peer.receive() == (CLOSE, b"\x03\xe8")


def test_a_server_that_ends_with_the_answer(folder: Path, listener: Listener) -> None:
    with Client(folder, listener.url, SHOW) as client, listener.accept() as peer:
        peer.send(answer(peer.head()), frame(TEXT, b"bye", mask=None))
        peer.sock.close()
        lines(
            client,
            "open",
            "message bye false false",
            "error 1001 undefined",
            "close 1006 Abnormal Closure",
        )
        assert client.end() == 0


def test_redirects(folder: Path, listener: Listener) -> None:
    with Client(folder, listener.url, OPEN) as client, listener.accept() as first:
        first.head()
        first.send(b"HTTP/1.1 302 Found\r\nLocation: /next?x=1\r\nContent-Length: 0\r\n\r\n")
        with listener.open() as second:
            lines(client, "open")
            second.send(frame(CLOSE, mask=None))
            assert second.receive() == (CLOSE, b"")


def test_mapped_ports(folder: Path, listener: Listener) -> None:
    script = folder / "mapped.js"
    for host in ("127.0.0.1", "localhost"):
        script.write_text(
            f"const ws = require('ws'); const sock = new ws.Socket('ws://{host}:81/'); sock.onopen = () => console.log('open');"
        )
        with (
            Running("--map-port", f"81:{listener.port}", "run", str(script)) as client,
            listener.accept() as peer,
        ):
            head = peer.head()
            assert f"Host: {host}:81\r\n" in head
            peer.send(answer(head))
            assert client.line() == "open"


# -- the HTTP client behind it ---------------------------------------------------------------------------

AGENT = "const http = require('http'); const agent = new http.Client();"


def test_cookies_are_kept_and_sent(folder: Path, listener: Listener) -> None:
    body = AGENT + (
        "const next = (n) => { const sock = new ws.Socket(url, { httpClient: agent }); sock.onclose = () => { if (n) next(n - 1); }; };"
        "next(1);"
    )
    with Client(folder, listener.url, body):
        with listener.accept() as peer:
            head = peer.head()
            assert "Cookie" not in head
            peer.send(
                answer(head, "Set-Cookie: a=1\r\nSet-Cookie: b=2; Path=/\r\n"),
                frame(CLOSE, mask=None),
            )
        with listener.accept() as peer:
            assert "\r\nCookie: a=1; b=2\r\n" in peer.head()


def test_settings_of_the_client(folder: Path, listener: Listener) -> None:
    body = AGENT + (
        "agent.userAgent = 'me'; agent.enableEncoding = false; agent.autoRedirect = false;"
        "const sock = new ws.Socket(url, { httpClient: agent });" + WATCH
    )
    with Client(folder, listener.url, body) as client, listener.accept() as peer:
        head = peer.head()
        assert "User-Agent: me\r\n" in head
        assert "Accept-Encoding" not in head
        peer.send(b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n")
        lines(client, "error 1002 server error.", "close 1006 Abnormal Closure")


def test_a_time_limit(folder: Path, listener: Listener) -> None:
    body = (
        AGENT
        + "agent.timeout = 200; const sock = new ws.Socket(url, { httpClient: agent });"
        + WATCH
    )
    with Client(folder, listener.url, body) as client, listener.accept() as peer:
        peer.head()
        lines(client, *FAILED)


def test_a_proxy(folder: Path, listener: Listener) -> None:
    body = AGENT + (
        "agent.proxyAgent = url; const sock = new ws.Socket('ws://example.test:81/x', { httpClient: agent });"
        + WATCH
    )
    with (
        Client(folder, listener.url.replace("ws:", "http:"), body) as client,
        listener.accept() as peer,
    ):
        head = peer.head()
        assert head.startswith("GET http://example.test:81/x HTTP/1.1\r\n")
        assert "Host: example.test:81\r\n" in head
        peer.send(answer(head))
        lines(client, "open")


def test_a_tunnel(folder: Path, listener: Listener, certificate: Path) -> None:
    body = AGENT + (
        "agent.proxyAgent = url; const sock = new ws.Socket(target, { httpClient: agent });"
        + WATCH
        + "sock.onmessage = (e) => log(e.data);"
        "sock.on('open', () => sock.send('through'));"
    )
    with foreign_tls(certificate) as port:
        proxy = listener.url.replace("ws:", "http:")
        body = f"const target = 'wss://localhost:{port}/';" + body
        with (
            Client(folder, proxy, body, env={"SSL_CERT_FILE": str(certificate)}) as client,
            listener.accept() as peer,
        ):
            assert peer.head().startswith(
                f"CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost:{port}\r\n"
            )
            with socket.create_connection(("127.0.0.1", port)) as inner:
                peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")

                def pump(one: socket.socket, two: socket.socket) -> None:
                    with contextlib.suppress(OSError):
                        while data := one.recv(1 << 16):
                            two.sendall(data)

                threads = [
                    threading.Thread(target=pump, args=pair, daemon=True)
                    for pair in ((peer.sock, inner), (inner, peer.sock))
                ]
                for thread in threads:
                    thread.start()
                lines(client, "open", "through")


def test_a_tunnel_that_is_refused(folder: Path, listener: Listener) -> None:
    body = (
        AGENT
        + "agent.proxyAgent = url; const sock = new ws.Socket('wss://localhost/', { httpClient: agent });"
        + WATCH
    )
    with (
        Client(folder, listener.url.replace("ws:", "http:"), body) as client,
        listener.accept() as peer,
    ):
        peer.head()
        peer.send(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        lines(client, *FAILED)


# -- life ------------------------------------------------------------------------------------------------


def test_frames_are_masked_with_fresh_keys(folder: Path, listener: Listener) -> None:
    body = (
        OPEN
        + "sock.on('open', () => { for (let i = 0; i < 20; i++) sock.send('hello'); sock.close(3000, 'x'); });"
    )
    with Client(folder, listener.url, body), listener.open() as peer:
        keys = set()
        for _ in range(20):
            peer._bytes(2)
            keys.add(peer._bytes(4))
            peer._bytes(5)
        assert len(keys) == 20
        assert peer.receive() == (CLOSE, b"\x0b\xb8x")


def test_pings_are_answered(folder: Path, listener: Listener) -> None:
    with Client(folder, listener.url, OPEN), listener.open() as peer:
        peer.send(frame(PING, b"abc", mask=None), frame(PING, mask=None))
        assert peer.receive() == (PONG, b"abc")
        assert peer.receive() == (PONG, b"")


@pytest.mark.parametrize(
    ("data", "code", "error"),
    [
        (frame(TEXT, b"x"), 1002, "error 1007 undefined"),  # masked
        (frame(3, b"x", mask=None), 1002, "error 1002 Protocol error"),
        (frame(TEXT, b"\xff", mask=None), 1007, "error 1007 undefined"),
        (frame(TEXT, b"x", rsv=4, mask=None), 1002, "error 1002 Protocol error"),
    ],
)
def test_violations(folder: Path, listener: Listener, data: bytes, code: int, error: str) -> None:
    with Client(folder, listener.url, SHOW) as client, listener.open() as peer:
        peer.send(frame(TEXT, b"ok", mask=None), data)
        lines(client, "open", "message ok false false", error, "close 1006 Abnormal Closure")
        assert peer.closed() == code
        peer.sock.close()
        assert client.end() == 0


def test_a_close_waits_for_the_server_to_end(folder: Path, listener: Listener) -> None:
    body = OPEN + "setTimeout(() => {}, 1000);"
    with Client(folder, listener.url, body) as client, listener.open() as peer:
        peer.send(frame(CLOSE, b"\x03\xe8bye", mask=None))
        lines(client, "open", "close 1000 bye")
        assert peer.receive() == (CLOSE, b"\x03\xe8bye")
        peer.sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            peer.sock.recv(1)


def test_the_process_ends_after_a_close_that_nobody_answers(
    folder: Path, listener: Listener
) -> None:
    body = OPEN + "sock.on('open', () => sock.close());"
    with Client(folder, listener.url, body) as client, listener.open() as peer:
        started = time.monotonic()
        lines(client, "open", "close 1000 undefined")
        assert client.end() == 0
        assert time.monotonic() - started < 1
        assert peer.receive() == (CLOSE, b"\x03\xe8")


@pytest.mark.parametrize(
    ("unref", "ends"), [("", False), ("sock.unref();", True), ("sock.unref(); sock.ref();", False)]
)
def test_what_keeps_the_process_alive(
    folder: Path, listener: Listener, unref: str, ends: bool
) -> None:
    body = OPEN + f"sock.on('open', () => {{ {unref} }});"
    with Client(folder, listener.url, body) as client, listener.open() as peer:
        lines(client, "open")
        if ends:
            assert client.end() == 0
        else:
            time.sleep(0.3)
            assert client.process.poll() is None
            peer.sock.close()
            lines(client, "error 1001 undefined")
            assert client.end() == 0


def test_an_unref_before_the_connection(folder: Path, listener: Listener) -> None:
    with Client(folder, listener.url, "new ws.Socket(url).unref(); log('main');") as client:
        lines(client, "main")
        assert client.end() == 0


def test_a_server_that_does_not_answer_the_handshake(folder: Path, listener: Listener) -> None:
    with Client(folder, listener.url, OPEN) as client, listener.accept() as peer:
        peer.head()
        time.sleep(0.3)
        assert client.process.poll() is None
        peer.reset()
        lines(client, *FAILED)


# -- a foreign server ------------------------------------------------------------------------------------


@contextlib.contextmanager
def foreign(
    handler: Callable[[ServerConnection], Awaitable[None]], **options: Any
) -> Iterator[int]:
    """A server of the `websockets` package in a thread; its port."""
    ready = threading.Event()
    port = 0
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def main() -> None:
        nonlocal port
        async with serve(handler, "127.0.0.1", 0, max_size=None, **options) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    ready.wait()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_websockets_as_server(folder: Path, compression: Any) -> None:
    messages: list[Any] = [
        "",
        b"",
        "a",
        "é😀\0",
        b"\0\xff",
        "x" * 126,
        "x" * 65536,
        bytes(1_000_000),
        "é" * 1_000_000,
    ]
    problems: list[BaseException] = []
    over = threading.Event()

    async def handler(server: ServerConnection) -> None:
        try:
            for message in messages:
                await server.send(message)
                assert await server.recv() == message
            await server.send(["frag", "ment", "", "ed é"])
            assert await server.recv() == "fragmented é"
            for message in messages:
                await server.send(message)
            assert [await server.recv() for _ in messages] == messages
            await (await server.ping())
            await server.close(4001, "bye")
        except BaseException as error:
            problems.append(error)
        finally:
            over.set()

    with (
        foreign(handler, compression=compression) as port,
        Client(folder, f"ws://127.0.0.1:{port}/", ECHO) as client,
    ):
        lines(client, "open", "close 4001 bye")
        assert over.wait(20)
        assert not problems
        assert client.end() == 0


def test_closing_a_foreign_server(folder: Path) -> None:
    got: list[Any] = []
    over = threading.Event()

    async def handler(server: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in server:
                got.append(message)
        got.append((server.close_code, server.close_reason))
        over.set()

    body = (
        OPEN
        + "sock.on('open', () => { sock.send('one'); sock.send(Buffer.from('two')); sock.close(3456, 'grün'); });"
    )
    body += "setTimeout(() => {}, 500);"  # a process that ends does not wait for the answer
    with foreign(handler) as port, Client(folder, f"ws://127.0.0.1:{port}/", body) as client:
        lines(client, "open", "close 3456 grün")
        assert over.wait(20)
        assert got == ["one", b"two", (3456, "grün")]


def test_sub_protocols(folder: Path) -> None:
    async def handler(server: ServerConnection) -> None:
        await server.send(str(server.subprotocol))

    from websockets import Subprotocol

    with foreign(handler, subprotocols=[Subprotocol("two")]) as port:
        body = (
            "const sock = new ws.Socket(url, 'one, two');"
            + WATCH
            + "sock.onmessage = (e) => log(e.data, sock.protocol);"
        )
        with Client(folder, f"ws://127.0.0.1:{port}/", body) as client:
            lines(client, "open", "two one, two", "close 1000 undefined")


# -- TLS -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(folder: Path) -> Path:
    """A certificate for localhost, signed by itself, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed to make a certificate")
    made = folder / "localhost.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout",
            str(folder / "key.pem"),
            "-out",
            str(folder / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    made.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return made


@contextlib.contextmanager
def foreign_tls(certificate: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def handler(server: ServerConnection) -> None:
        async for message in server:
            await server.send(message)

    with foreign(handler, ssl=context) as port:
        yield port


def test_a_client_over_tls(folder: Path, certificate: Path) -> None:
    body = OPEN + (
        "let n = 0; sock.on('open', () => { sock.send('hi'); sock.send(new Buffer(1000000)); });"
        "sock.onmessage = (e) => { log(e.data.length); if (++n === 2) sock.close(3000); };"
    )
    with foreign_tls(certificate) as port:
        trust = {"SSL_CERT_FILE": str(certificate)}
        with Client(folder, f"wss://localhost:{port}/", body, env=trust) as client:
            lines(client, "open", "2", "1000000", "close 3000 undefined")
            assert client.end() == 0


def test_certificates_are_checked(folder: Path, certificate: Path) -> None:
    with (
        foreign_tls(certificate) as port,
        Client(folder, f"wss://localhost:{port}/", OPEN) as client,
    ):
        lines(client, *FAILED)
        assert client.end() == 0


def test_a_server_without_tls(folder: Path, listener: Listener) -> None:
    with (
        Client(folder, f"wss://127.0.0.1:{listener.port}/", OPEN) as client,
        listener.accept() as peer,
    ):
        peer.sock.recv(100)
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        lines(client, *FAILED)


# -- Node ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def node(folder: Path) -> Path:
    """A folder with Node's `ws` package."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node and npm are not installed")
    home = folder / "node"
    home.mkdir()
    (home / "package.json").write_text("{}")
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "ws"],
        cwd=home,
        capture_output=True,
        timeout=60,
    )
    if done.returncode:
        pytest.skip("the `ws` package cannot be installed from npm here")
    return home


NODE = """
const { WebSocket, WebSocketServer } = require('ws');
const messages = ['', 'a', 'é😀', 'x'.repeat(70000), Buffer.from([0, 255]), Buffer.alloc(300000, 7), Buffer.alloc(0)];
function check(sock, done) {
    let n = 0;
    sock.on('message', (data, isBinary) => {
        const want = messages[n++];
        const ok = isBinary ? Buffer.isBuffer(want) && data.equals(want) : data.toString() === want;
        if (!ok) { console.log('wrong', n - 1, isBinary, data.length); process.exit(1); }
        if (n === messages.length) sock.ping('p');
    });
    sock.on('pong', (data) => { console.log('pong', data.toString()); sock.close(3210, 'done'); });
    sock.on('close', (code, reason) => { console.log('close', code, reason.toString()); done(); });
    for (const message of messages) sock.send(message);
}
"""


@pytest.mark.parametrize("deflate", ["false", "{ threshold: 0 }"])
def test_node_as_client(folder: Path, node: Path, deflate: str) -> None:
    from ws.peers import ECHO as SERVER_ECHO

    with Server(folder, SERVER_ECHO) as server:
        script = node / "client.js"
        script.write_text(
            NODE
            + f"const sock = new WebSocket('ws://127.0.0.1:{server.port}/', {{ perMessageDeflate: {deflate} }});"
            "sock.on('open', () => check(sock, () => {}));"
        )
        done = subprocess.run(["node", str(script)], capture_output=True, text=True, timeout=30)
        assert done.stdout.splitlines() == ["pong p", "close 3210 done"], done.stderr
        assert server.line() == "close 3210 done"


@pytest.mark.parametrize("deflate", ["false", "{ threshold: 0 }"])
def test_node_as_server(folder: Path, node: Path, deflate: str) -> None:
    script = node / "server.js"
    script.write_text(
        NODE
        + f"const server = new WebSocketServer({{ port: 0, host: '127.0.0.1', perMessageDeflate: {deflate} }});"
        "server.on('listening', () => console.log(server.address().port));"
        "server.on('connection', (sock) => check(sock, () => process.exit()));"
    )
    process = subprocess.Popen(["node", str(script)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with Client(folder, f"ws://127.0.0.1:{port}/", ECHO) as client:
            lines(client, "open", "close 3210 done")
            assert process.stdout.read().splitlines() == ["pong p", "close 3210 done"]
    finally:
        process.kill()
        process.wait()
