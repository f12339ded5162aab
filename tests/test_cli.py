"""The command line as a subprocess: what it prints, how it ends (spec/fibers-and-runtime.md §3–4, modules-and-vm.md §1)."""

from __future__ import annotations

import re
import signal
import socket
import time
from pathlib import Path

import pytest
from harness import Running, fibshim, script


def test_help_and_version() -> None:
    done = fibshim("--help")
    assert done.returncode == 0
    for word in ("run FILE", "--map-port", "--stack-size", "-e", "examples"):
        assert word in done.stdout
    done = fibshim("--version")
    assert done.returncode == 0
    assert re.match(r"fibshim \d+\.\d+", done.stdout)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--nope"], "unknown option --nope"),
        (["run"], "run needs a FILE"),
        (["-e"], "-e needs a value"),
        (["--map-port", "80"], "--map-port takes FROM:TO"),
        (["--map-port=80:x", "x.js"], "--map-port takes FROM:TO"),
        (["--map-port", "0:99999", "x.js"], "ports lie between"),
        (["--stack-size", "big", "x.js"], "--stack-size takes a size"),
        (["--stack-size", "10K", "x.js"], "between 2M and 1G"),
    ],
)
def test_a_wrong_command_line_ends_with_2(words: list[str], text: str) -> None:
    done = fibshim(*words)
    assert done.returncode == 2
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 2


def test_run_file_and_arguments(tmp_path: Path) -> None:
    file = script(
        tmp_path / "a.js",
        "console.log(JSON.stringify(process.argv.slice(1)), argv.length, process.argv !== process.argv)",
    )
    for words in (["run", file], [file]):
        done = fibshim(*words, "--help", "-x", "y z", "")
        assert done.stdout == f'["{file}","--help","-x","y z",""] 6 true\n'
        assert done.returncode == 0


def test_the_script_is_found_like_a_module(tmp_path: Path) -> None:
    script(tmp_path / "app.js", "console.log('app.js', __filename.length > 6)")
    (tmp_path / "dir").mkdir()
    script(tmp_path / "dir" / "index.js", "console.log('index')")
    assert fibshim("run", "app", cwd=tmp_path).stdout == "app.js true\n"
    assert fibshim("run", "dir", cwd=tmp_path).stdout == "index\n"


def test_eval() -> None:
    done = fibshim("-e", "console.log(1 + 1, process.argv.slice(1).join())", "a", "b")
    assert (done.stdout, done.returncode) == ("2 a,b\n", 0)
    done = fibshim("-e", "let x = ;")
    assert done.returncode == 73
    assert "SyntaxError" in done.stderr
    assert "let x = ;" in done.stderr


def test_exec_argv_and_stack_size(tmp_path: Path) -> None:
    file = script(
        tmp_path / "a.js",
        "let n = 0; const f = () => { n++; f() }; try { f() } catch (e) { console.log(n, process.execArgv.join()) }",
    )
    small, big = (
        fibshim("--stack-size", size, "run", file).stdout.split() for size in ("2M", "16M")
    )
    assert int(big[0]) > 4 * int(small[0])
    assert small[1] == "--stack-size,2M"


# -- exit codes ----------------------------------------------------------------------------------

CODES = {
    "console.log('x')": 0,
    "process.exitCode = 5": 5,
    "process.exitCode = 300": 44,
    "process.exit(7)": 7,
    "process.exit('9')": 9,
    "process.exitCode = 3; process.exit()": 3,
    "process.exit(-1)": 255,
    "throw new Error('x')": 72,
    "process.exitCode = 4; throw new Error('x')": 72,
    "await Promise.reject(new Error('x'))": 72,
    "null.x": 72,
    "throw 5": 72,
    "throw undefined": 0,
    "throw null": 0,
    "await Promise.reject()": 0,
    "let a = ;": 73,
    "require('./other-bad')": 73,
    "require('nothing-like-it')": 72,
    "setTimeout(() => {}, 5); throw new Error('x')": 0,
    "process.exitCode = 6; setTimeout(() => {}, 5); throw new Error('x')": 6,
    "setTimeout(() => { throw new Error('x') }, 1)": 0,
    "require('coroutine').start(() => { throw new Error('x') })": 0,
    "Promise.reject(new Error('x'))": 0,
    "process.on('exit', (c) => { process.exitCode = 9 }); process.exitCode = 2": 2,
    "process.on('exit', (c) => { console.log('code', c) }); throw new Error('x')": 72,
    "process.once('beforeExit', () => { setTimeout(() => {}, 1) }); process.exitCode = 8; throw new Error('x')": 8,
    "setTimeout(() => process.exit(11), 1); require('coroutine').sleep(1e6)": 11,
    "require('coroutine').start(() => process.exit(12)); for (;;) require('coroutine').sleep(0)": 12,
    "try { process.exit(13) } finally { console.log('finally must not run') }": 13,
}


