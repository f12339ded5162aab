"""`fibshim test`."""

from __future__ import annotations

import signal
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from harness import Running, fibshim

GOOD = """
const test = require('test');
test.setup();
describe('good', () => {
    it('one', () => {});
    describe('inner', () => {
        before(() => console.error('before inner'));
        it('two', (done) => setTimeout(done, 1));
        xit('left out', () => { throw new Error('left out') });
    });
});
test.run();
"""
BAD = """
const test = require('test');
test.setup();
describe('bad', () => {
    it('passes', () => {});
    it('fails', () => assert.equal(1, 2));
    it('throws <odd> things', () => { throw 'text & "more" \\x01' });
});
test.run();
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, source in {
        "good_test.js": GOOD,
        "sub/bad_test.js": BAD,
        "node_modules/dep/x_test.js": "throw new Error('not to be run')",
        ".hidden/y_test.js": "throw new Error('not to be run')",
        "other.js": "throw new Error('not to be run')",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return tmp_path


def lines(text: str) -> list[str]:
    """The output without the times."""
    import re

    return [re.sub(r" \(\d+\.\d s\)", "", line) for line in text.splitlines()]


def test_directories_are_searched(folder):
    done = fibshim("test", cwd=folder)
    assert done.returncode == 1
    found = lines(done.stdout)
    assert found[0] == "√ good_test.js: 2 tests"
    assert found[1] == "× sub/bad_test.js: 2 of 3 failed"
    assert found[2] == "    bad fails"
    assert any("expected 1 to equal 2" in line for line in found)
    assert found[-1] == "× 5 tests in 2 files: 2 tests in 1 file failed"
    assert "not to be run" not in done.stdout
    assert "before inner" not in done.stdout  # the output of what passes


def test_files_are_run_whatever_their_name(folder):
    (folder / "plain.js").write_text(GOOD)
    done = fibshim("test", "plain.js", "good_test.js", "plain.js", cwd=folder)
    assert done.returncode == 0
    assert lines(done.stdout) == [
        "√ plain.js: 2 tests",
        "√ good_test.js: 2 tests",
        "",
        "√ 4 tests in 2 files, all passed",
    ]


def test_verbose_shows_the_output(folder):
    done = fibshim("test", "--verbose", "good_test.js", cwd=folder)
    assert "    before inner" in done.stdout.splitlines()


def test_grep_takes_the_full_name(folder):
    done = fibshim("test", "--grep", "good inner t", cwd=folder)
    assert done.returncode == 0
    assert lines(done.stdout) == ["√ good_test.js: 1 test", "", "√ 1 test in 1 file, all passed"]


def test_grep_leaves_the_hooks_of_other_suites_out(folder):
    done = fibshim("test", "--grep=good one", "--verbose", "good_test.js", cwd=folder)
    assert "before inner" not in done.stdout
    assert "1 tests completed" in done.stdout


def test_grep_that_matches_nothing_is_no_success(folder):
    done = fibshim("test", "--grep", "nowhere", cwd=folder)
    assert done.returncode == 1
    assert "no case has 'nowhere' in its name" in done.stdout


def test_a_file_that_ends_otherwise_has_failed(folder):
    (folder / "crash_test.js").write_text("const test = require('test'); throw new Error('early')")
    (folder / "exit_test.js").write_text(GOOD + "process.exit(9)")
    (folder / "none_test.js").write_text("console.log('hello')")
    (folder / "killed_test.js").write_text("require('process').run('sh', ['-c', 'kill -9 $PPID'])")
    done = fibshim(
        "test", "crash_test.js", "exit_test.js", "none_test.js", "killed_test.js", cwd=folder
    )
    assert done.returncode == 1
    found = lines(done.stdout)
    assert "× crash_test.js: ended with 72" in found
    assert "    Error: early" in found  # its output is shown
    assert "× exit_test.js: ended with 9" in found
    assert "× none_test.js: ran no tests (is test.run() called?)" in found
    assert "× killed_test.js: was ended by signal 9" in found


def test_a_file_that_hangs(folder):
    (folder / "hang_test.js").write_text(
        GOOD + "console.log('hanging'); new (require('coroutine').Event)().wait()"
    )
    done = fibshim("test", "--timeout", "1.5", "hang_test.js", cwd=folder)
    assert done.returncode == 1
    assert "× hang_test.js: did not end within 1.5 s" in lines(done.stdout)
    assert "    hanging" in done.stdout.splitlines()


def test_tests_that_run_tests_are_counted_once(folder):
    (folder / "nested_test.js").write_text(
        GOOD.replace(
            "it('one', () => {});",
            "it('one', () => assert.equal(process.run(process.env.PYTHON, ['-m', 'fibshim', 'good_test.js']), 0));",
        )
    )
    import sys

    done = fibshim("test", "nested_test.js", cwd=folder, env={"PYTHON": sys.executable})
    assert lines(done.stdout)[0] == "√ nested_test.js: 2 tests"


def test_junit(folder):
    (folder / "crash_test.js").write_text("throw new Error('early')")
    done = fibshim("test", "--junit", "out.xml", cwd=folder)
    assert done.returncode == 1
    root = ET.parse(folder / "out.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("6", "2", "1")
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["crash_test.js", "good_test.js", "sub/bad_test.js"]
    good = suites["good_test.js"].findall("testcase")
    assert [case.get("name") for case in good] == ["one", "two"]
    assert good[1].get("classname") == "good_test.js › good › inner"
    cases = {case.get("name"): case for case in suites["sub/bad_test.js"].iter("testcase")}
    assert cases["passes"].find("failure") is None
    assert cases["fails"].find("failure").get("message") == "Error: expected 1 to equal 2"
    assert "bad_test.js:" in cases["fails"].find("failure").text
    assert 'text & "more" \ufffd' in cases["throws <odd> things"].find("failure").text
    crash = suites["crash_test.js"]
    assert crash.find("testcase/error").get("message") == "ended with 72"
    assert "early" in crash.find("system-out").text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--odd"], "unknown option --odd"),
        (["--grep"], "--grep needs a value"),
        (["--timeout", "x"], "--timeout takes a number of seconds, not 'x'"),
        (["nowhere"], "no such file or directory: nowhere"),
        (["empty"], "no *_test.js files in empty"),
    ],
)
def test_what_is_wrong_with_the_command_line(tmp_path, words, text):
    (tmp_path / "empty").mkdir()
    done = fibshim("test", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert text in done.stderr


def test_help():
    done = fibshim("test", "--help")
    assert done.returncode == 0
    assert "usage: fibshim test" in done.stdout


def test_ctrl_c(folder):
    (folder / "hang_test.js").write_text(
        "console.log('up'); new (require('coroutine').Event)().wait()"
    )
    with Running("test", "good_test.js", "hang_test.js", cwd=folder) as running:
        running.expect("good_test.js")
        running.signal(signal.SIGINT)
        assert running.end() == 130
