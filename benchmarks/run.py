"""All benchmarks of the first set in one table: ``python benchmarks/run.py [--node FOLDER] [--seconds 3] [--rounds 3]``.

Beside Node, which is looked for on the PATH; its `ws` is taken from FOLDER (`npm install ws` was run there; without it the
WebSocket lines show fibshim alone).  HTTP needs `wrk`, WebSockets need `cc`; what is missing is said.  Servers are measured
by the processor time of their own process, user and system, from /proc/PID/stat.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))
TICK = os.sysconf("SC_CLK_TCK")
NODE = shutil.which("node")
FIBSHIM = shutil.which("fibshim", path=str(Path(sys.executable).parent))
# An installed command is measured as it is: without its compiled files Python would compile all of them again.
ENV = dict(os.environ) if FIBSHIM else {**os.environ, "PYTHONPATH": str(ROOT)}
START = [FIBSHIM] if FIBSHIM else [sys.executable, "-m", "fibshim"]

NODE_HELLO = """
require('http').createServer((req, res) => { res.end('hello world'); }).listen(PORT, '127.0.0.1');
"""


def show(
    name: str, value: float | None, unit: str, node: float | None = None, goal: str = ""
) -> None:
    """One line of the table."""
    shown = "-" if value is None else f"{value:.2f} {unit}"
    beside = "" if node is None else f"{node:.2f} {unit}"
    ratio = "" if node is None or value is None else f"{value / node:.2f}"
    print(f"{name:46} {shown:>14} {beside:>14} {ratio:>7}  {goal}", flush=True)


def cpu(pid: int) -> float:
    """Processor time of a process in seconds."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICK


def free_port() -> int:
    """A port nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        return int(other.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[Any]) -> None:
    """Until a server accepts connections."""
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("a server did not start")


def startup(options: Any) -> None:
    """Wall time of hello.js, the median of pairs."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hello.js"
        file.write_text("console.log('hello');\n")
        times: dict[str, list[float]] = {"fibshim": [], "node": []}
        commands = {"fibshim": [*START, "run", str(file)]}
        if NODE:
            commands["node"] = [NODE, str(file)]
        for _ in range(20):
            for name, command in commands.items():
                begin = time.perf_counter()
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENV)
                times[name].append((time.perf_counter() - begin) * 1000)
        node = statistics.median(times["node"]) if NODE else None
        show(
            "hello.js, start to end", statistics.median(times["fibshim"]), "ms", node, "0.6 x node"
        )


def fibers() -> None:
    """What fibers cost."""
    done = subprocess.run(
        [*START, "run", str(HERE / "fibers.js")],
        check=True,
        capture_output=True,
        text=True,
        env=ENV,
    )
    goals = {"sleep(0)": "8", "hand-over": "35", "KB of each": "32"}
    for name, value in json.loads(done.stdout.splitlines()[-1]).items():
        goal = next((goals[key] for key in goals if name.startswith(key)), "")
        show(name, value, "KB" if name.startswith("KB") else "µs", goal=goal and f"at most {goal}")


def runtimes(count: int) -> None:
    """Runtimes opened, used and closed in one process: what grows after the first 100."""
    from fibshim.core.runtime import Runtime

    def cycle() -> None:
        rt = Runtime()
        rt.boot_text(
            "const co = require('coroutine'); for (let i = 0; i < 5; i++) co.start(() => new co.Event().wait()); co.sleep(1);"
        )
        rt.sched.run()
        rt.close()

    def memory() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    import gc

    for _ in range(100):
        cycle()
    gc.collect()
    before, threads = memory(), len(os.listdir("/proc/self/task"))
    begin = time.perf_counter()
    for _ in range(count - 100):
        cycle()
    spent = time.perf_counter() - begin
    gc.collect()
    end = time.monotonic() + 5
    while len(os.listdir("/proc/self/task")) > threads and time.monotonic() < end:
        time.sleep(0.01)
    show("a runtime with 5 parked fibers", spent / (count - 100) * 1000, "ms")
    show(f"growth over {count - 100} runtimes", (memory() - before) / 1048576, "MB", goal="under 2")
    show("threads left", len(os.listdir("/proc/self/task")) - threads, "", goal="0")


def hello(options: Any) -> None:
    """HTTP hello-world at 50 connections: server CPU a request."""
    if not shutil.which("wrk"):
        print("http: wrk is not installed")
        return
    figures: dict[str, list[float]] = {"fibshim": [], "node": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for name in ("fibshim", "node") if NODE else ("fibshim",):
                port = free_port()
                script = Path(folder) / "node.js"
                script.write_text(NODE_HELLO.replace("PORT", str(port)))
                command = (
                    [*START, "run", str(HERE / "http_hello.js"), str(port)]
                    if name == "fibshim"
                    else [str(NODE), str(script)]
                )
                process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=ENV)
                try:
                    wait_for(port, process)
                    load = ["wrk", "-t1", "-c50", f"http://127.0.0.1:{port}/"]
                    subprocess.run([*load, "-d1s"], check=True, stdout=subprocess.DEVNULL)
                    before = cpu(process.pid)
                    done = subprocess.run(
                        [*load, f"-d{options.seconds}s"], check=True, capture_output=True, text=True
                    )
                    count = int(re.search(r"(\d+) requests in", done.stdout)[1])  # type: ignore[index]
                    figures[name].append((cpu(process.pid) - before) / count * 1e6)
                finally:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
    node = statistics.median(figures["node"]) if figures["node"] else None
    show(
        "http hello-world, 50 connections",
        statistics.median(figures["fibshim"]),
        "µs",
        node,
        "0.8 x node",
    )


def echo(options: Any) -> None:
    """WebSocket echo, by the benchmark of its own."""
    command = [
        sys.executable,
        str(HERE / "ws_echo.py"),
        "--seconds",
        str(options.seconds),
        "--rounds",
        str(options.rounds),
    ]
    if options.node:
        command += ["--node", options.node]
    subprocess.run(command, check=False, env=ENV)


def main() -> None:
    """Run everything, or the parts that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "parts", nargs="*", help="crossing fibers startup runtimes http ws (default: all)"
    )
    parser.add_argument("--node", help="folder with Node's ws")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    parts = options.parts or ["crossing", "fibers", "startup", "runtimes", "http", "ws"]
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} processors, {time.strftime('%Y-%m-%d')}"
    )
    print(f"{'':46} {'fibshim':>14} {'node':>14} {'ratio':>7}  goal")
    if "crossing" in parts:
        from crossing import run

        for name, value in run().items():
            show(name, value, "µs")
    if "fibers" in parts:
        fibers()
    if "startup" in parts:
        startup(options)
    if "runtimes" in parts:
        runtimes(1000)
    if "http" in parts:
        hello(options)
    if "ws" in parts:
        echo(options)


if __name__ == "__main__":
    main()
