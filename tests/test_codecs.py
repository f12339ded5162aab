"""Properties of Buffer, the codecs, streams and paths.

The oracles are Python's codecs, small readings of the chapters written here, and Node where it agrees (if there is one).
"""

from __future__ import annotations

import base64
import io
import json
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from harness import Session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

settings.register_profile(
    "codecs", max_examples=60, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile("codecs")

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def js() -> Iterator[Call]:
    """Call a JavaScript function, given as text, with values that cross as JSON (bytes as hex)."""
    session = Session()

    def call(function: str, *args: Any) -> Any:
        session.got.clear()
        session.run(f"out(JSON.stringify([({function})(...{literal(args)})]))")
        assert len(session.got) == 1, session.texts[2]
        return json.loads(session.got[0])[0]

    yield call
    session.close()


def literal(value: Any) -> str:
    """JSON that is JavaScript too; surrogates are escaped as they are."""
    return json.dumps(value, default=lambda data: data.hex())


@pytest.fixture(scope="module")
def node() -> Iterator[Call]:
    """As `js`, in Node."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("there is no node")
    loop = (
        "require('readline').createInterface({ input: process.stdin }).on('line', (line) => {"
        "const [f, args] = JSON.parse(line); let r; try { r = [eval(f)(...args)]; } catch (e) { r = { error: e.message }; }"
        "console.log(JSON.stringify(r)); });"
    )
    process = subprocess.Popen(
        [program, "-e", loop], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout
    stdin, stdout = process.stdin, process.stdout

    def call(function: str, *args: Any) -> Any:
        stdin.write(literal([f"({function})", args]) + "\n")
        stdin.flush()
        return json.loads(stdout.readline())[0]

    yield call
    stdin.close()
    process.wait()


def units(text: str) -> str:
    """A text as JavaScript sees it: pairs of surrogates are one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=80).map(units)
long_text = st.tuples(any_text, st.sampled_from([0, 1, 30, 600])).map(lambda t: t[0] * t[1])
texts = st.one_of(any_text, long_text)
data = st.one_of(
    st.binary(max_size=40),
    st.binary(max_size=300),
    st.tuples(st.binary(max_size=20), st.just(b"x" * 700)).map(b"".join),
)


# -- UTF-8 -----------------------------------------------------------------------------------------


def utf8(data: bytes) -> str:
    """§1.3, read literally: UTF-16 code units of any bytes."""
    out: list[int] = []
    at = 0
    while at < len(data):
        lead = data[at]
        at += 1
        if lead < 0x80:
            out.append(lead)
            continue
        size = next((n for n in range(2, 7) if lead >> (7 - n) == (1 << (n + 1)) - 2), 0)
        if size == 0:
            out.append(0xFFFD)
            continue
        value = lead & ((1 << (7 - size)) - 1)
        for _ in range(size - 1):
            if at == len(data) or data[at] & 0xC0 != 0x80:
                out.append(0xFFFD)
                break
            value = value << 6 | data[at] & 0x3F
            at += 1
        else:
            if value < 0x10000:
                out.append(value)
            else:
                value -= 0x10000
                out.append((value >> 10 | 0xD800) & 0xFFFF)
                out.append(value & 0x3FF | 0xDC00)
    return struct.pack(f"<{len(out)}H", *out).decode("utf-16-le", "surrogatepass")


PIECES = [
    "61",
    "c3a9",
    "e282ac",
    "f09f9880",
    "80",
    "e282",
    "f09f",
    "ff",
    "eda0bd",
    "c181",
    "f888808080",
    "fdbfbfbfbfbf",
    "f4908080",
]
broken = st.lists(st.sampled_from([bytes.fromhex(p) for p in PIECES]), max_size=60).map(b"".join)


@given(texts)
def test_utf8_round_trip(js: Call, text: str) -> None:
    encoded = js("(t) => new Buffer(t).hex()", text)
    assert encoded == text.encode("utf-8", "surrogatepass").hex()
    assert units(js("(h) => Buffer.from(h, 'hex').toString()", encoded)) == text


@given(st.one_of(data, broken))
def test_utf8_of_any_bytes(js: Call, data: bytes) -> None:
    assert units(js("(h) => Buffer.from(h, 'hex').toString()", data)) == utf8(data)


