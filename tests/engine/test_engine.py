"""The self-checks, compilation under the real file name, interruption (DESIGN §2)."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from harness import Session, environment, fibshim, script

from fibshim.engine import Engine, EngineError, native


def test_another_engine_version_is_refused() -> None:
    with pytest.raises(EngineError, match=r"needs quickjs-ng 0\.17\.x, but 0\.18\.0 is installed"):
        native.check_version("0.18.0")
    native.check_version("0.17.3")


def test_a_wheel_without_the_functions_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Windows wheels are: an extension module that exports nothing but its init function."""
    monkeypatch.setattr(native.ctypes, "PyDLL", lambda path: SimpleNamespace())
    with pytest.raises(EngineError, match="does not export JS_GetVersion"):
        native.load("x")


def test_the_command_line_says_it_in_one_sentence(tmp_path: Path) -> None:
    code = (
        "from fibshim.engine import native; native.ENGINE_VERSION = '9.9.'; import sys; sys.argv = ['fibshim', 'x.js'];"
        "from fibshim.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("fibshim: fibshim needs quickjs-ng 9.9.x, but 0.17.")
    assert done.stderr.count("\n") == 1


def test_an_unknown_layout_is_refused() -> None:
    engine = Engine()

    class Nothing:
        """A library whose functions leave no trace."""

        def __getattr__(self, name: str) -> object:
            return lambda *args: None

    with pytest.raises(EngineError, match="unknown way"):
        native.Words(Nothing(), engine.rt)
    engine.close()


def test_only_the_c_module_is_imported() -> None:
    """The wrapper package `quickjs` starts a thread pool and costs 13 ms."""
    code = "import fibshim.core.runtime as r, sys; r.Runtime(); print('quickjs' in sys.modules, 'asyncio' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment()
    )
    assert done.stdout.split() == ["False", "False"]


def test_lines_and_columns_are_those_of_the_file(tmp_path: Path) -> None:
    file = script(
        tmp_path / "app.js",
        "const f = () => { throw new Error('x'); };\nfunction g() {\n    f();\n}\nconsole.log((() => { try { g(); } catch (e) { return e.stack; } })());\n",
    )
    done = fibshim("run", file)
    assert done.stdout.splitlines()[:3] == [
        "Error: x",
        f"    at f ({file}:1:{done.stdout.split(':1:')[1].split(')')[0]})",
        f"    at g ({file}:3:5)",
    ]
    assert 18 < int(done.stdout.split(":1:")[1].split(")")[0]) < 35


@pytest.mark.parametrize("name", ["späce and ünïcode.js", "quote'\".js", "percent%d.js"])
def test_odd_file_names(tmp_path: Path, name: str) -> None:
    file = script(tmp_path / name, "console.log(__filename); null.x")
    done = fibshim("run", file)
    assert done.stdout == f"{file}\n"
    assert f"{file}:1:" in done.stderr


def test_a_running_script_can_be_interrupted() -> None:
    session = Session()
    sched = session.rt.sched
    threading.Timer(0.2, sched.stop).start()
    start = time.monotonic()
    session.rt.boot_text("try { for (;;); } catch (e) { out('caught') } finally { out('finally') }")
    assert sched.run() == "stop"
    assert time.monotonic() - start < 5
    sched.resume()
    assert session.run("out(1)") == [1], "no user code ran on, and the runtime still works"
    session.close()


def test_unhandled_rejections_are_noticed() -> None:
    session = Session()
    session.run(
        "Promise.reject(new Error('lost')); const late = Promise.reject(1); late.catch(() => {});"
        "(async () => { throw new Error('in async') })(); new Promise((_, no) => no(5)).then(() => {});"
    )
    text = session.texts[2]
    assert "Error: lost" in text
    assert "Error: in async" in text
    assert "\n5\n" in text
    assert text.count("^") == 2
    session.close()


def test_many_rejections_at_once() -> None:
    session = Session()
    session.run("for (let i = 0; i < 500; i++) Promise.reject(new Error('r' + i))")
    assert all(f"Error: r{i}\n" in session.texts[2] for i in range(500))
    session.close()


def test_a_handled_rejection_frees_its_reason() -> None:
    session = Session()
    session.run(
        "let lost = 0; const fr = new FinalizationRegistry(() => { lost++ });"
        "for (let i = 0; i < 50; i++) { const e = { i }; fr.register(e, i); const p = Promise.reject(e); p.catch(() => {}); }"
        "require('coroutine').sleep(1); GC(); require('coroutine').sleep(1); out(lost)"
    )
    assert session.got[0] >= 49
    session.close()


def test_the_stack_has_v8s_form() -> None:
    session = Session()
    session.run(
        "function f() { return new RangeError('m') } out(f().stack.split('\\n').slice(0, 2).join('|'));"
        "Error.stackTraceLimit = 0; out(f().stack); Error.stackTraceLimit = 1; out(f().stack.split('\\n').length);"
        "Error.stackTraceLimit = 10; const o = { name: 'N', message: 'M' }; (function a() { (function b() { Error.captureStackTrace(o, b) })() })();"
        "out(o.stack.split('\\n').length > 1, /^N: M\\n    at a \\(/.test(o.stack));"
        "Error.prepareStackTrace = (e, s) => 'P' + Array.isArray(s); out(new Error('x').stack)"
    )
    first = session.got[0]
    assert first.startswith("RangeError: m|    at f (")
    assert session.got[1:] == ["RangeError: m", 2, (True, True), "Ptrue"]
    session.close()


def test_patched_intrinsics_do_not_reach_the_glue() -> None:
    """Rule 8: the glue captures what it uses; scripts patch what they like.

    Left out is `concat`: template literals call it in this engine.
    """
    session = Session()
    session.run(
        "const sleep = require('coroutine').sleep, start = require('coroutine').start, E = require('coroutine').Event;"
        "const ok = out; const bad = () => { throw new Error('patched') };"
        "for (const C of [Map, Set, Array, String, Function, RegExp, Promise, ArrayBuffer, Uint8Array, Object])"
        "  for (const k of Reflect.ownKeys(C.prototype)) { if (k === 'constructor' || typeof k === 'symbol' || k === '__proto__' || k === 'apply' || k === 'call' || k === 'concat') continue;"
        "    try { if (typeof Object.getOwnPropertyDescriptor(C.prototype, k).value === 'function') Object.defineProperty(C.prototype, k, { value: bad, writable: true, configurable: true }) } catch {} }"
        "Reflect.apply = bad; JSON.parse = bad; JSON.stringify = bad;"
        "const e = new E(); start(() => { sleep(1); e.set() }); e.wait(); sleep(0); ok('alive');"
    )
    assert session.got == ["alive"], session.texts
    session.close()
