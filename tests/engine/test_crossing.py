"""Values across in both directions without loss (DESIGN §2, §5)."""

from __future__ import annotations

from typing import Any

import pytest
from harness import Session
from hypothesis import given, settings
from hypothesis import strategies as st

from fibshim.core.ops import REGISTRY, Op, op
from fibshim.engine.engine import WINDOW, BigInt
from fibshim.fibers import Wait

received: list[object] = []
to_send: list[object] = []


@op()
def keep_text(rt: object, text: str) -> None:
    received.append(text)


@op()
def keep_bytes(rt: object, data: bytes) -> None:
    received.append(data)


@op()
def keep_both(rt: object, first: str, data: bytes, number: int, second: str, more: bytes) -> None:
    received.append((first, data, number, second, more))


@op()
def give(rt: object) -> object:
    return to_send[0]


@op()
def echo_text(rt: object, text: str) -> str:
    return text


@op()
def echo_bytes(rt: object, data: bytes) -> bytes:
    return data


@op()
async def later_text(rt: object, text: str) -> str:
    return text


@op()
def later_bytes(rt: object, data: bytes) -> Wait:
    wait = Wait()
    wait.result = data
    rt.sched.operations += 1  # type: ignore[attr-defined]

    def over() -> None:
        rt.sched.operations -= 1  # type: ignore[attr-defined]
        rt.sched.wake(wait)  # type: ignore[attr-defined]

    rt.sched.call_later(0, over)  # type: ignore[attr-defined]
    return wait


@op()
def reject(rt: object, kind: str) -> None:
    from fibshim.core.errors import FibError

    raise {
        "fib": FibError(100004),
        "text": FibError(100023, "own text"),
        "os": FileNotFoundError(2, "x"),
        "value": ValueError("bad\0thing \ud800"),
        "recursion": RecursionError(),
    }[kind]


@pytest.fixture
def s(session: Session) -> Session:
    """A session whose scripts see the ops above as `t`."""
    REGISTRY["fibshim.modules.testing"] = REGISTRY[__name__]
    assert isinstance(REGISTRY[__name__]["give"], Op)
    import sys

    sys.modules["fibshim.modules.testing"] = sys.modules[__name__]
    session.rt.engine.evaluate("(core) => { globalThis.t = core.ops('testing'); }")(
        session.rt._core
    )
    received.clear()
    to_send.clear()
    return session