@given(st.one_of(broken, data), st.lists(st.integers(1, 7), min_size=1))
@pytest.mark.parametrize("name", ["utf8", "utf16le", "base64", "latin1", "hex"])
def test_decoder_in_pieces(js: Call, name: str, data: bytes, sizes: list[int]) -> None:
    """Whatever the pieces, the text is that of the whole."""
    if name == "utf16le":
        data = data[: len(data) & ~1]
    code = """(h, name, sizes) => {
        const whole = Buffer.from(h, 'hex'), d = new (require('string_decoder').StringDecoder)(name);
        let text = '';
        for (let at = 0, i = 0; at < whole.length; at += sizes[i++ % sizes.length])
            text += d.write(whole.slice(at, at + sizes[i % sizes.length]));
        return [text + d.end(), whole.toString(name)];
    }"""
    pieces, whole = js(code, data, name, sizes)
    if name == "utf8":
        # What is pending at the end is one U+FFFD in either case.
        assert units(pieces) == units(whole)
    else:
        assert pieces == whole


# -- codecs ----------------------------------------------------------------------------------------


@given(texts)
@pytest.mark.parametrize(("name", "codec"), [("ucs2", "utf-16-le"), ("utf32le", "utf-32-le")])
def test_wide_codecs(js: Call, name: str, codec: str, text: str) -> None:
    encoded = js("(t, n) => new Buffer(t, n).hex()", text, name)
    assert encoded == text.encode(codec, "surrogatepass").hex()
    assert units(js("(h, n) => Buffer.from(h, 'hex').toString(n)", encoded, name)) == text


@given(st.text(max_size=60))
@pytest.mark.parametrize(
    "name", ["gbk", "big5", "shift_jis", "euc-kr", "latin1", "ascii", "koi8-r"]
)
def test_character_sets(js: Call, name: str, text: str) -> None:
    code = "(t, n) => { try { return new Buffer(t, n).hex(); } catch (e) { return e.message; } }"
    try:
        expected = text.encode(name)
    except UnicodeEncodeError:
        assert js(code, text, name) == "encoding: convert error."
        return
    assert js(code, text, name) == expected.hex()
    assert js("(h, n) => Buffer.from(h, 'hex').toString(n)", expected, name) == expected.decode(
        name
    )


@given(data)
def test_plain_codecs(js: Call, data: bytes) -> None:
    code = """(h) => {
        const b = Buffer.from(h, 'hex');
        return [b.hex(), b.base64(), b.base32(), require('base64').encode(b, true), b.toString('latin1')];
    }"""
    assert js(code, data) == [
        data.hex(),
        base64.b64encode(data).decode(),
        base64.b32encode(data).decode().lower(),
        base64.urlsafe_b64encode(data).decode(),
        data.decode("latin-1"),
    ]
    back = """(h) => {
        const b = Buffer.from(h, 'hex');
        return [
            require('base64').decode(b.base64()), require('base64').decode(b.base64().replace(/=/g, '')),
            require('base32').decode(b.base32()), require('hex').decode(b.hex().toUpperCase()),
            require('base58').decode(b.base58()), new Buffer(b.toString('latin1'), 'binary'),
        ].every((x) => x.equals(b));
    }"""
    assert js(back, data) is True


def lenient_hex(text: str) -> bytes:
    """§5.2, read literally."""
    out = bytearray()
    text = text.split("\0")[0]
    value = {c: int(c, 16) for c in "0123456789abcdefABCDEF"} | dict.fromkeys(
        "GHIJKLMNOPQRSTUVWXYZ", 0
    )
    at = 0
    while at + 1 < len(text):
        first = value.get(text[at])
        at += 1
        if first is None:
            continue
        second = value.get(text[at])
        at += 1
        out.append(first if second is None else first << 4 | second)
    return bytes(out)


@given(st.text(st.sampled_from("0123456789abcdefABCDEFGZgz -é中\0"), max_size=40))
def test_lenient_hex(js: Call, text: str) -> None:
    assert js("(t) => require('hex').decode(t).hex()", text) == lenient_hex(text).hex()


