#!/usr/bin/env python3
"""Run the Autobahn WebSocket test suite (517 cases) against fibshim, as a server and as a client.

    python tests/compliance/run.py [server] [client] [--cases '1.*' '7.*' ...] [--report FILE]

The suite (autobahntestsuite 0.8.2) needs a Python 2.7 to live in; it is installed into a cache folder on first use.
Every case must be OK, NON-STRICT or INFORMATIONAL: a case that FAILED or is UNIMPLEMENTED makes the exit status 1.
Without a Python 2.7 the exit status is 77.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SUITE = "autobahntestsuite==0.8.2"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "autobahn-0.8.2"
AGENT = "fibshim"
PASSED = {"OK", "NON-STRICT", "INFORMATIONAL"}
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def python27() -> str | None:
    """A Python 2.7 that runs."""
    places = [
        "python2.7",
        *map(str, (Path.home() / ".pyenv" / "versions").glob("2.7*/bin/python")),
    ]
    for name in places:
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return found
    return None


def wstest() -> str:
    """The suite's program, installed if need be."""
    program = CACHE / "bin" / "wstest"
    if not program.exists():
        python = python27()
        if python is None:
            print("The Autobahn suite needs a Python 2.7, and there is none on this machine.")
            sys.exit(77)
        print(f"Installing {SUITE} into {CACHE} ...", flush=True)
        for command in (
            [python, "-m", "pip", "install", "-q", "virtualenv"],
            [python, "-m", "virtualenv", "-q", str(CACHE)],
            [str(CACHE / "bin" / "pip"), "install", "-q", SUITE],
        ):
            subprocess.run(
                command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
    return str(program)


def expected(cases: list[str]) -> int:
    """How many cases the patterns name: a server that dies half-way must not look good."""
    code = (
        "import json, sys\n"
        "from autobahntestsuite import case as C\n"
        "from autobahntestsuite.caseset import CaseSet\n"
        "s = CaseSet(C.CaseSetname, C.CaseBasename, C.Cases, C.CaseCategories, C.CaseSubCategories)\n"
        "print(len(s.parseSpecCases({'cases': json.loads(sys.argv[1]), 'exclude-cases': []})))\n"
    )
    command = [str(CACHE / "bin" / "python"), "-c", code, json.dumps(cases)]
    return int(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    )


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[Any]) -> None:
    """Wait until somebody listens on a port."""
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit(f"{process.args!r} has ended")


@contextlib.contextmanager
def running(command: list[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """A process with its children, ended at the end."""
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def fibshim(script: str, *words: str) -> list[str]:
    """The command that runs one of our scripts."""
    return [sys.executable, "-m", "fibshim", "run", str(HERE / script), *words]


def suite(folder: Path, mode: str, spec: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Command and options that start the suite."""
    spec = {
        "outdir": str(folder / "out"),
        "exclude-cases": [],
        "exclude-agent-cases": {},
        **spec,
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    log = open(folder / "log", "w")  # noqa: SIM115 - for the life of the process
    return (
        [wstest(), "-m", mode, "-s", str(folder / "spec.json")],
        {"cwd": folder, "stdout": log, "stderr": subprocess.STDOUT},
    )


def check_server(folder: Path, cases: list[str], limit: float) -> None:
    """The suite connects to our server."""
    port = free_port()
    with running(
        fibshim("echo_server.js", str(port)), stdout=subprocess.DEVNULL, env=ENVIRONMENT
    ) as server:
        wait_for(port, server)
        servers = [{"agent": AGENT, "url": f"ws://127.0.0.1:{port}/"}]
        command, options = suite(folder, "fuzzingclient", {"cases": cases, "servers": servers})
        with running(command, **options) as client:
            client.wait(limit)


def check_client(folder: Path, cases: list[str], limit: float) -> None:
    """Our client connects to the suite."""
    port = free_port()
    url = f"ws://127.0.0.1:{port}"
    command, options = suite(folder, "fuzzingserver", {"cases": cases, "url": url})
    with running(command, **options) as server:
        wait_for(port, server)
        command = fibshim("echo_client.js", url, AGENT)
        subprocess.run(command, timeout=limit, stdout=subprocess.DEVNULL, env=ENVIRONMENT)


def judge(role: str, folder: Path, want: int) -> dict[str, Any]:
    """Print what the suite reports; the summary."""
    index = folder / "out" / "index.json"
    cases = json.loads(index.read_text())[AGENT] if index.exists() else {}
    if not cases:
        print((folder / "log").read_text()[-2000:])
    grades: Counter[str] = Counter()
    bad = {}
    for name in sorted(cases, key=lambda name: [int(part) for part in name.split(".")]):
        grade, close = cases[name]["behavior"], cases[name]["behaviorClose"]
        grades[grade] += 1
        if grade not in PASSED or close not in PASSED:
            bad[name] = f"{grade}, close {close}"
            print(f"{role} {name}: {bad[name]}")
    passed = len(cases) - len(bad)
    counts = ", ".join(f"{count} {grade}" for grade, count in sorted(grades.items()))
    print(f"{role}: {passed} of {want} cases passed ({counts})", flush=True)
    return {"cases": want, "passed": passed, "grades": dict(sorted(grades.items())), "bad": bad}


def main() -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("roles", nargs="*", help="server, client; default: both")
    parser.add_argument("--cases", nargs="*", default=["*"], help="patterns, default all")
    parser.add_argument("--report", type=Path, help="write the summary to this file, as JSON")
    parser.add_argument("--keep", type=Path, help="keep the suite's reports in this folder")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds for each role")
    options = parser.parse_args()
    wstest()
    want = expected(options.cases)
    summary = {}
    for role in options.roles or ["server", "client"]:
        run = {"server": check_server, "client": check_client}[role]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            with contextlib.suppress(subprocess.TimeoutExpired):
                run(folder, options.cases, options.timeout)
            summary[role] = judge(role, folder, want)
            if options.keep:
                shutil.copytree(folder / "out", options.keep / role, dirs_exist_ok=True)
    if options.report:
        options.report.write_text(json.dumps(summary, indent=4) + "\n")
    return 0 if all(role["passed"] == want for role in summary.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
