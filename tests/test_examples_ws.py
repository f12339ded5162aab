"""The examples of `docs/ws.md`, each run against Python's `websockets`."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness import ROOT, Running, fibshim
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

WS = ROOT / "examples" / "ws"


@contextmanager
def example(name: str, *words: str) -> Iterator[str]:
    """A running example server; its address."""
    with Running("run", str(WS / name), *words, "0") as server:
        yield re.search(r"wss?://\S+", server.expect("://"))[0]  # type: ignore[index]


def test_echo_server() -> None:
    with example("echo_server.js") as url, connect(url, proxy=None) as client:
        for message in ("text", "", b"\0\xff", b"", "😀\0", "x" * 200_000):
            client.send(message)
            assert client.recv(timeout=10) == message


def test_client() -> None:
    with example("echo_server.js") as url:
        done = fibshim("run", str(WS / "client.js"), url, "hello", "world")
        assert done.stdout == "hello\nworld\nclosed 1000\n"
        assert done.returncode == 0
        done = fibshim("run", str(WS / "client.js"), url.replace("echo", "nowhere"), "hello")
        assert done.stdout == "error 1002 server error.\nclosed 1006\n"


def test_broadcast() -> None:
    with (
        example("broadcast.js") as url,
        connect(url, proxy=None) as one,
        connect(url, proxy=None) as two,
    ):
        one.send("from one")
        for client in (one, two):
            seen = []
            while "from one" not in seen or not any(text.startswith("tick ") for text in seen):
                seen.append(str(client.recv(timeout=10)))


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [(["chat.v1", "chat.v2"], "chat.v2"), (["chat.v1"], "chat.v1"), (None, None)],
)
def test_subprotocol(offered: list[str] | None, chosen: str | None) -> None:
    with example("subprotocol.js") as url, connect(url, subprotocols=offered, proxy=None) as client:  # type: ignore[arg-type]
        assert client.subprotocol == chosen
        assert client.recv(timeout=10) == f"you speak {chosen or 'nothing I know'}"


def test_compression() -> None:
    with example("compression.js") as url:
        with connect(url, proxy=None) as client:
            client.send("x" * 1000)
            assert json.loads(client.recv(timeout=10)) == {"compressed": True, "length": 1000}
        with connect(url.replace("deflate", "plain"), proxy=None) as client:
            assert client.response is not None
            assert "Sec-WebSocket-Extensions" not in client.response.headers
            client.send("x" * 1000)
            assert json.loads(client.recv(timeout=10)) == {"compressed": False, "length": 1000}
        with connect(url.replace("deflate", "small"), proxy=None) as client:
            client.send("x" * 5000)
            with pytest.raises(ConnectionClosed) as caught:
                client.recv(timeout=10)
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 1009


def test_tls(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(cafile=str(certificate))
    with (
        example("tls.js", str(certificate), str(key)) as url,
        connect(url, ssl=context, proxy=None) as client,
    ):
        for message in ("secret", b"\0" * 300_000):
            client.send(message)
            assert client.recv(timeout=10) == message
        # What is not trusted is refused, and the server stays up.
        with pytest.raises(ssl.SSLError):
            connect(url, proxy=None).__enter__()
        client.send("still here")
        assert client.recv(timeout=10) == "still here"