@given(st.text(st.sampled_from("ABCDwxyz0189+/-_= \n.é中\0"), max_size=40))
def test_lenient_base64(js: Call, text: str) -> None:
    kept = "".join(c for c in text.split("\0")[0] if c.isascii() and (c.isalnum() or c in "+/-_"))
    kept = kept.replace("-", "+").replace("_", "/")
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    expected = base64.b64decode(kept + "=" * (-len(kept) % 4))
    assert js("(t) => require('base64').decode(t).hex()", text) == expected.hex()


@given(st.text(max_size=30))
def test_punycode(js: Call, text: str) -> None:
    encoded = text.encode("punycode").decode()
    assert js("(t) => require('punycode').encode(t)", text) == encoded
    assert js("(t) => require('punycode').decode(t)", encoded) == text


@given(texts)
def test_percent(js: Call, text: str) -> None:
    from urllib.parse import quote

    data = text.encode("utf-8", "surrogatepass")
    component, whole = js(
        "(t) => [require('encoding').encodeURIComponent(t), require('encoding').encodeURI(t)]", text
    )
    assert component == quote(data, safe="!'()*-._~")
    assert whole == quote(data, safe="!#$&'()*+,-./:;=?@_~")
    assert units(js("(t) => require('encoding').decodeURI(t)", component)) == text


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=5))
def test_querystring(js: Call, pairs: dict[str, str]) -> None:
    lowered = {name.lower() for name in pairs}
    if len(lowered) == len(pairs) and not lowered & {"tojson", "__proto__"}:
        code = "(o) => { const qs = require('querystring'); const c = qs.parse(qs.stringify(o)); return Object.keys(o).every((k) => c.first(k) === o[k]); }"
        assert js(code, pairs) is True


# -- numbers ---------------------------------------------------------------------------------------


@given(st.binary(min_size=8, max_size=8), st.integers(1, 8), st.integers(0, 7))
def test_integers(js: Call, data: bytes, width: int, offset: int) -> None:
    part = data[offset : offset + width]
    code = """(h, offset, width) => {
        const b = Buffer.from(h, 'hex'), out = [];
        for (const name of ['readUIntLE', 'readUIntBE', 'readIntLE', 'readIntBE']) {
            const value = b[name](offset, width);
            const copy = Buffer.from(b);
            const end = copy[name.replace('read', 'write')](value, offset, width);
            out.push([`${value}`, typeof value, copy.equals(b) && end === offset + width]);
        }
        return out;
    }"""
    if len(part) < width:
        assert (
            js(
                f"(...a) => {{ try {{ ({code})(...a); }} catch (e) {{ return e.number; }} }}",
                data,
                offset,
                width,
            )
            == 100006
        )
        return
    kind = "number" if width <= 6 else "bigint"
    expected = [
        [str(int.from_bytes(part, order, signed=signed or width == 8)), kind, True]
        for signed in (False, True)
        for order in ("little", "big")
    ]
    assert js(code, data, offset, width) == expected


@given(st.floats(allow_nan=False))
def test_floats(js: Call, value: float) -> None:
    code = """(t) => {
        const b = new Buffer(24), v = Number(t);
        b.writeDoubleLE(v, 0); b.writeDoubleBE(v, 8); b.writeFloatLE(v, 16); b.writeFloatBE(v, 20);
        return [b.hex(), Object.is(b.readDoubleBE(8), v), Object.is(b.readFloatLE(16), Math.fround(v))];
    }"""
    try:
        single = struct.pack("<f", value) + struct.pack(">f", value)
    except OverflowError:
        infinity = float("inf") if value > 0 else float("-inf")
        single = struct.pack("<f", infinity) + struct.pack(">f", infinity)
    expected = struct.pack("<d", value) + struct.pack(">d", value) + single
    text = repr(value).replace("inf", "Infinity")
    assert js(code, text) == [expected.hex(), True, True]


# -- values ----------------------------------------------------------------------------------------

keys = st.text(max_size=6).filter(
    lambda k: k not in ("toJSON", "type", "data", "__proto__") and "\0" not in k
)
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=10),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)
SAME = "const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);"


