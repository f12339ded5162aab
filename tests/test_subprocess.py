"""Sub-processes as the parent's end sees them; what scripts see is tested in js_tests/process."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from harness import Running, Session, eventually, fibshim


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_alone_does_not_keep_the_process_alive():
    done = fibshim(
        "-e", "const p = require('process').open('sleep', ['30']); console.log(p.pid)", timeout=10
    )
    assert done.returncode == 0
    os.kill(int(done.stdout), signal.SIGKILL)


def test_a_waiting_callback_keeps_it_alive():
    done = fibshim(
        "-e", "require('process').run('sleep', ['0.1'], (e, code) => console.log('ended', code))"
    )
    assert done.stdout == "ended 0\n"


def test_start_and_run_use_our_streams():
    code = "const p = require('process'); console.log('before'); p.run('cat'); p.run('sh', ['-c', 'echo bad >&2']); console.log('after')"
    done = fibshim("-e", code, input="through\n")
    assert done.stdout == "before\nthrough\nafter\n"
    assert done.stderr == "bad\n"


def test_ctrl_c_ends_a_script_that_waits_for_a_child():
    with Running(
        "-e", "const p = require('process').start('sleep', ['30']); console.log(p.pid); p.wait()"
    ) as running:
        pid = int(running.line())
        running.signal(signal.SIGINT)
        assert running.end() == 130
        os.kill(pid, signal.SIGKILL)


def test_children_are_reaped_though_nobody_waits():
    code = """
        const process = require('process'), coroutine = require('coroutine');
        for (let i = 0; i < 20; i++) process.open('true').stdout.read();
        coroutine.sleep(50); GC(); coroutine.sleep(10);
        const found = process.open('sh', ['-c', 'ps -o stat= --ppid $PPID']).stdout.readLines();
        console.log(found.filter((stat) => stat.startsWith('Z')).length);
    """
    done = fibshim("-e", code)
    assert done.stdout.strip() == "0", done


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_pipes_and_watchers_are_closed_with_their_objects(session):
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))

    session.define("descriptors", count)
    source = """
        const process = require('process'), coroutine = require('coroutine');
        const turn = () => { for (let i = 0; i < 5; i++) process.open('true').wait(); GC(); coroutine.sleep(5); };
        turn();
        const before = descriptors();
        for (let i = 0; i < 5; i++) turn();
        GC(); coroutine.sleep(5);
        out(descriptors() <= before);
    """
    assert session.run(source) == [True]


def test_a_runtime_may_be_closed_while_children_run():
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    pids: list[int] = []
    for _ in range(3):
        session = Session()
        session.define("started", lambda pid: pids.append(int(pid)))
        session.run(
            """
            const process = require('process'), coroutine = require('coroutine');
            const p = process.open('sleep', ['30'], { timeout: 20000 });
            coroutine.start(() => p.stdout.read());
            coroutine.start(() => p.wait());
            coroutine.sleep(5);
            started(p.pid);
            require('process').exit(0);
            """
        )
        session.close()
    assert len(pids) == 3
    for pid in pids:
        assert alive(pid)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    if before:
        eventually(lambda: len(os.listdir("/proc/self/fd")) <= before)


def test_without_process_descriptors(session, monkeypatch):
    """On kernels without pidfd a thread watches."""
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    source = """
        const process = require('process');
        out(process.run('sh', ['-c', 'sleep 0.05; exit 3']));
        out(process.run('sleep', ['30'], { timeout: 20 }));
    """
    assert session.run(source) == [3, 2]