TEXTS = {
    "empty": "",
    "ascii": "hello",
    "nul": "a\0b",
    "nul at the end": "ab\0",
    "only nul": "\0",
    "latin": "é",
    "astral": "😀 and 😀",
    "astral and nul": "😀\0😀",
    "high surrogate": "\ud83d",
    "low surrogate": "x\udc00y",
    "swapped pair": "\udc00\ud800",
    "surrogate and nul": "\ud800\0",
    "bom": "\ufeffx",
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_both_ways(s: Session, name: str) -> None:
    text = TEXTS[name]
    to_send.append(text)
    s.run(
        "const s = t.give(); t.keepText(s); out(s === t.echoText(s), s.length); out(t.laterText(s) === s)"
    )
    assert received == [text]
    assert s.got == [(True, len(text.encode("utf-16-le", "surrogatepass")) // 2), True]


def test_text_of_64_mb(s: Session) -> None:
    s.run(
        "for (const [unit, size] of [['x', 64], ['\\0', 64], ['😀', 4], ['\\ud800', 4]]) {"
        " const big = unit.repeat((size << 20) / unit.length); t.keepText(big); out(t.echoText(big) === big); }"
    )
    assert s.got == [True] * 4
    assert [len(t) for t in received] == [64 << 20, 64 << 20, 2 << 20, 4 << 20]  # type: ignore[arg-type]


def test_ropes(s: Session) -> None:
    """Adding long strings makes ropes, which the binding refuses; appended, prepended, nested, with odd content."""
    s.run(
        "const x = 'x'.repeat(600); const all = [x + 'y', 'y' + x, x + '\\0' + x, x + '\\ud800' + x, x + '😀' + x, (x + x) + (x + x)];"
        "let grown = ''; for (let i = 0; i < 5000; i++) grown += String(i); all.push(grown);"
        "for (const text of all) { t.keepText(text); out(t.echoText(text) === text); out(t.laterText(text) === text) }"
        "out(t.echoText(x + '\\ud800' + x + '\\0') .length)"
    )
    assert s.got == [True] * 14 + [1202]
    assert [len(x) for x in received] == [
        601,
        601,
        1201,
        1201,
        1201,
        2400,
        len("".join(map(str, range(5000)))),
    ]  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, 1, WINDOW - 1, WINDOW, WINDOW + 1, 64 << 20])
def test_bytes_both_ways(s: Session, size: int) -> None:
    s.run(
        f"const b = new Uint8Array({size}); for (let i = 0; i < b.length; i += 997) b[i] = i; if (b.length) b[b.length - 1] = 7;"
        "t.keepBytes(b); const c = t.echoBytes(b); const d = t.laterBytes(b);"
        "const same = (x, y) => { for (let i = 0; i < x.length; i += 997) if (x[i] !== y[i]) return false;"
        " return x.length === y.length && x.at(-1) === y.at(-1); };"
        "out(c instanceof Uint8Array, same(b, c), same(b, d))"
    )
    assert s.got == [(True, True, True)]
    data = received[0]
    assert isinstance(data, bytes)
    assert len(data) == size
    assert all(data[i] == i % 256 for i in range(0, size - 1, 997))


def test_several_texts_and_bytes_in_one_call(s: Session) -> None:
    s.run("t.keepBoth('a\\0', new Uint8Array([1]), 5, '\\ud800', new Uint8Array(3))")
    assert received == [("a\0", b"\x01", 5, "\ud800", b"\0\0\0")]


def test_a_view_into_a_larger_buffer(s: Session) -> None:
    s.run("t.keepBytes(new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4))")
    assert received == [b"\x02\x03\x04"]


NUMBERS = [
    0, 1, -1, 2**31 - 1, -(2**31), 2**31, -(2**31) - 1, 2**32, 2**53, -(2**53), 2**53 + 1, -(2**63), 2**64, 2**1024, -(2**2000),
]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_ints_of_any_size_arrive_as_they_are(s: Session, number: int) -> None:
    to_send.append(number)
    kind = "number" if abs(number) <= 2**53 else "bigint"
    s.run("const n = t.give(); out(typeof n, String(n), BigInt(n).toString(16))")
    assert s.got[0][0] == kind
    assert s.got[0][2] == format(number, "x")


def test_a_bigint_result(s: Session) -> None:
    to_send.append(BigInt(-5))
    assert s.run("const n = t.give(); out(typeof n, n === -5n)") == [("bigint", True)]


def test_other_values(s: Session) -> None:
    for value in (None, True, False, 1.5, float("inf"), {"a": [1, "\ud800\0", None]}):
        to_send[:] = [value]
        s.run("{ const v = t.give(); out(JSON.stringify([v, typeof v])) }")
    assert [x.lower() for x in s.got] == [
        '[null,"object"]', "[true,\"boolean\"]", "[false,\"boolean\"]", '[1.5,"number"]', '[null,"number"]',
        '[{"a":[1,"\\ud800\\u0000",null]},"object"]',
    ]  # fmt: skip


def test_python_errors_arrive_as_errors(s: Session) -> None:
    s.run(
        "for (const kind of ['fib', 'text', 'os', 'value', 'recursion']) try { t.reject(kind) } catch (e) {"
        " out(e instanceof Error, e.name, e.message, e.number ?? 0) }"
    )
    assert s.got == [
        (True, "Error", "[-100004] Invalid argument.", 100004),
        (True, "Error", "own text", 100023),
        (True, "Error", "[2] No such file or directory", 2),
        (True, "Error", s.got[3][2], 100020),
        (True, "RangeError", "Maximum call stack size exceeded", 0),
    ]
    assert s.got[3][2].startswith("[-100020] Internal error.")


def test_script_errors_arrive_in_python(s: Session) -> None:
    from fibshim.engine import ScriptError

    describe = s.rt.engine.evaluate(
        "(glue) => () => { try { const e = new TypeError('a\\0b', { cause: new RangeError('why') }); e.number = 5; e.code = 'E_X'; throw e }"
        " catch (e) { return glue.describe(e) } }"
    )(s.rt._glue)
    error = ScriptError.from_json(describe())
    assert (error.name, error.message, error.number, error.code) == ("TypeError", "a\0b", 5, "E_X")
    assert isinstance(error.__cause__, ScriptError)
    assert error.__cause__.message == "why"
    describe = None


def test_hostile_errors_are_described_without_harm(s: Session) -> None:
    """User code in `toString`, getters and traps runs inside JavaScript, never while the binding makes text of an error."""
    from fibshim.engine import ScriptError

    describe = s.rt.engine.evaluate(
        "(glue) => (i) => glue.describe(["
        "{ toString() { throw 1 } }, { get message() { throw 2 }, get stack() { throw 3 } }, null, undefined, Symbol('x'),"
        "new Proxy({}, { get() { throw 4 } }), Object.create(null), 'text', 10n][i])"
    )(s.rt._glue)
    for i in range(9):
        assert isinstance(ScriptError.from_json(describe(i)), ScriptError)
    describe = None


texts = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)


def test_any_text_and_bytes(s: Session) -> None:
    """Property: what goes through an op comes back the same."""
    echo: Any = s.rt.engine.evaluate(
        "(t) => { globalThis.e = t; return (k) => { const v = t.give(); t[k](v); } }"
    )(s.rt.engine.evaluate("t"))

    @given(st.lists(st.one_of(texts, st.binary(max_size=300)), min_size=1, max_size=5))
    @settings(max_examples=300, deadline=None)
    def check(values: list[str | bytes]) -> None:
        for value in values:
            to_send[:] = [value]
            received.clear()
            echo("keepText" if isinstance(value, str) else "keepBytes")
            assert received == [value]

    check()
    echo = None
    s.rt.engine.evaluate("delete globalThis.e")