@given(values, st.sampled_from(["", " ", "x", "]", "1", '"']))
def test_json(js: Call, value: Any, tail: str) -> None:
    """With text behind it the value takes the original's parser."""
    code = f"(t, tail) => {{ {SAME} const j = require('json'); return same(j.decode(t + ' ' + tail), JSON.parse(t)) && same(j.decode(j.encode(JSON.parse(t))), JSON.parse(t)); }}"
    assert js(code, json.dumps(value), tail) is True


@given(values)
def test_msgpack_round_trip(js: Call, value: Any) -> None:
    code = (
        f"(v) => {{ {SAME} const m = require('msgpack'); return same(m.decode(m.encode(v)), v); }}"
    )

    def plain(item: Any) -> bool:
        if isinstance(item, dict):
            return all(not key.isascii() or not key.isdigit() for key in item) and all(
                map(plain, item.values())
            )
        return all(map(plain, item)) if isinstance(item, list) else True

    if plain(value):
        assert js(code, value) is True


@given(st.binary(max_size=60))
def test_readers_survive_anything(js: Call, data: bytes) -> None:
    code = """(h) => {
        const b = Buffer.from(h, 'hex');
        require('msgpack').decode(b);
        try { require('bson').decode(b); } catch (e) { if (e.number !== 100011) throw e; }
        try { require('json').decode(b.toString('latin1')); } catch (e) { if (e.number !== 100023) throw e; }
        return true;
    }"""
    assert js(code, data) is True


@given(st.dictionaries(keys, values, max_size=5))
def test_bson_round_trip(js: Call, value: dict[str, Any]) -> None:
    def plain(item: Any) -> bool:
        if isinstance(item, str):
            return "\0" not in item
        if isinstance(item, dict):
            return all(map(plain, item.values()))
        return all(map(plain, item)) if isinstance(item, list) else True

    code = f"(v) => {{ {SAME} const m = require('bson'); return same(m.decode(m.encode(v)), v); }}"
    if plain(value):
        assert js(code, value) is True


# -- streams ---------------------------------------------------------------------------------------

steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.binary(max_size=20)),
        st.tuples(st.just("read"), st.integers(-1, 30)),
        st.tuples(st.just("seek"), st.integers(0, 40)),
        st.tuples(st.just("truncate"), st.integers(0, 40)),
        st.tuples(st.just("clone"), st.none()),
        st.tuples(st.just("readAll"), st.none()),
    ),
    max_size=25,
)


@given(steps)
def test_memory_stream(js: Call, steps: list[tuple[str, Any]]) -> None:
    """A MemoryStream is an `io.BytesIO` whose position stays within the content."""
    code = """(steps) => {
        const ms = new (require('io').MemoryStream)(), out = [];
        let clone = null;
        for (const [name, arg] of steps) {
            if (name === 'write') ms.write(Buffer.from(arg, 'hex'));
            else if (name === 'seek') ms.seek(arg, 0);
            else if (name === 'clone') clone = ms.clone();
            else if (name === 'truncate') ms.truncate(arg);
            else out.push((name === 'read' ? ms.read(arg) : ms.readAll())?.hex() ?? null);
            out.push(Number(ms.tell()), Number(ms.size()));
        }
        ms.rewind();
        return [out, ms.readAll()?.hex() ?? '', clone?.readAll()?.hex() ?? ''];
    }"""
    model, clone = io.BytesIO(), b""
    out: list[Any] = []
    for name, arg in steps:
        if name == "write":
            model.write(arg)
        elif name == "seek":
            model.seek(min(arg, len(model.getvalue())))
        elif name == "clone":
            clone = model.getvalue()
        elif name == "truncate":
            model = io.BytesIO(model.getvalue()[:arg].ljust(arg, b"\0"))
        else:
            found = b"" if arg == 0 else model.read(arg if name == "read" else -1)
            out.append(found.hex() or None)
        out += [model.tell(), len(model.getvalue())]
    assert js(code, steps) == [out, model.getvalue().hex(), clone.hex()]


