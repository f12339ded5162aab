"""What `console`, reports and the test runner write where (spec/fibers-and-runtime.md §11, util-assert-test.md §8)."""

from __future__ import annotations

import os
import pty
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from harness import environment, fibshim, script


def run(tmp_path: Path, source: str, **options: Any) -> tuple[str, str, int]:
    """Standard output, standard error and exit code of a script."""
    done = fibshim("run", script(tmp_path / "app.js", source), **options)
    return done.stdout, done.stderr, done.returncode


def terminal(tmp_path: Path, source: str, answers: list[tuple[str, str]] | None = None) -> str:
    """What a script writes to its terminal; answers are typed once their prompt has appeared."""
    path = script(tmp_path / "app.js", source)
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(
            sys.executable,
            [sys.executable, "-m", "fibshim", "run", path],
            {**environment(), "TERM": "xterm"},
        )
    text = b""
    todo = list(answers or [])
    while True:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        text += data
        if todo and todo[0][0].encode() in text:
            os.write(fd, todo.pop(0)[1].encode())
    os.close(fd)
    os.waitpid(pid, 0)
    return text.decode().replace("\r\n", "\n")


# -- where output goes ---------------------------------------------------------------------------


def test_every_level_goes_to_standard_output(tmp_path: Path) -> None:
    names = ["log", "info", "debug", "notice", "warn", "error", "crit", "alert"]
    out, err, code = run(tmp_path, "".join(f"console.{name}('{name}');" for name in names))
    assert out.split() == names
    assert (err, code) == ("", 0)


def test_print_adds_no_newline(tmp_path: Path) -> None:
    out, _, _ = run(tmp_path, "console.print('a', 1); console.print(); console.print('b');")
    assert out == "a 1b"


def test_no_arguments_give_an_empty_line(tmp_path: Path) -> None:
    assert run(tmp_path, "console.log(); console.error();")[0] == "\n\n"


def test_text_arrives_whole(tmp_path: Path) -> None:
    out, _, _ = run(
        tmp_path,
        r"console.log('a\0b é😀 \ud800x \udc00'); console.log('😀', 'a'.repeat(200000)); console.log('\ud83d' + '\ude00');",
    )
    assert out == f"a\0b é😀 \ufffdx \ufffd\n😀 {'a' * 200000}\n😀\n"


def test_one_write_for_each_call(tmp_path: Path) -> None:
    # A pipe keeps the order with what is written to the descriptor directly.
    out, _, _ = run(
        tmp_path,
        "const fs = require('fs'); console.log('a'); process.stdout.write('b\\n'); console.log('c');",
    )
    assert out == "a\nb\nc\n"


def test_a_closed_pipe_does_not_kill(tmp_path: Path) -> None:
    path = script(
        tmp_path / "app.js",
        "for (let i = 0; i < 20000; i++) console.log('x'.repeat(100)); process.exitCode = 7;",
    )
    read, write = os.pipe()
    os.close(read)
    pid = os.fork()
    if pid == 0:
        os.dup2(write, 1)
        os.execve(sys.executable, [sys.executable, "-m", "fibshim", path], environment())
    os.close(write)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


def test_filters(tmp_path: Path) -> None:
    out, _, _ = run(
        tmp_path,
        """
        console.loglevel = console.ERROR;
        console.warn('no'); console.print('no'); console.error('yes');
        console.loglevel = console.NOTSET;
        require('coroutine').loglevel = console.WARN;
        console.log('no'); console.warn('yes too');
        """,
    )
    assert out == "yes\nyes too\n"


def test_cursor_functions_write_sequences(tmp_path: Path) -> None:
    out, _, _ = run(
        tmp_path,
        "console.moveTo(3, 4); console.hideCursor(); console.showCursor(); console.clear();",
    )
    assert out == "\x1b[3;4H\x1b[?25l\x1b[?25h\x1bc"


def test_sizes_need_a_terminal(tmp_path: Path) -> None:
    out, _, _ = run(
        tmp_path, "try { console.width } catch (e) { console.log(e.number, e.message) }"
    )
    assert out == "25 [25] Inappropriate ioctl for device\n"


def test_intrinsics_may_be_patched(tmp_path: Path) -> None:
    out, _, _ = run(
        tmp_path,
        """
        console.log('%s', {});
        // (The engine itself calls String.prototype.concat for template literals.)
        for (const proto of [Array.prototype, String.prototype, Map.prototype])
            for (const name of Object.getOwnPropertyNames(proto))
                if (name !== 'constructor' && name !== 'concat' && name !== 'size' && typeof proto[name] === 'function')
                    Object.defineProperty(proto, name, { value: () => { throw new Error('patched ' + name) } });
        console.log('%s: %d', 'x', 5, { a: [1, { b: 'c' }] });
        """,
    )
    assert (
        out == '[object Object]\nx: 5 {\n  "a": [\n    1,\n    {\n      "b": "c"\n    }\n  ]\n}\n'
    )


