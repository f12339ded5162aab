"""The interactive session: piped, through a pseudo-terminal and in tmux (spec/modules-and-vm.md §6)."""

from __future__ import annotations

import errno
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import Running, environment, eventually, fibshim, script

BANNER = 'Welcome to fibjs 0.31.0.\nType ".help" for more information.\n'
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()].")


def session(text: str, **options: object) -> list[str]:
    """What a piped session prints, without banner, prompt by prompt."""
    done = fibshim(input=text, **options)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith(BANNER)
    return re.split(r"(?:^|(?<=\n)|(?<=> )|(?<= \.\.\. ))> ", done.stdout[len(BANNER) :])[1:]


# -- piped -----------------------------------------------------------------------------------------


def test_results_are_printed_and_declarations_stay() -> None:
    got = session(
        "1 + 1\nlet a = 3; const b = 4; var c = 5; function f() { return a + b + c }\nf()\nclass A {}\nnew A() instanceof A\n'x'\nundefined\nnull\n"
    )
    assert got == ["2\n", "", "12\n", "", "true\n", '"x"\n', "", "null\n", ""]


def test_an_input_goes_on_until_it_is_complete() -> None:
    got = session(
        "function f() {\n  return [1,\n\n2]\n}\nf().length\n`a\nb`\n/* x\n*/ 5\nlet { q,\nr } = { q: 1, r: 2 }\nq + r\n1 +\n"
    )
    assert got == [
        " ...  ...  ...  ... ",
        "2\n",
        ' ... "a\\nb"\n',
        " ... 5\n",
        " ... ",
        "3\n",
        " ... ",
    ]


@pytest.mark.parametrize(
    "text", ["let x = ;", "'abc", "a b", "return 1", ")", "const x", "let {a}", "0x"]
)
def test_other_syntax_errors_discard_it(text: str) -> None:
    got = session(f"{text}\n7\n")
    assert text in got[0]
    assert "SyntaxError: " in got[0]
    assert got[1:] == ["7\n", ""]


def test_errors() -> None:
    got = session(
        "null.x\nthrow 5\nthrow { name: 'N', message: 'm' }\nthrow undefined\nvar g = () => { throw new RangeError('r') }\ng()\nlet a = 1\nlet a = 2\na\n"
    )
    assert re.search(r"REPL1:1:\d+\nnull.x\n *\^\nTypeError: ", got[0])
    assert got[1:4] == ["Thrown: 5\n", "Thrown: N: m\n", "Thrown: undefined\n"]
    assert re.search(
        r"REPL5:1:\d+\nvar g = .*\nRangeError: r\n    at g \(REPL5:1:\d+\)\n    at REPL6:1:\d+\n",
        got[5],
        re.DOTALL,
    )
    assert "redeclaration" in got[7]
    assert got[8] == "1\n"


def test_blocking_calls_and_await() -> None:
    got = session(
        "coroutine.sleep(5), 1\nvar v = await new Promise(r => setTimeout(() => r(9), 5))\nv\nawait Promise.reject(new Error('no'))\nfor await (const x of [1, 2]) v += x\n"
    )
    assert got[0] == "1\n"
    assert got[2] == "9\n"
    assert "Error: no" in got[3]
    assert got[4] == "12\n"


def test_commands() -> None:
    got = session(".help\n.info\n.nope a b\nlet x = [\n.nope\n1]\nx.length\n.exit\n5\n")
    assert [line.split()[0] for line in got[0].splitlines()] == [".exit", ".help", ".info"]
    assert '"fibjs": "0.31.0"' in got[1]
    assert got[2:] == [
        ".nope: command not found.\n",
        " ... .nope: command not found.\n ... ",
        "1\n",
        "",
    ]


def test_modules_are_global_and_hidden(tmp_path: Path) -> None:
    (tmp_path / "m.js").write_text("module.exports = 'mine'")
    got = session(
        "fs === require('fs')\nObject.keys(global).includes('fs')\nconst fs = 5\nfs\nrequire('./m')\ntypeof exports + typeof repl + typeof _\nthis === global\n",
        cwd=tmp_path,
    )
    assert got == [
        "true\n",
        "false\n",
        "",
        "5\n",
        '"mine"\n',
        '"undefinedundefinedundefined"\n',
        "true\n",
        "",
    ]


def test_what_was_started_is_finished() -> None:
    assert session("setTimeout(() => console.log('late'), 30), 0\n") == ["0\n", "late\n"]