@pytest.mark.parametrize("source", CODES)
def test_exit_codes(tmp_path: Path, source: str) -> None:
    script(tmp_path / "other-bad.js", "let a = ;")
    done = fibshim("run", script(tmp_path / "a.js", source))
    assert done.returncode == CODES[source], done.stderr
    assert "Traceback" not in done.stderr
    assert "must not run" not in done.stdout


def test_a_missing_file() -> None:
    done = fibshim("run", "/no/such/file.js")
    assert done.returncode == 254
    assert done.stderr == "[2] No such file or directory: /no/such/file.js\n"


def test_exit_listeners_get_the_full_code(tmp_path: Path) -> None:
    file = script(tmp_path / "a.js", "process.on('exit', (c) => console.log(c)); null.x")
    assert fibshim("run", file).stdout == "-100024\n"


def test_before_exit_repeats_while_there_is_new_work(tmp_path: Path) -> None:
    file = script(
        tmp_path / "a.js",
        "let n = 0; process.on('beforeExit', (c) => { console.log('before', c); if (++n < 3) setTimeout(() => console.log('work', n), 1) });"
        "process.on('exit', () => console.log('exit')); process.exitCode = 4;",
    )
    done = fibshim("run", file)
    assert done.stdout.split("\n") == [
        "before 4",
        "work 1",
        "before 4",
        "work 2",
        "before 4",
        "exit",
        "",
    ]
    assert done.returncode == 4


def test_exit_listeners_may_block(tmp_path: Path) -> None:
    file = script(
        tmp_path / "a.js",
        "process.on('exit', () => { require('coroutine').sleep(20); console.log('slept') }); process.exit(3)",
    )
    done = fibshim("run", file)
    assert (done.stdout, done.returncode) == ("slept\n", 3)


def test_unrefed_timers_and_cleared_ones_do_not_keep_the_process(tmp_path: Path) -> None:
    file = script(
        tmp_path / "a.js",
        "setInterval(() => {}, 1000).unref(); clearTimeout(setTimeout(() => {}, 1e6)); setTimeout(() => console.log('end'), 5)",
    )
    start = time.monotonic()
    assert fibshim("run", file).stdout == "end\n"
    assert time.monotonic() - start < 30


# -- reports -------------------------------------------------------------------------------------


def test_an_uncaught_error_shows_the_place(tmp_path: Path) -> None:
    file = script(tmp_path / "a.js", "function f() {\n\tthrow new TypeError('boom');\n}\nf();\n")
    done = fibshim("run", file)
    lines = done.stderr.split("\n")
    assert re.match(re.escape(file) + r":2:\d+$", lines[0])
    assert lines[1] == "\tthrow new TypeError('boom');"
    assert re.match(r"\t +\^$", lines[2])
    assert lines[3] == "TypeError: boom"
    assert re.match(r"    at f \(" + re.escape(file) + r":2:\d+\)$", lines[4])
    assert re.match(r"    at " + re.escape(file) + r":4:\d+$", lines[5])
    assert lines[6:] == [""]
    assert done.stdout == ""