# -- reports ---------------------------------------------------------------------------------------

BOOM = "require('coroutine').start(() => {\n    throw new Error('boom');\n});\n"


def test_reports_go_to_standard_error(tmp_path: Path) -> None:
    out, err, code = run(tmp_path, BOOM)
    assert out == ""
    assert re.match(
        r".*app\.js:2:\d+\n    throw new Error\('boom'\);\n +\^\nError: boom\n    at ", err
    )
    assert code == 0


def test_reports_go_to_added_targets(tmp_path: Path) -> None:
    out, err, _ = run(tmp_path, "console.add('console');" + BOOM)
    assert err == ""
    assert "Error: boom" in out


def test_reports_go_to_files(tmp_path: Path) -> None:
    out, err, _ = run(tmp_path, f"console.add({{ type: 'file', path: '{tmp_path}/log' }});" + BOOM)
    assert (out, err) == ("", "")
    (log,) = tmp_path.glob("log*")
    assert re.match(r"[-\d]+ [:\d]+ ERROR  - .*app\.js:2:", log.read_text())


def test_reports_obey_the_level_of_the_console_only(tmp_path: Path) -> None:
    assert run(tmp_path, "console.loglevel = console.CRIT;" + BOOM)[1] == ""
    assert "boom" in run(tmp_path, "require('coroutine').loglevel = console.CRIT;" + BOOM)[1]


def test_a_failing_last_listener(tmp_path: Path) -> None:
    out, err, _ = run(
        tmp_path,
        """
        const e = new (require('events'))();
        e.on('x', () => {});
        e.on('x', () => { throw new Error('middle') });
        e.on('x', () => { throw new Error('last') });
        try { e.emit('x') } catch (error) { console.log(error.number, error.message) }
        """,
    )
    assert err.count("Error: middle") == 1
    assert err.count("Error: last") == 1
    assert out.startswith("100023 ")
    assert "Error: last" in out
    assert "middle" not in out


def test_a_rejection_in_sync_is_reported_by_its_caller_only(tmp_path: Path) -> None:
    out, err, _ = run(
        tmp_path,
        """
        const f = require('util').sync(async () => { throw new Error('no') });
        try { f() } catch (error) { console.log(error.message) }
        """,
    )
    assert (out, err) == ("no\n", "")


# -- colours ---------------------------------------------------------------------------------------


def test_no_colours_in_a_pipe(tmp_path: Path) -> None:
    out, err, _ = run(
        tmp_path, "console.error({ a: 1 }); console.log({ a: 1 }); console.notice('n');" + BOOM
    )
    assert "\x1b" not in out + err


def test_values_are_coloured_on_a_terminal(tmp_path: Path) -> None:
    text = terminal(
        tmp_path,
        "console.log([undefined, 1, true, 2n, 'x', /y/, () => {}], 'plain', null); console.log('%d', 7); console.dir('q');",
    )
    assert text == (
        "[\n  \x1b[1;39mundefined\x1b[0m,\n  \x1b[0;33m1\x1b[0m,\n  \x1b[0;33mtrue\x1b[0m,\n  \x1b[0;33m2n\x1b[0m,\n"
        '  \x1b[0;32m"x"\x1b[0m,\n  \x1b[0;31m/y/\x1b[0m,\n  \x1b[0;36m[Function]\x1b[0m\n] plain \x1b[1;39mnull\x1b[0m\n'
        '\x1b[0;33m7\x1b[0m\n\x1b[0;32m"q"\x1b[0m\n'
    )


def test_lines_are_coloured_on_a_terminal(tmp_path: Path) -> None:
    text = terminal(
        tmp_path,
        "console.notice('n', 1); console.warn('w'); console.error('e'); console.alert('a');",
    )
    assert text == (
        "\x1b[0;32mn 1\x1b[0m\n\x1b[0;33mw\x1b[0m\n\x1b[1;31me\x1b[0m\n\x1b[1;31ma\x1b[0m\n"
    )


def test_files_get_no_colours(tmp_path: Path) -> None:
    text = terminal(
        tmp_path,
        f"console.add(['console', {{ type: 'file', path: '{tmp_path}/log' }}]); console.log([1]);",
    )
    assert text == "[\n  \x1b[0;33m1\x1b[0m\n]\n"
    (log,) = tmp_path.glob("log*")
    assert log.read_text().endswith("INFO   - [\n  1\n]\n")


