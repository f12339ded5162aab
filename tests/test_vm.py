"""Loading that needs files made on the spot, and realms of closed runtimes (spec/modules-and-vm.md §4, §7)."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from harness import Session, fibshim, script


def archive(path: Path, members: dict[str, str]) -> None:
    """Write a zip archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)


def run(folder: Path, code: str) -> list[str]:
    """What a script in that folder prints, line by line."""
    done = fibshim(script(folder / "main.js", code), cwd=folder)
    assert done.stderr == ""
    return done.stdout.splitlines()


TRY = "const number = (f) => { try { return f() } catch (e) { return e.number === 100023 ? e.message : e.number } };\n"


# -- archives --------------------------------------------------------------------------------------


def test_modules_in_archives(tmp_path: Path) -> None:
    archive(
        tmp_path / "pack.zip",
        {
            "index.js": "exports.file = __filename; exports.util = require('./lib/util'); exports.up = require('./lib').n",
            "lib/util.js": "exports.dir = __dirname; exports.same = () => require('../data')",
            "lib/index.js": "exports.n = 3",
            "data.json": '{ "a": [1] }',
            "node_modules/dep/index.js": "module.exports = 'dep in zip'",
        },
    )
    got = run(
        tmp_path,
        TRY
        + """const whole = require('./pack.zip$');
        console.log(whole.file, whole.up, JSON.stringify(whole.util.same()));
        console.log(require('./pack.zip$/lib/util').dir, require('./pack.zip$/lib/util') === whole.util);
        console.log(require('./pack') === whole, require('./pack.zip$/') === whole, require.resolve('./pack.zip$/lib'));
        console.log(number(() => require('./pack.zip$/nothing')), number(() => require('./nothing.zip$/x')));
        run('./pack.zip$/lib/util');
        console.log(/pack.zip\\$\\/bad.js/.test(number(() => require('./pack.zip$/bad'))));""",
    )
    base = os.path.realpath(tmp_path)
    assert got == [
        f'{base}/pack.zip$/index.js 3 {{"a":[1]}}',
        f"{base}/pack.zip$/lib true",
        f"true true {base}/pack.zip$/lib/index.js",
        "2 2",
        "false",
    ]


def test_packages_in_archives(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    archive(
        tmp_path / "node_modules" / "zipped.zip",
        {"package.json": '{ "main": "./src/entry" }', "src/entry.js": "module.exports = 'entry'"},
    )
    archive(tmp_path / "none.zip", {"package.json": '{ "main": "gone" }'})
    archive(tmp_path / "odd.zip", {"package.json": "[]"})
    archive(tmp_path / "number.zip", {"package.json": '{ "main": 5 }'})
    archive(tmp_path / "bad.zip", {"a.js": "let x = ;"})
    (tmp_path / "fake.zip").write_text("this is no archive")
    got = run(
        tmp_path,
        TRY
        + """console.log(require('zipped'), require('./node_modules/zipped.zip$/src/entry'));
        for (const id of ['none', 'odd', 'number', 'fake']) console.log(number(() => require('./' + id)));
        console.log(number(() => require('./bad.zip$/a')).split('\\n')[1]);""",
    )
    assert got == [
        "entry entry",
        "SandBox: main script in package.json not found",
        "SandBox: Invalid package.json",
        "SandBox: Invalid package.json",
        "100009",
        "let x = ;",
    ]


def test_a_program_in_an_archive_and_a_mapped_one(tmp_path: Path) -> None:
    archive(
        tmp_path / "app.zip",
        {
            "index.js": "console.log(__filename.endsWith('app.zip$/index.js'), require.main === module)"
        },
    )
    assert fibshim("run", "app", cwd=tmp_path).stdout == "true true\n"
    assert fibshim("run", "app.zip$", cwd=tmp_path).stdout == "true true\n"
    archive(tmp_path / "image", {"x.js": "module.exports = __filename"})
    got = run(
        tmp_path,
        "const fs = require('fs'); fs.setZipFS('/bundle', fs.readFile('image')); console.log(require('/bundle$/x'))",
    )
    assert got == ["/bundle$/x.js"]


def test_a_dollar_in_a_real_name_is_nothing_special(tmp_path: Path) -> None:
    (tmp_path / "cost$").mkdir()
    (tmp_path / "cost$" / "a.js").write_text("module.exports = 'real'")
    (tmp_path / "b$.js").write_text("module.exports = 'too'")
    assert run(tmp_path, "console.log(require('./cost$/a'), require('./b$'))") == ["real too"]


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("{ bad", "Unexpected token b"),
        ("", "Unexpected token \0"),
        ("\ufeff{}", "Unexpected token \ufeff"),
        ("[]", "SandBox: Invalid package.json"),
        ("5", "SandBox: Invalid package.json"),
        ('{ "main": 5 }', "SandBox: Invalid package.json"),
        ('{ "main": "gone.js" }', "SandBox: main script in package.json not found"),
        ('{ "main": null }', "index"),
        ("{}", "index"),
        ('{ "main": "./lib" }', "lib index"),
        ('{ "main": "lib/../entry" }', "entry"),
    ],
)
def test_package_json(tmp_path: Path, content: str, error: str) -> None:
    folder = tmp_path / "node_modules" / "p"
    (folder / "lib").mkdir(parents=True)
    (folder / "package.json").write_text(content)
    (folder / "index.js").write_text("module.exports = 'index'")
    (folder / "lib" / "index.js").write_text("module.exports = 'lib index'")
    (folder / "entry.js").write_text("module.exports = 'entry'")
    assert (
        run(tmp_path, TRY + "console.log(JSON.stringify(number(() => require('p'))))")[0].encode()
        == __import__("json").dumps(error, ensure_ascii=False).encode()
    )


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    got = run(
        tmp_path,
        TRY
        + r"for (const id of ['./a\0b', 'a\0b', './\ud800', '/' + 'x'.repeat(5000), '']) console.log(number(() => require(id)))",
    )
    assert got == ["2"] * 5


