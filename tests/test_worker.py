"""Workers and the life of the program (spec/fibers-and-runtime.md §4, §7)."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from harness import Running, Session, eventually, fibshim, script

ECHO = "Master.onmessage = msg => Master.postMessage(msg.data);"


def program(tmp_path: Path, worker: str, main: str) -> str:
    """Write a worker `w.js` and a main script that finds it as `file`."""
    script(tmp_path / "w.js", worker)
    return script(
        tmp_path / "main.js",
        f"const coroutine = require('coroutine'), {{ Worker }} = coroutine, file = __dirname + '/w.js';\n{main}",
    )


def test_a_running_worker_keeps_the_program_alive(tmp_path: Path) -> None:
    file = program(
        tmp_path,
        "require('coroutine').sleep(50); console.log('script'); setTimeout(() => console.log('timer'), 50);",
        "new Worker(file); process.on('beforeExit', () => console.log('beforeExit')); process.on('exit', () => console.log('exit'));",
    )
    done = fibshim(file)
    assert done.stdout == "script\ntimer\nbeforeExit\nexit\n"
    assert done.returncode == 0


def test_a_worker_that_only_listens_does_not(tmp_path: Path) -> None:
    file = program(
        tmp_path,
        ECHO,
        "const w = new Worker(file); w.onload = () => w.postMessage(1); w.onmessage = msg => console.log('got', msg.data);",
    )
    assert fibshim(file).stdout == "got 1\n"


def test_new_work_in_before_exit(tmp_path: Path) -> None:
    file = program(
        tmp_path,
        ECHO,
        """const w = new Worker(file); let n = 0;
        w.onmessage = msg => console.log('got', msg.data);
        process.on('beforeExit', () => { console.log('beforeExit'); if (n++ < 2) w.postMessage(n); });""",
    )
    assert fibshim(file).stdout == "beforeExit\ngot 1\nbeforeExit\ngot 2\nbeforeExit\n"


def test_a_deadlocked_worker_keeps_it_forever(tmp_path: Path) -> None:
    file = program(
        tmp_path,
        "console.log('begun'); const e = new (require('coroutine').Event)(); e.wait();",
        "new Worker(file);",
    )
    with Running(file) as running:
        running.expect("begun")
        time.sleep(0.3)
        assert running.process.poll() is None
        running.signal(signal.SIGTERM)
        assert running.end() == 1


def test_nested_workers_count(tmp_path: Path) -> None:
    script(
        tmp_path / "inner.js", "require('coroutine').sleep(100); Master.postMessage('inner done');"
    )
    file = program(
        tmp_path,
        "const w = new (require('coroutine').Worker)(__dirname + '/inner.js'); w.onmessage = m => Master.postMessage(m.data);",
        "new Worker(file).onmessage = m => console.log(m.data);",
    )
    assert fibshim(file).stdout == "inner done\n"


@pytest.mark.parametrize(
    "busy",
    [
        "for (;;);",
        "coroutine.sleep(100000);",
        "",
        "setInterval(() => {}, 1);",
        "new coroutine.Event().wait();",
        "coroutine.start(() => { for (;;) coroutine.sleep(); });",
    ],
)
def test_exit_in_a_worker_ends_the_program(tmp_path: Path, busy: str) -> None:
    file = program(
        tmp_path,
        "process.exitCode = 4; process.on('exit', c => { require('coroutine').sleep(1); console.log('worker exit', c) }); require('coroutine').sleep(50); process.exit();",
        f"process.on('exit', () => console.log('not this one')); process.exitCode = 9; new Worker(file); {busy}",
    )
    done = fibshim(file)
    assert done.stdout == "worker exit 4\n"
    assert done.returncode == 4


def test_the_main_program_does_not_wait_when_it_exits(tmp_path: Path) -> None:
    file = program(
        tmp_path,
        "Master.postMessage(1); for (;;);",
        "new Worker(file).onmessage = () => process.exit(6);",
    )
    assert fibshim(file).returncode == 6


def test_errors_are_reported_and_change_nothing(tmp_path: Path) -> None:
    file = program(
        tmp_path, "process.exitCode = 3; throw new Error('in the worker');", "new Worker(file);"
    )
    done = fibshim(file)
    assert done.returncode == 0
    assert "Error: in the worker" in done.stderr
    assert "w.js:1:" in done.stderr


def test_messages_before_there_is_a_vm_are_lost(tmp_path: Path) -> None:
    file = program(
        tmp_path,
        ECHO,
        "const w = new Worker(file); w.postMessage('lost'); w.onmessage = m => console.log(m.data); coroutine.sleep(300); w.postMessage('kept');",
    )
    assert fibshim(file).stdout == "kept\n"


def test_the_console_is_shared(tmp_path: Path) -> None:
    file = program(
        tmp_path,
        "try { console.add('console') } catch (e) { console.log(e.number) } console.time('x'); Master.postMessage(1);",
        "new Worker(file).onmessage = () => { console.timeEnd('x'); console.loglevel = console.ERROR; console.log('hidden') };",
    )
    lines = fibshim(file).stdout.splitlines()
    assert lines[0] == "100009"
    assert float(lines[1].removeprefix("x: ").removesuffix("ms")) < 60_000
    assert len(lines) == 2


def test_signals_reach_the_main_vm_only(tmp_path: Path) -> None:
    file = program(
        tmp_path,
        "process.on('SIGINT', () => console.log('worker')); console.log('ready'); for (;;);",
        "process.on('SIGINT', () => { console.log('main'); process.exit(2) }); new Worker(file); coroutine.sleep(100000);",
    )
    with Running(file) as running:
        running.expect("ready")
        running.signal(signal.SIGINT)
        assert running.line() == "main"
        assert running.end() == 2


def test_closing_a_runtime_ends_its_workers(tmp_path: Path) -> None:
    """For embedding: nothing of them is left, whatever they are doing."""
    bodies = [
        "for (;;);",
        "require('coroutine').sleep(1e8);",
        ECHO,
        f"new (require('coroutine').Worker)('{tmp_path}/3.js'); for (;;);",
        "setInterval(() => {}, 1);",
    ]
    for number, body in enumerate(bodies):
        script(
            tmp_path / f"{number}.js", body if "3.js" not in body else body.replace("3.js", "0.js")
        )
    threads = threading.active_count()
    for round_ in range(6):
        session = Session()
        session.rt.boot_text(
            f"for (let i = 0; i < {len(bodies)}; i++) new (require('coroutine').Worker)('{tmp_path}/' + i + '.js'); require('coroutine').sleep({round_ * 20}); out(1)"
        )
        session.rt.sched.run()
        session.close()
        assert not session.errors
    gc.collect()
    eventually(lambda: threading.active_count() <= threads + 1)


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs two processors")
def test_two_workers_run_at_the_same_time(tmp_path: Path) -> None:
    """Both are seen on a processor at the same instant, again and again."""
    file = program(
        tmp_path,
        "Master.postMessage(1); for (;;);",
        "let n = 0; const go = () => ++n === 2 && console.log('go'); new Worker(file).onmessage = go; new Worker(file).onmessage = go;",
    )
    with Running(file) as running:
        running.expect("go")
        folder = Path(f"/proc/{running.process.pid}/task")

        def used() -> dict[str, int]:
            return {
                t.name: sum(map(int, (t / "stat").read_text().rsplit(")", 1)[1].split()[11:13]))
                for t in folder.iterdir()
            }

        def both() -> bool:
            before = used()
            time.sleep(0.25)
            after = used()
            return sum(after[t] - before.get(t, 0) >= 3 for t in after) >= 2

        eventually(both, 30)