def test_a_script_opens_one(tmp_path: Path) -> None:
    file = script(
        tmp_path / "a.js",
        """console.log('before');
        repl([{ cmd: '.add', help: 'adds', exec: function (argv) { console.log(this.help, argv.join('|')) } },
              { cmd: '.fail', help: 'fails', exec() { throw new Error('failed') } }]);
        console.log('after');
        repl([{ cmd: 'x' }]);
        console.log('end', typeof repl);""",
    )
    done = fibshim(file, input=".add  1   2\n.help\n.fail\n.exit\n")
    assert done.returncode == 0
    assert done.stdout.startswith("before\n" + BANNER + "> adds .add|1|2\n> ")
    for line in (
        ".add  adds",
        ".fail fails",
        "Error: failed",
        "after",
        "Invalid cmds argument.",
        "end function",
    ):
        assert line in done.stdout
    for words, number in (("1", 100005), ("{}", 100005), ("[], 1", 100005), ("1, 2, 3", 100001)):
        assert (
            fibshim("-e", f"try {{ repl({words}) }} catch (e) {{ console.log(e.number) }}").stdout
            == f"{number}\n"
        )


STREAM = """
const net = require('net'), coroutine = require('coroutine');
const svr = new net.TcpServer('127.0.0.1', 0, conn => { repl(conn, [{ cmd: '.bye', help: 'h', exec() { svr.stop() } }]); console.log('session over'); conn.close() });
svr.start();
console.log(svr.socket.localPort);
"""


def test_on_a_stream(tmp_path: Path) -> None:
    with Running(script(tmp_path / "a.js", STREAM)) as running:
        first = socket.create_connection(("127.0.0.1", int(running.line())))
        first.settimeout(10)

        def until(sock: socket.socket, text: str) -> str:
            data = ""
            while text not in data:
                piece = sock.recv(4096).decode()
                assert piece, data
                data += piece
            return data

        assert until(first, "> ") == BANNER + "> "
        first.sendall(b"1 + 1\r\n")
        assert until(first, "> ") == "2\n> "
        first.sendall(b"[1,\n")
        assert until(first, " ... ") == " ... "
        first.sendall(b"2].length\n")
        assert until(first, "> ") == "2\n> "
        first.sendall(
            b"coroutine = require('coroutine'); coroutine.sleep(1); console.log('seen'); nope\n"
        )
        assert "ReferenceError" in until(first, "> ")
        second = socket.create_connection(first.getpeername())
        second.settimeout(10)
        assert BANNER + "> " in until(second, "> ")
        assert first.recv(100) == b""  # the first one is closed
        second.sendall(b".bye\n.exit\n")
        assert "session over" in running.expect("session over")
        running.expect("session over")
        assert running.end() == 0


# -- on a terminal -----------------------------------------------------------------------------------