def test_directories_and_links(tmp_path: Path) -> None:
    (tmp_path / "lib.js").mkdir()
    (tmp_path / "lib.js" / "index.js").write_text("module.exports = 'directory'")
    (tmp_path / "index").write_text("module.exports = 'no ending'")
    (tmp_path / "index.js").write_text("module.exports = 'ending'")
    (tmp_path / "real.js").write_text("module.exports = __filename")
    (tmp_path / "link.js").symlink_to("real.js")
    (tmp_path / "loop.js").symlink_to("loop.js")
    got = run(
        tmp_path,
        TRY
        + "console.log(require('./lib.js'), require('.'), require('./link') === require('./real'), number(() => require('./loop')))",
    )
    assert got == ["directory no ending true 2"]


def test_compiled_scripts(tmp_path: Path) -> None:
    got = run(
        tmp_path,
        TRY
        + """const fs = require('fs'), util = require('util');
        fs.writeFile('m.jsc', util.compile('source.js', 'exports.stack = new Error("x").stack; exports.file = __filename'));
        fs.writeFile('bad.jsc', 'junk');
        const m = require('./m');
        console.log(/source.js:1/.test(m.stack), m.file.endsWith('/m.jsc'), number(() => require('./bad')));""",
    )
    assert got == ["true true SandBox: bad jsc version."]


# -- realms ------------------------------------------------------------------------------------------

BLOCKED = """
const vm = require('vm'), coroutine = require('coroutine');
const m = new vm.SandBox({ coroutine }, { n: 1 }).addScript('t.js', `
    const { sleep } = require('coroutine');
    exports.block = () => [1, 2].map(() => sleep(1e8));
    exports.later = async () => { await null; sleep(1e8) };
    exports.fail = () => { throw { toString() { sleep(1e8) } } };
    exports.forever = () => { try { for (;;); } finally { out('never') } };
`);
globalThis.kept = m;
coroutine.start(m.block);
coroutine.start(m.later);
coroutine.start(m.fail);
coroutine.sleep(5);
"""


@pytest.mark.parametrize(
    "end", ["", "m.block()", "setTimeout(m.forever, 1)", "new vm.SandBox({}, {}).freeze()"]
)
def test_runtimes_close_with_code_of_realms_blocked_and_running(end: str) -> None:
    import threading

    for _ in range(15):
        session = Session()
        timer = threading.Timer(0.03, session.rt.sched.stop)
        timer.start()
        session.rt.boot_text(BLOCKED + end)
        session.rt.sched.run()
        timer.join()
        if session.rt.sched.stopping:
            session.rt.sched.resume()
        session.close()
        assert session.got == []
        assert not session.errors


def test_code_of_realms_collected_at_every_step() -> None:
    """Objects of both realms, with the engine's collector forced in between."""
    session = Session()
    session.run(
        """const vm = require('vm'), coroutine = require('coroutine');
        let sum = 0, count = 0;
        for (let i = 0; i < 40; i++) {
            const m = new vm.SandBox({ coroutine }, { i, GC }).addScript('t.js', `
                const { sleep } = require('coroutine');
                GC();
                exports.f = async (g) => { GC(); await null; GC(); sleep(0); return g(i) };
                exports.cycle = { exports, global, f: () => exports.cycle };
            `);
            GC();
            coroutine.start(() => m.f((n) => { GC(); coroutine.sleep(0); return n }).then((n) => ((sum += n), count++)));
        }
        while (count < 40) coroutine.sleep(5);
        out(sum);"""
    )
    assert session.got == [780]
    session.close()
