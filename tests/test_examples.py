"""The manual's scripts, unchanged, and the chat room, driven by a real browser and by Python's `websockets`."""

from __future__ import annotations

import json
import re
import socket
import threading
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser
from harness import ROOT, Running, eventually, fibshim
from websockets.sync.client import connect
from websockets.sync.server import serve

MANUAL = ROOT / "examples" / "manual"
CHAT = ROOT / "examples" / "chat"
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as other:
        return int(other.getsockname()[1])


def listening(port: int) -> bool:
    """Whether a server that is just starting accepts connections."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def test_the_manuals_texts() -> None:
    """They are the manual's, to the letter."""
    assert (MANUAL / "server.js").read_text() == (
        "var ws = require('ws'); var http = require('http'); var svr = new http.Server(80, { '/ws': ws.upgrade((conn, req) => "
        "{ conn.onmessage = e => console.log(e.data); }) }); svr.run();\n"
    )
    assert (MANUAL / "client.js").read_text() == (
        "var ws = require('ws'); var conn = new ws.Socket('ws://127.0.0.1/ws'); conn.onmessage = e => console.log(e.data);\n"
    )


def test_the_manuals_server_with_a_foreign_client() -> None:
    port = free_port()
    with Running("--map-port", f"80:{port}", "run", str(MANUAL / "server.js")) as server:
        eventually(lambda: listening(port))
        with connect(f"ws://127.0.0.1:{port}/ws", proxy=None) as client:
            for text in ("hello", "second", "emoji 😀 and NUL \0."):
                client.send(text)
                assert server.line() == text


def test_the_manuals_client_with_a_foreign_server() -> None:
    with serve(lambda conn: (conn.send("from the server"), conn.recv()), "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]
        with Running("--map-port", f"80:{port}", "run", str(MANUAL / "client.js")) as client:
            assert client.line() == "from the server"
        server.shutdown()


def test_the_manuals_scripts_with_each_other(tmp_path: Path) -> None:
    """The server as it is; a client that also speaks, since the manual's only listens."""
    port = free_port()
    talker = tmp_path / "talker.js"
    talker.write_text((MANUAL / "client.js").read_text() + "conn.onopen = () => conn.send('over');")
    with Running("--map-port", f"80:{port}", "run", str(MANUAL / "server.js")) as server:
        eventually(lambda: listening(port))
        with Running("--map-port", f"80:{port}", "run", str(talker)):
            assert server.line() == "over"


@needs_browser
def test_the_manuals_server_with_a_browser() -> None:
    port = free_port()
    with Running("--map-port", f"80:{port}", "run", str(MANUAL / "server.js")) as server:
        eventually(lambda: listening(port))
        with Browser() as browser:
            page = browser.page("about:blank")
            page.run(
                f"new Promise((ok) => {{ window.s = new WebSocket('ws://127.0.0.1:{port}/ws'); s.onopen = ok }}).then(() => s.send('from a browser'))"
            )
            assert server.line() == "from a browser"
            assert page.run("s.extensions") == "permessage-deflate"


@pytest.mark.parametrize(
    ("start", "after"),
    [
        ("svr.run(); console.log('after')", ["stopping", "after"]),
        (
            "svr.run(() => console.log('stopped')); console.log('after')",
            ["after", "stopping", "stopped"],
        ),
        ("svr.start(); console.log('after')", ["after", "stopping"]),
        ("svr.asyncRun(); console.log('after')", ["after", "stopping"]),
    ],
)
def test_the_ways_to_start_a_server(tmp_path: Path, start: str, after: list[str]) -> None:
    file = tmp_path / "a.js"
    file.write_text(
        "const http = require('http'); const svr = new http.Server('127.0.0.1', 0, (r) => { r.response.write('up') });"
        "setTimeout(() => { if (http.get('http://127.0.0.1:' + svr.socket.localPort).data.toString() !== 'up') process.exit(9);"
        " console.log('stopping'); svr.stop(); }, 30);" + start
    )
    done = fibshim("run", str(file))
    assert done.stdout.split() == after, done.stderr
    assert done.returncode == 0


@pytest.fixture
def chat() -> object:
    """A running chat room; its address."""
    with Running("run", str(CHAT / "chat.js"), "0") as server:
        yield re.search(r"http://\S+", server.expect("chat on"))[0]  # type: ignore[index]


def test_the_chat_with_pythons_client(chat: str) -> None:
    url = chat.replace("http", "ws") + "ws"
    with connect(url, proxy=None) as ann, connect(url, proxy=None) as bob:
        ann.send(json.dumps({"name": "Ann"}))
        assert json.loads(ann.recv(timeout=10))["text"] == "Ann has joined"
        assert json.loads(bob.recv(timeout=10))["text"] == "Ann has joined"
        bob.send(json.dumps({"name": "Bob"}))
        for client in (ann, bob):
            assert json.loads(client.recv(timeout=10)) == {
                "from": "",
                "text": "Bob has joined",
                "here": 2,
            }
        for i in range(100):
            bob.send(json.dumps({"text": f"line {i} 😀"}))
        for client in (ann, bob):
            for i in range(100):
                assert json.loads(client.recv(timeout=10)) == {
                    "from": "Bob",
                    "text": f"line {i} 😀",
                }
        ann.close()
        assert json.loads(bob.recv(timeout=10)) == {"from": "", "text": "Ann has left", "here": 1}


def test_a_bad_message_harms_only_itself(chat: str) -> None:
    url = chat.replace("http", "ws") + "ws"
    with connect(url, proxy=None) as bad, connect(url, proxy=None) as good:
        bad.send("not JSON")
        good.send(json.dumps({"name": "Good"}))
        assert json.loads(good.recv(timeout=10))["text"] == "Good has joined"
        assert json.loads(bad.recv(timeout=10))["text"] == "Good has joined"


@needs_browser
def test_the_chat_with_two_pages(chat: str) -> None:
    with Browser() as browser:
        log = "document.getElementById('log').innerText"
        ann = browser.page(chat + "?name=Ann")
        ann.until(f"{log}.includes('Ann has joined')")  # else she may miss Bob's coming
        bob = browser.page(chat + "?name=Bob")
        ann.until(f"{log}.includes('Bob has joined')")
        for page, text in ((ann, "hello Bob"), (bob, "hello Ann <b>not bold</b> 😀")):
            page.run(
                f"document.getElementById('text').value = {json.dumps(text)}; document.querySelector('button').click()"
            )
            for other in (ann, bob):
                other.until(f"{log}.includes({json.dumps(text)})")
        assert ann.run("document.getElementById('state').textContent") == "2 here"
        bob.close()
        ann.until(f"{log}.includes('Bob has left')")