class Terminal:
    """A session on a pseudo-terminal."""

    def __init__(self, home: Path, shell: bool = False) -> None:
        self.home = home
        self.main, side = pty.openpty()
        termios.tcsetwinsize(self.main, (24, 80)) if hasattr(termios, "tcsetwinsize") else None
        env = {**environment(), "TERM": "xterm", "FIBSHIM_HISTORY": str(home / "history")}
        self.process = subprocess.Popen(
            ["bash", "--norc", "-i"] if shell else [sys.executable, "-m", "fibshim"],
            stdin=side,
            stdout=side,
            stderr=side,
            env=env,
            start_new_session=True,
            preexec_fn=lambda: __import__("fcntl").ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(side)
        self.text = ""
        self.seen = 0

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self.main, keys.encode())

    def expect(self, text: str, seconds: float = 20) -> str:
        """Read until the text appears after what was expected before; what came up to its end."""
        end = time.monotonic() + seconds
        while True:
            plain = ANSI.sub("", self.text)
            at = plain.find(text, self.seen)
            if at >= 0:
                got = plain[self.seen : at + len(text)]
                self.seen = at + len(text)
                return got
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.main], [], [], left)[0]:
                raise AssertionError(f"{text!r} did not appear: {plain[self.seen :]!r}")
            try:
                data = os.read(self.main, 65536)
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                data = b""
            if not data:
                raise AssertionError(f"ended before {text!r}: {plain[self.seen :]!r}")
            self.text += data.decode("utf-8", "replace")

    def line(self, keys: str, answer: str) -> None:
        """Type a line and expect an answer on a line of its own, and the prompt."""
        self.send(f"{keys}\r")
        self.expect(f"\n{answer}\r\n")
        self.expect("> ")

    def end(self) -> int:
        """Wait for the end; the exit code."""
        while self.process.poll() is None:
            if select.select([self.main], [], [], 0.05)[0]:
                try:
                    self.text += os.read(self.main, 65536).decode("utf-8", "replace")
                except OSError:
                    break
        return self.process.wait(10)

    def close(self) -> None:
        """Kill what is left."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.main)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path)
    made.expect("> ")
    yield made
    made.close()


def test_typing_and_leaving(terminal: Terminal) -> None:
    terminal.line("40 + 2", "42")
    terminal.send("coroutine.sleep(20), 'slept'\r")
    terminal.expect('\n"slept"')
    terminal.expect("> ")
    terminal.send("await 1, 'waited'\r")
    terminal.expect('\n"waited"')
    terminal.expect("> ")
    terminal.send("process.on('exit', () => console.log('bye')), setInterval(() => {}, 1000), 0\r")
    terminal.expect("\n0\r\n")
    terminal.expect("> ")
    terminal.send("\x04")
    assert terminal.end() == 0
    assert "bye" in terminal.text


def test_exit_command(terminal: Terminal) -> None:
    terminal.send("process.exitCode = 3\r.exit\r")
    assert terminal.end() == 3


def test_editing_keys(terminal: Terminal) -> None:
    terminal.line("13\x1b[D2", "123")  # left
    terminal.line("23\x011\x05 + 1", "124")  # home, end
    terminal.line("1 + 25\x7f", "3")  # backspace
    terminal.line("91 + 1\x1b[H\x1b[3~", "2")  # home, delete
    terminal.line("junk\x151 + 1", "2")  # kill the line
    terminal.line("1 + 1 + 7 + junk\x17\x7f\x7f\x7f", "9")  # kill a word
    terminal.line("2 * 21 junk\x1bb\x0b", "42")  # word left, kill to the end
    terminal.line("'ab'\x1b[1;5D\x1b[1;5CX", '"abX"')  # by words
    terminal.line("1\x1b[C\x1b[Zx\x7f", "1")  # keys without meaning
    terminal.line("'日本é😀'.length\x01\x05", "5")
    terminal.line("(3)\x01\x0b\x19", "3")  # yank


def test_history(terminal: Terminal, tmp_path: Path) -> None:
    terminal.line("1 + 10", "11")
    terminal.line("2 + 20", "22")
    terminal.line("\x1b[A", "22")
    terminal.line("\x1b[A\x1b[A", "11")
    terminal.line("5\x1b[A\x1b[B5", "55")  # what was typed comes back
    terminal.line("\x10\x10\x10\x0e5", "106")
    terminal.send("\x04")
    terminal.end()
    again = Terminal(tmp_path)
    try:
        again.expect("> ")
        again.line("\x1b[A", "106")
    finally:
        again.close()


def test_multi_line_and_cancel(terminal: Terminal) -> None:
    terminal.send("function f() {\r")
    terminal.expect(" ... ")
    terminal.send("return 5 }\r")
    terminal.expect("> ")
    terminal.line("f() * 2", "10")
    terminal.send("[1, 2,\r")
    terminal.expect(" ... ")
    terminal.send("3 junk\x03")  # Ctrl-C forgets the whole input
    terminal.expect("^C")
    terminal.expect("> ")
    terminal.line("7 * 7", "49")
    terminal.send("junk junk\x03")
    terminal.expect("> ")
    terminal.line("8 * 8", "64")


def test_pasting(terminal: Terminal) -> None:
    terminal.send("\x1b[200~var t = [\n\t1,\n\t2]\nt.length * 11\x1b[201~\r")
    terminal.expect("\n22\r\n")


def test_completion(terminal: Terminal) -> None:
    terminal.line("coroutine.sle\t(0) === undefined", "true")
    terminal.line("process.exitCo\t", "0")
    terminal.send("let someLongName = 7\r")
    terminal.expect("> ")
    terminal.line("someLo\t", "7")
    terminal.line("typeof globalT\t", '"object"')
    terminal.line("typeof require('punyc\t').encode", '"function"')
    terminal.line("'abc'.toUpperC\t()", '"ABC"')
    terminal.line("[1].lastInd\t(1)", "0")
    terminal.send("JSON.\t")
    got = terminal.expect("> JSON.")
    assert "parse" in got
    assert "stringify" in got
    terminal.send("stringify(1)\r")
    terminal.expect('\n"1"\r\n')
    terminal.expect("> ")
    terminal.line("nope.nope.\t1\x151", "1")  # nothing to offer
    terminal.send(".he\t\r")
    terminal.expect("Show repl options")


def test_ctrl_c_ends_an_input(terminal: Terminal) -> None:
    terminal.send("for (;;);\r")
    terminal.expect("\r\n")
    time.sleep(0.3)
    terminal.send("\x03")
    terminal.expect("Interrupted.")
    terminal.expect("> ")
    terminal.send("try { coroutine.sleep(1e8) } finally { console.log('never') }\r")
    terminal.expect("\r\n")
    time.sleep(0.3)
    terminal.send("\x03")
    terminal.expect("Interrupted.")
    terminal.expect("> ")
    terminal.send("await new Promise(() => {})\r")
    time.sleep(0.3)
    terminal.send("\x03")
    terminal.expect("Interrupted.")
    terminal.expect("> ")
    terminal.line("6 * 7", "42")
    terminal.process.send_signal(signal.SIGINT)  # from outside, at the prompt
    terminal.expect("^C")
    terminal.expect("> ")
    terminal.line("6 * 8", "48")
    terminal.send("\x04")
    assert terminal.end() == 0


def test_output_appears_above_the_line(terminal: Terminal) -> None:
    terminal.send("setTimeout(() => console.log('from a timer'), 300), 1\r")
    terminal.expect("\n1\r\n")
    terminal.expect("> ")
    terminal.send("'ty")
    terminal.expect("from a timer\r\n")
    terminal.expect("> 'ty")
    terminal.send("ped'\r")
    terminal.expect('\n"typed"\r\n')


def test_the_terminal_is_given_back(terminal: Terminal) -> None:
    """While an input runs, scripts find the terminal as it was: they can read lines themselves."""
    terminal.send("console.readLine('name? ')\r")
    terminal.expect("name? ")
    terminal.send("Ada\r")
    terminal.expect('\n"Ada"\r\n')
    terminal.expect("> ")
    terminal.send("\x04")
    terminal.end()
    flags = termios.tcgetattr(terminal.main)[3]
    assert flags & termios.ICANON
    assert flags & termios.ECHO


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell with job control")
def test_suspending(tmp_path: Path) -> None:
    shell = Terminal(tmp_path, shell=True)
    try:
        shell.send("PS1='$ '\r")
        shell.expect("$ ")
        shell.send(f"{sys.executable} -m fibshim\r")
        shell.expect(BANNER.splitlines()[1])
        shell.expect("> ")
        shell.send("1 +\x1a")
        shell.expect("Stopped")
        shell.send("fg\r")
        shell.expect("> 1 +")
        shell.send(" 2\r")
        shell.expect("\n3\r\n")
        shell.expect("> ")
        shell.send("\x04")
        shell.expect("$ ")
    finally:
        shell.close()


def test_a_terminal_that_goes_away_ends_it(terminal: Terminal) -> None:
    os.close(terminal.main)
    try:
        terminal.process.wait(20)
    finally:
        terminal.main = os.open(os.devnull, os.O_RDONLY)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_tmux(tmp_path: Path) -> None:
    name = f"fibshim-{uuid.uuid4().hex[:8]}"
    tmux = ["tmux", "-L", name]
    env = {**environment(), "FIBSHIM_HISTORY": "", "HOME": str(tmp_path)}
    command = f"{sys.executable} -m fibshim; echo ended with $?; cat"
    subprocess.run(
        [*tmux, "-f", "/dev/null", "new-session", "-d", "-x", "40", "-y", "20", command],
        env=env,
        check=True,
    )
    try:

        def screen() -> list[str]:
            found = subprocess.run(
                [*tmux, "capture-pane", "-p"], capture_output=True, text=True, env=env
            )
            return [line.rstrip() for line in found.stdout.rstrip("\n").split("\n")]

        def keys(*words: str) -> None:
            subprocess.run([*tmux, "send-keys", *words], env=env, check=True)

        def shows(*lines: str) -> None:
            try:
                eventually(lambda: screen()[-len(lines) :] == list(lines), 20)
            except AssertionError:
                raise AssertionError(screen()) from None

        shows(*BANNER.splitlines(), ">")
        keys("-l", "'" + "abcdefghij" * 5 + "'.length")
        shows("> '" + ("abcdefghij" * 5)[:37], ("abcdefghij" * 5)[37:] + "'.length")
        keys("Home", "Right")  # in the first row of two
        keys("-l", "12345")
        shows("> '12345" + ("abcdefghij" * 5)[:32], ("abcdefghij" * 5)[32:] + "'.length")
        keys("Enter")
        shows("55", ">")
        keys("-l", "x" * 38)  # exactly one row
        keys("C-u")
        keys("-l", "'日本" + "語" * 20)
        shows("> '日本" + "語" * 16, "語" * 4)
        keys("C-c")
        shows("> '日本" + "語" * 16, "語" * 4 + "^C", ">")
        keys("-l", "[1,")
        keys("Enter")
        keys("-l", "2].map(x => x * 2).join()")
        keys("Enter")
        shows("> [1,", " ... 2].map(x => x * 2).join()", '"2,4"', ">")
        keys("Up", "Up")
        shows('"2,4"', "> [1,")
        keys("C-c")
        keys("C-l")
        eventually(lambda: screen()[0] == ">", 20)
        keys("C-d")
        eventually(lambda: "ended with 0" in screen(), 20)
    finally:
        subprocess.run([*tmux, "kill-server"], env=env, check=False)