def test_sizes_of_a_terminal(tmp_path: Path) -> None:
    assert re.fullmatch(
        r"number number\n",
        terminal(tmp_path, "console.log(typeof console.width, typeof console.height);").replace(
            "\x1b", ""
        ),
    )


# -- reading -----------------------------------------------------------------------------------------

READ = (
    "console.log(JSON.stringify([console.readLine('> '), console.readLine(), console.readLine()]));"
)


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ("one\ntwo\r\nthree", ["one", "two\r", "three"]),
        ("", ["", "", ""]),
        ("é\n\nx\n", ["é", "", "x"]),
        ("a" * 1500 + "\nb\n", ["a" * 1023, "a" * 477, "b"]),
    ],
)
def test_lines_of_a_pipe(tmp_path: Path, given: str, lines: list[str]) -> None:
    import json

    out, _, _ = run(tmp_path, READ, input=given)
    assert out.startswith("> ")
    assert json.loads(out[2:]) == lines


def test_lines_of_a_file_leave_the_rest(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("one\ntwo\n")
    path = script(
        tmp_path / "app.js",
        "console.log(console.readLine()); console.log(String(process.stdin.read()));",
    )
    with (tmp_path / "in").open() as given:
        assert fibshim("run", path, stdin=given).stdout == "one\ntwo\n\n"


def test_reading_works_after_stdin_was_touched(tmp_path: Path) -> None:
    out, _, _ = run(tmp_path, "process.stdin; console.log(console.readLine());", input="x\n")
    assert out == "x\n"


def test_other_fibers_run_while_a_line_is_read(tmp_path: Path) -> None:
    text = terminal(
        tmp_path,
        "setTimeout(() => console.print('type now'), 1); console.log([console.readLine('p> ')]);",
        [("type now", "text\n")],
    )
    assert '"text"' in text


def test_callback_form(tmp_path: Path) -> None:
    out, _, _ = run(
        tmp_path,
        "console.readLine((error, line) => console.log(error, line)); console.log('first');",
        input="x\n",
    )
    assert out == "first\nundefined x\n"


def test_password_of_a_pipe_ends_at_a_carriage_return(tmp_path: Path) -> None:
    out, _, _ = run(tmp_path, "console.log([console.getpass('pw: ')]);", input="a\nb\rc")
    assert out == 'pw: [\n  "a\nb"\n]\n'.replace("a\nb", "a\\nb")


def test_terminal_dialogue(tmp_path: Path) -> None:
    text = terminal(
        tmp_path,
        "const name = console.readLine('hello\\nname> '); const word = console.getpass('word> '); console.print(name + '/' + word);",
        [("name> ", "bob\n"), ("word> ", "secret\n")],
    )
    assert text.startswith("hello\n")
    assert text.endswith("bob/secret")
    assert text.count("secret") == 1  # no echo


# -- the test runner -----------------------------------------------------------------------------------

SUITE = """
var test = require('test');
test.setup();
describe('parser', () => {
    it('reads', () => {});
    it('rejects junk', () => {
        throw new Error('junk accepted');
    });
    xit('is skipped', () => { throw new Error('ran') });
    describe('nested', () => {
        it('compares', () => assert.strictEqual(1, 2));
        it('logs', () => { console.log('from log'); console.error('from error'); });
    });
    describe.skip('skipped', () => it('never', () => { throw new Error('ran') }));
});
describe('other', () => {
    it('left out', () => { throw new Error('ran') });
    it.only('throws text', () => { throw 'a text' });
});
"""


def untimed(text: str) -> str:
    """Without the times, which differ."""
    return re.sub(r"\(\d+ms\)", "(0ms)", text)


def test_run_with_debug(tmp_path: Path) -> None:
    out, err, code = run(
        tmp_path, SUITE + "console.log(test.run(console.DEBUG), process.exitCode);"
    )
    place = f"{tmp_path}/app.js"
    lines = untimed(out).split("\n")
    assert lines[:4] == ["", "  parser", "    √ reads", f"{place}:7:19"]
    assert lines[4:7] == [
        "        throw new Error('junk accepted');",
        "                  ^",
        "Error: junk accepted",
    ]
    assert lines[lines.index("    1) rejects junk") - 1].startswith("    at ")
    at = lines.index("    nested")
    assert lines[at + 1].startswith(f"{place}:11:")
    assert "Error: expected 1 to strictly equal 2" in lines
    assert "      2) compares" in lines
    assert lines[lines.index("      √ logs") - 2 : lines.index("      √ logs")] == [
        "from log",
        "from error",
    ]
    at = lines.index("  other")
    assert lines[at - 1 :] == [
        "", "  other", "undefined", "", "", "a text", "", "    3) throws text", "", "  × 3 of 5 tests failed (0ms)", "", "3 3", "",
    ]  # fmt: skip
    assert (err, code) == ("", 3)


def test_run_with_the_default_level(tmp_path: Path) -> None:
    out, _, code = run(tmp_path, SUITE + "test.run();")
    lines = untimed(out).split("\n")
    assert lines[:6] == [
        "",
        "  parser",
        "    √ reads",
        "    1) rejects junk",
        "    nested",
        "      2) compares",
    ]
    assert lines[6:8] == ["from error", "      √ logs"]
    assert lines[8:15] == [
        "",
        "  other",
        "    3) throws text",
        "",
        "  × 3 of 5 tests failed (0ms)",
        "",
        "1) parser rejects junk",
    ]
    assert "2) parser nested compares" in lines
    assert lines[-7:] == ["3) other throws text", "undefined", "", "", "a text", "", ""]
    assert code == 3


def test_run_with_a_lower_level_shows_no_details(tmp_path: Path) -> None:
    out, _, code = run(tmp_path, SUITE + "test.run(console.CRIT);")
    assert "junk accepted" not in out
    assert "from error" not in out
    assert out.endswith("tests failed " + out[out.rindex("(") :])
    assert code == 3


def test_all_passed(tmp_path: Path) -> None:
    out, _, code = run(
        tmp_path,
        "const test = require('test'); test.describe('a', () => test.it('b', () => {})); console.log(test.run()); console.log(test.run());",
    )
    assert untimed(out) == "\n  a\n    √ b\n\n  √ 1 tests completed (0ms)\n\n0\n0\n"
    assert code == 0


def test_slow_cases_show_their_time(tmp_path: Path) -> None:
    text = terminal(
        tmp_path,
        """
        const test = require('test'), { sleep } = require('coroutine');
        test.slow = 2000;
        test.describe('a', () => { test.it('fast', () => {}); test.it('half', () => sleep(1100)); });
        test.run();
        test.slow = 20;
        test.describe('b', () => test.it('slow', () => sleep(30)));
        test.run();
        """,
    )
    assert "    \x1b[0;32m√ \x1b[0mfast\n" in text
    assert re.search(r"√ \x1b\[0mhalf\x1b\[0;33m \(\d+ms\) \x1b\[0m\n", text)
    assert re.search(r"√ \x1b\[0mslow\x1b\[1;31m \(\d+ms\) \x1b\[0m\n", text)
    assert "  \x1b[1;39ma\x1b[0m\n" in text
    assert re.search(r"  \x1b\[0;32m√ 1 tests completed\x1b\[0m \(\d+ms\)\n", text)


def test_a_failing_hook_aborts_the_run(tmp_path: Path) -> None:
    out, _, _ = run(
        tmp_path,
        """
        var test = require('test');
        test.setup();
        describe('a', () => { it('x', () => {}); after(() => { throw new Error('hook') }); });
        try { test.run() } catch (e) { console.log(e.message) }
        console.log(require('coroutine').loglevel, test.run());
        """,
    )
    assert out == "\n  a\n    √ x\nhook\n10 0\n"


def test_order_of_root_hooks(tmp_path: Path) -> None:
    out, _, _ = run(
        tmp_path,
        """
        var test = require('test');
        test.setup();
        describe('a', () => {
            after(() => console.log('after 1'));
            after(() => console.log('after 2'));
            before(() => console.log('before'));
            it('x', () => console.log('x'));
        });
        before(() => console.log('root before'));
        after(() => console.log('root after'));
        beforeEach(() => console.log('root each'));
        describe('empty', () => before(() => console.log('runs')));
        test.run(console.DEBUG);
        """,
    )
    words = [line for line in out.split("\n") if line and not line.startswith(" ")]
    assert words == [
        "root before",
        "before",
        "root each",
        "x",
        "after 2",
        "after 1",
        "runs",
        "root after",
    ]


def test_must_call(tmp_path: Path) -> None:
    out, _, code = run(
        tmp_path,
        """
        var test = require('test');
        test.setup();
        describe('a', () => {
            it('never calls', () => { test.mustCall(function wanted() {}); });
            it('calls', () => { try { test.mustNotCall()() } catch (e) {} });
        });
        test.run(console.DEBUG);
        """,
    )
    assert "expected wanted to be called" in out
    assert "expected the function not to be called" in out
    assert code == 2


def test_debuglog(tmp_path: Path) -> None:
    source = "const log = require('util').debuglog('app'); log('a %d', 5); log.warn('b'); console.log(log.enabled);"
    assert run(tmp_path, source)[0] == "false\n"
    done = fibshim("run", script(tmp_path / "app.js", source), env={"NODE_DEBUG": "x,AP*"})
    assert re.fullmatch(r"APP \d+: a 5\nAPP \d+: b\ntrue\n", done.stdout)