def test_a_syntax_error_shows_the_place(tmp_path: Path) -> None:
    file = script(tmp_path / "a.js", "let a = 1;\nlet b = a +* 2;\n")
    done = fibshim("run", file)
    lines = done.stderr.split("\n")
    assert lines[0].startswith(f"{file}:2:")
    assert lines[1] == "let b = a +* 2;"
    assert lines[2].strip("^ ") == ""
    assert lines[3].startswith("SyntaxError: ")
    assert done.returncode == 73


@pytest.mark.parametrize(
    "source",
    [
        "setTimeout(() => { throw new Error('boom') }, 1)",
        "setInterval(function () { this.clear(); throw new Error('boom') }, 1)",
        "setImmediate(() => { throw new Error('boom') })",
        "process.nextTick(() => { throw new Error('boom') })",
        "require('coroutine').start(() => { throw new Error('boom') })",
        "require('coroutine').sleep(1, () => { throw new Error('boom') })",
        "(async () => { throw new Error('boom') })()",
        "Promise.resolve().then(() => { throw new Error('boom') })",
    ],
)
def test_an_error_anywhere_is_one_clear_message_and_the_rest_goes_on(
    tmp_path: Path, source: str
) -> None:
    file = script(tmp_path / "a.js", source + "; setTimeout(() => console.log('on'), 10)")
    done = fibshim("run", file)
    assert done.stdout == "on\n"
    assert done.returncode == 0
    assert done.stderr.startswith(f"{file}:1:")
    assert "Error: boom" in done.stderr
    assert done.stderr.count("boom") == 2, "the source line and the message"


def test_values_that_are_no_errors(tmp_path: Path) -> None:
    file = script(
        tmp_path / "a.js",
        "const { start } = require('coroutine'); start(() => { throw { name: 'N', message: 'M' } }); start(() => { throw 'text' })",
    )
    done = fibshim("run", file)
    assert "N: M" in done.stderr
    assert "text\n" in done.stderr


def test_an_unknown_module(tmp_path: Path) -> None:
    done = fibshim("run", script(tmp_path / "a.js", "require('no-such-module')"))
    assert done.returncode == 72
    assert done.stderr.startswith(str(tmp_path))
    assert "[2] No such file or directory" in done.stderr


def test_an_unsupported_module_says_what_to_use(tmp_path: Path) -> None:
    done = fibshim("run", script(tmp_path / "a.js", "require('gd')"))
    assert "require('gd') is not supported by fibshim" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", ["plain", "blocking", "fiber", "getter", "map"])
def test_infinite_recursion_is_a_catchable_range_error(tmp_path: Path, kind: str) -> None:
    body = {
        "plain": "f()",
        "blocking": "if (n % 700 === 0) sleep(0); f()",
        "fiber": "if (n % 700 === 0) sleep(1); f()",
        "getter": "o.x",
        "map": "[1].map(f)",
    }[kind]
    file = script(
        tmp_path / "a.js",
        f"const {{ sleep, start }} = require('coroutine'); let n = 0; const o = {{ get x() {{ n++; return this.x }} }}; const f = () => {{ n++; {body} }};"
        "const go = () => { n = 0; try { f() } catch (e) { console.log(e instanceof RangeError, n > 300) } };"
        "const other = start(() => { for (let i = 0; i < 30; i++) sleep(0) }); go(); start(go).join(); other.join()",
    )
    done = fibshim("run", file)
    assert done.stdout == "true true\ntrue true\n", done.stderr
    assert done.returncode == 0


def test_uncaught_recursion(tmp_path: Path) -> None:
    done = fibshim("run", script(tmp_path / "a.js", "const f = () => f(); f()"))
    assert done.returncode == 72
    assert "RangeError" in done.stderr


# -- signals -------------------------------------------------------------------------------------

