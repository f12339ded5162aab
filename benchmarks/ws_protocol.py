"""What the WebSocket layer costs, in microseconds for a message: best of several rounds.

    python benchmarks/ws_protocol.py

receive: a server parses one masked message (unmask, check, decode) in a call of its own;
burst: the same, 16 messages in one read;  reads: the message arrives in pieces of 64 KB through
one reused buffer;  send: a server makes the frame;  client: a client makes it, masked.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))

from fibshim.modules.ws.protocol import Deflate, Protocol


def best(run: Callable[[], object], messages: int = 1, seconds: float = 0.15) -> float:
    """Microseconds for one of the `messages` that a call of `run` handles."""
    rounds = 5
    start = time.perf_counter()
    run()
    once = max(time.perf_counter() - start, 1e-7)
    number = max(1, int(seconds / rounds / once))
    result = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(number):
            run()
        result = min(result, (time.perf_counter() - start) / number)
    return result / messages * 1e6


def flat(frame: object) -> bytes:
    return frame if isinstance(frame, bytes) else b"".join(frame)  # type: ignore[arg-type]


def english(size: int) -> str:
    random.seed(1)
    words = ["".join(random.choices("etaoinshrdlu", k=random.randint(2, 9))) for _ in range(2000)]
    return json.dumps({"id": 7, "text": " ".join(random.choices(words, k=size))})[:size]


def main() -> None:
    client, server = Protocol(False), Protocol(True)
    print(f"{'':16}{'receive':>10}{'burst':>10}{'reads':>10}{'send':>10}{'client':>10}")
    for name, message in (
        ("64 B text", "x" * 64),
        ("64 B non-ASCII", "é" * 32),
        ("1 KB binary", os.urandom(1024)),
        ("64 KB binary", os.urandom(65536)),
        ("64 KB text", english(65536)),
        ("16 MB binary", os.urandom(16 << 20)),
    ):
        if isinstance(message, str):
            frame = flat(client.encode_text(message))
            send: Callable[[], object] = lambda m=message: server.encode_text(m)  # type: ignore[misc]
            sendc: Callable[[], object] = lambda m=message: client.encode_text(m)  # type: ignore[misc]
        else:
            frame = flat(client.encode_binary(message))
            send = lambda m=message: server.encode_binary(m)  # type: ignore[misc]
            sendc = lambda m=message: client.encode_binary(m)  # type: ignore[misc]
        burst = frame * 16 if len(frame) < 2000 else b""
        view = memoryview(bytearray(frame))

        def pieces(view: memoryview = view) -> None:
            for i in range(0, len(view), 65536):
                server.receive(view[i : i + 65536])

        figures = [
            best(lambda f=frame: server.receive(f)),  # type: ignore[misc]
            best(lambda b=burst: server.receive(b), 16) if burst else None,  # type: ignore[misc]
            best(pieces),
            best(send),
            best(sendc),
        ]
        print(f"{name:16}" + "".join(f"{'' if x is None else f'{x:.2f}':>10}" for x in figures))

    client, server = Protocol(False, deflate=Deflate()), Protocol(True, deflate=Deflate())
    texts = [english(200_000)[i : i + 1024] for i in range(0, 196_000, 1024)]
    frames = [flat(client.encode_text(t)) for t in texts]
    count = len(texts)
    each = Deflate(15, True, True)
    restart, restarted = Protocol(False, deflate=each), Protocol(True, deflate=each)
    frames2 = [flat(restart.encode_text(t)) for t in texts]
    # A decompressor with takeover must see each frame once and in order, so make a new one.
    for name, sender, make, sent in (
        ("1 KB deflate", client, lambda: Protocol(True, deflate=Deflate()), frames),
        ("  no takeover", restart, lambda: restarted, frames2),
    ):

        def receive(make: Callable[[], Protocol] = make, sent: list[bytes] = sent) -> None:
            p = make()
            for f in sent:
                p.receive(f)

        def transmit(p: Protocol = sender) -> None:
            for t in texts:
                p.encode_text(t)

        size = sum(map(len, sent)) // count
        print(
            f"{name:16}{best(receive, count):10.2f}{'':20}{'':10}{best(transmit, count):10.2f}"
            f"   {size} bytes a frame"
        )


if __name__ == "__main__":
    main()