@given(
    st.text(st.sampled_from("ab\n\r-é"), max_size=60),
    st.integers(1, 9),
    st.sampled_from(["\n", "\r\n", "-", "--", "a-a", "aa"]),
)
def test_buffered_stream(js: Call, text: str, size: int, marker: str) -> None:
    """Splitting does not depend on how the data came."""
    code = """(h, size, marker) => {
        const whole = Buffer.from(h, 'hex'), out = [];
        let at = 0;
        const bs = new (require('io').BufferedStream)({
            read: () => (at < whole.length ? whole.slice(at, (at += size)) : null), write() {},
        });
        for (let line; (line = bs.readUntil(marker)) !== null; ) out.push(line);
        return out;
    }"""
    expected = text.split(marker)
    if expected[-1] == "":
        expected.pop()
    assert js(code, text.encode(), size, marker) == expected


# -- Node ------------------------------------------------------------------------------------------

BUFFER = [
    "(h, g, i, j) => Buffer.from(h, 'hex').slice(i, j).toString('hex')",
    "(h, g, i, j) => Math.sign(Buffer.from(h, 'hex').compare(Buffer.from(g, 'hex')))",
    "(h, g, i, j) => Buffer.from(h, 'hex').equals(Buffer.from(g, 'hex'))",
    "(h, g, i, j) => Buffer.from(h, 'hex').indexOf(Buffer.from(g.slice(0, 4), 'hex'), Math.min(Math.abs(i), h.length / 2))",
    "(h, g, i, j) => Buffer.concat([Buffer.from(h, 'hex'), Buffer.from(g, 'hex')]).toString('base64')",
    "(h, g, i, j) => Buffer.alloc(Math.abs(j), Buffer.from(g + '00', 'hex')).toString('hex')",
    "(h, g, i, j) => { const t = Buffer.alloc(10); const n = Buffer.from(h, 'hex').copy(t, Math.abs(i), 0); return [n, t.toString('hex')]; }",
    "(h, g, i, j) => Buffer.from(h, 'hex').toString('latin1')",
    "(h, g, i, j) => Buffer.from(h, 'hex').toString('utf16le').length",
    "(h, g, i, j) => { const t = Buffer.alloc(8); const n = t.write(g, Math.min(Math.abs(i), 8), 'latin1'); return [n, t.toString('hex')]; }",
]


@given(st.binary(max_size=12), st.binary(max_size=12), st.integers(-14, 14), st.integers(-14, 14))
@pytest.mark.parametrize("code", BUFFER)
def test_buffer_like_node(
    js: Call, node: Call, code: str, a: bytes, b: bytes, i: int, j: int
) -> None:
    assert js(code, a, b, i, j) == node(code, a, b, i, j)


parts = st.lists(st.sampled_from(["a", "b.c", ".", "..", "/", "//", ".x", "d.", ""]), max_size=7)
paths = parts.map("/".join)
PATH = ["basename", "extname", "parse", "isAbsolute"]


@given(paths)
@pytest.mark.parametrize("name", PATH)
@pytest.mark.parametrize("flavour", ["posix", "win32"])
def test_path_like_node(js: Call, node: Call, flavour: str, name: str, path: str) -> None:
    if flavour == "win32" and path.startswith("//"):
        return  # servers without share differ
    if name == "parse" and path.strip("/") == "..":
        return  # Node sees an extension in the `..` of the root
    code = f"(p) => require('path').{flavour}.{name}(p)"
    assert js(code, path) == node(code, path)


@given(paths, paths)
def test_resolve_like_node(js: Call, node: Call, a: str, b: str) -> None:
    for code in (
        "(a, b) => require('path').posix.resolve('/r', a, b)",
        "(a, b) => require('path').posix.relative('/' + a, '/' + b)",
    ):
        assert js(code, a, b) == node(code, a, b)


@given(paths)
@pytest.mark.parametrize("flavour", ["posix", "win32"])
def test_normalize_like_node(js: Call, node: Call, flavour: str, path: str) -> None:
    """Except where everything cancels out."""
    if flavour == "win32" and path.startswith("//"):
        return
    code = f"(p) => require('path').{flavour}.normalize(p)"
    ours, theirs = js(code, path), node(code, path)
    assert ours == theirs or (ours == "" and theirs in (".", "./", "/", ".\\", "\\"))