ENDLESS = {
    "loop": "console.log('up'); for (;;);",
    "blocked": "console.log('up'); new (require('coroutine').Event)().wait()",
    "sleeping": "console.log('up'); require('coroutine').sleep(1e6)",
    "timers": "setInterval(() => {}, 10); console.log('up')",
    "catching": "console.log('up'); for (;;) try { for (;;) [1].map(() => 1) } catch {} finally { for (;;); }",
    "regexp": "console.log('up'); /(a+)+b/.test('a'.repeat(40))",
    "process": "process; console.log('up'); for (;;);",
    "many": "const co = require('coroutine'); for (let i = 0; i < 100; i++) co.start(() => new co.Event().wait()); co.sleep(1); console.log('up'); co.sleep(1e6)",
    "reading": "console.log('up'); console.readLine()",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_ctrl_c_ends_anything_within_a_second(tmp_path: Path, name: str) -> None:
    import subprocess

    with Running("run", script(tmp_path / "a.js", ENDLESS[name]), stdin=subprocess.PIPE) as running:
        running.expect("up")
        start = time.monotonic()
        running.signal(signal.SIGINT)
        assert running.end() == 130
        assert time.monotonic() - start < 3, "a second, and room for a loaded machine"
        assert running.process.stderr is not None
        assert running.process.stderr.read() == b""


def test_sigterm_without_a_listener_ends_with_1(tmp_path: Path) -> None:
    with Running("run", script(tmp_path / "a.js", ENDLESS["timers"])) as running:
        running.expect("up")
        running.signal(signal.SIGTERM)
        assert running.end() == 1


@pytest.mark.parametrize("name", ["loop", "blocked", "sleeping", "timers", "many"])
def test_listeners_run_also_in_the_middle_of_a_loop(tmp_path: Path, name: str) -> None:
    source = "process.on('SIGINT', () => { console.log('listener', process.exitCode); process.exit(3) }); process.on('exit', (c) => console.log('exit', c));"
    with Running("run", script(tmp_path / "a.js", source + ENDLESS[name])) as running:
        running.expect("up")
        running.signal(signal.SIGINT)
        assert running.line() == "listener 0"
        assert running.line() == "exit 3"
        assert running.end() == 3


def test_a_listener_that_does_not_exit_lets_the_loop_go_on(tmp_path: Path) -> None:
    source = "let hits = 0; process.on('SIGTERM', () => { hits++; console.log('hit', hits) }); console.log('up'); while (hits < 2); console.log('loop ended')"
    with Running("run", script(tmp_path / "a.js", source)) as running:
        running.expect("up")
        for i in (1, 2):
            running.signal(signal.SIGTERM)
            assert running.line() == f"hit {i}"
        assert running.line() == "loop ended"
        assert running.end() == 0


def test_exit_is_emitted_on_ctrl_c(tmp_path: Path) -> None:
    source = "process.on('exit', (c) => { require('coroutine').sleep(1); console.log('exit', c) }); console.log('up'); for (;;);"
    with Running("run", script(tmp_path / "a.js", source)) as running:
        running.expect("up")
        running.signal(signal.SIGINT)
        assert running.line() == "exit 130"
        assert running.end() == 130


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    source = "process.on('exit', () => { console.log('exiting'); for (;;); }); console.log('up'); for (;;);"
    with Running("run", script(tmp_path / "a.js", source)) as running:
        running.expect("up")
        running.signal(signal.SIGINT)
        running.expect("exiting")
        running.signal(signal.SIGINT)
        assert running.end() == 130


def test_a_listener_wakes_a_deadlocked_script(tmp_path: Path) -> None:
    source = "const stop = new (require('coroutine').Event)(); process.on('SIGTERM', () => stop.set()); console.log('up'); stop.wait(); console.log('stopped')"
    with Running("run", script(tmp_path / "a.js", source)) as running:
        running.expect("up")
        running.signal(signal.SIGTERM)
        assert running.line() == "stopped"
        assert running.end() == 0


# -- ports ---------------------------------------------------------------------------------------


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        file = script(
            tmp_path / "a.js",
            f"const http = require('http');\nnew http.Server('127.0.0.1', {port}, () => {{}}).run();\n",
        )
        done = fibshim("run", file)
    assert done.returncode == 72
    assert "[98] Address already in use" in done.stderr
    assert f"{file}:2:" in done.stderr
    assert f"--map-port {port}:" in done.stderr
    assert "Traceback" not in done.stderr


def test_map_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    source = (
        "const http = require('http'); const svr = new http.Server(80, (r) => { r.response.write('mapped') }); svr.start();"
        "console.log(http.get('http://127.0.0.1/').readAll().toString(), http.get('http://localhost:80/').statusCode); svr.stop()"
    )
    done = fibshim("--map-port", f"80:{port}", "run", script(tmp_path / "a.js", source))
    assert done.stdout == "mapped 200\n", done.stderr


def test_output_into_a_closed_pipe(tmp_path: Path) -> None:
    import subprocess
    import sys

    from harness import environment

    file = script(tmp_path / "a.js", "for (let i = 0; i < 1e5; i++) console.log('line', i)")
    done = subprocess.run(
        f"{sys.executable} -m fibshim run {file} | head -1",
        shell=True,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
    )
    assert done.stdout == "line 0\n"
    assert done.stderr == ""


# -- odd scripts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        '})(); console.log("escaped");(function(){',
        "}), (()=>{for(;;);})(), (function(){",
        "}]; console.log('escaped'); [function(){",
        "})",
        "}); (() => {",
    ],
)
def test_a_script_cannot_close_what_is_around_it(tmp_path: Path, source: str) -> None:
    """Else it would run while it is compiled, where nothing may."""
    done = fibshim("run", script(tmp_path / "a.js", source), timeout=20)
    assert done.returncode == 73
    assert "SyntaxError" in done.stderr
    assert "escaped" not in done.stdout


