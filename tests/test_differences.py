"""What docs/differences.md says of the engine's limits: if one of these fails since the engine got better, change it there."""

from __future__ import annotations

import pytest
from harness import fibshim, script


def test_loose_equality_of_long_strings(session):
    source = """
        const halves = (n) => ['a'.repeat(n) + 'b'.repeat(n), 'a'.repeat(n) + 'b'.repeat(n), ['a'.repeat(n), 'b'.repeat(n)].join('')];
        for (const n of [512, 513]) {
            const [tree, other, plain] = halves(n);
            out([tree == plain, tree != plain, tree == other, tree === plain, String(tree) == plain,
                Object.is(tree, plain), [tree].includes(plain), new Set([tree]).has(plain), { [tree]: 1 }[plain] === 1].join());
        }
        for (const n of [8193, 8194]) out('a'.repeat(n - 1) + 'a' == 'a'.repeat(n));
    """
    assert session.run(source) == [
        "true,false,true,true,true,true,true,true,true",
        "false,true,true,true,true,true,true,true,true",
        True,
        False,
    ]


def test_a_finalization_registry_holds_its_token(session):
    source = """
        let count = 0;
        const registry = new FinalizationRegistry(() => count++);
        (() => { const o = {}; registry.register(o, 1, o); })();
        (() => { const o = {}; registry.register(o, 1); })();
        GC();
        require('coroutine').sleep(1);
        out(count);
    """
    assert session.run(source) == [1]


def test_a_generator_that_is_blocked(session):
    source = """
        const coroutine = require('coroutine');
        const made = (function* () { coroutine.sleep(10); yield 1; })();
        coroutine.start(() => made.next());
        coroutine.sleep(0);
        try { made.next(); } catch (e) { out(String(e)); }
    """
    assert session.run(source) == ["TypeError: cannot invoke a running generator"]


def test_a_blocking_prepare_stack_trace(session):
    source = """
        const coroutine = require('coroutine');
        Error.prepareStackTrace = (e) => { coroutine.sleep(10); return 'prepared'; };
        coroutine.start(() => out(typeof new Error('two').stack));
        out(new Error('one').stack);
    """
    assert session.run(source) == ["undefined", "prepared"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("undefined.x", "TypeError: cannot read property 'x' of undefined"),
        ("nope", "ReferenceError: nope is not defined"),
        ("({}).f()", "TypeError: not a function"),
    ],
)
def test_texts_of_the_engine(session, source, text):
    assert session.run(f"try {{ {source} }} catch (e) {{ out(String(e)) }}") == [text]


def test_what_the_engine_does_not_have(session):
    assert session.run(
        "out([typeof Intl, typeof WebAssembly, (1234567.891).toLocaleString('de-DE')].join())"
    ) == ["undefined,undefined,1234567.891"]


def test_where_things_are_printed(tmp_path):
    source = "console.error('error'); Promise.reject(new Error('lost')); setTimeout(() => { throw new Error('late') }, 1)"
    done = fibshim(script(tmp_path / "a.js", source))
    assert done.stdout == "error\n"
    assert "Error: lost" in done.stderr
    assert "Error: late" in done.stderr
    assert done.returncode == 0
    done = fibshim("nowhere.js", cwd=tmp_path)
    assert done.stderr == "[2] No such file or directory: nowhere.js\n"