@pytest.mark.parametrize("source", ["if (1) {\n", "let a = 1;\nawait", "f(\n\n"])
def test_a_script_that_ends_too_early(tmp_path: Path, source: str) -> None:
    file = script(tmp_path / "a.js", source)
    done = fibshim("run", file)
    lines = done.stderr.split("\n")
    last = source.rstrip("\n").split("\n")
    assert lines[0] == f"{file}:{len(last)}:{len(last[-1]) + 1}"
    assert lines[1] == last[-1]
    assert lines[3] == "SyntaxError: unexpected end of input"


def test_a_script_that_is_not_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "a.js"
    file.write_bytes(b"// gr\xfc\xdfe\nconsole.log('caf\xe9'.length)")
    assert fibshim("run", str(file)).stdout == "4\n"


def test_names_and_arguments_that_are_not_utf_8(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    from harness import environment

    name = os.fsencode(tmp_path) + b"/na\xffme.js"
    with open(name, "wb") as file:
        file.write(b"console.log(process.argv.length, __filename === process.argv[1])")
    done = subprocess.run(
        [sys.executable, "-m", "fibshim", "run", name, b"a\xffb"],
        capture_output=True,
        env=environment(),
    )
    assert done.stdout == b"3 true\n", done.stderr
    done = subprocess.run(
        [sys.executable, "-m", "fibshim", "-e", b"console.log('\xff'.length > 0)"],
        capture_output=True,
        env=environment(),
    )
    assert done.stdout == b"true\n", done.stderr


def test_errors_of_the_engine_itself_have_a_text(tmp_path: Path) -> None:
    done = fibshim("run", script(tmp_path / "a.js", "let a = 'x'.repeat(2 ** 29); a + a + a + a"))
    assert done.returncode == 72
    assert "InternalError: string too long" in done.stderr


def test_ctrl_c_ends_loops_of_calls_that_never_ask(tmp_path: Path) -> None:
    with Running(
        "run", script(tmp_path / "a.js", "console.log('up'); for (;;) 'x'.repeat(1e6).split('')")
    ) as running:
        running.expect("up")
        running.signal(signal.SIGINT)
        assert running.end() == 130


@pytest.mark.parametrize(
    "words", [["--stack-size", "²M"], ["--map-port", "²:80"], ["--map-port", "80:0"]]
)
def test_odd_numbers_on_the_command_line(words: list[str]) -> None:
    done = fibshim(*words, "x.js")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_sizes_that_help_names_are_accepted() -> None:
    for size in re.findall(r"e\.g\. (\w+) .*? or (\w+)", fibshim("--help").stdout)[0]:
        assert fibshim("--stack-size", size, "-e", "1").returncode == 0
