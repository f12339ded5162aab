"""A runtime: engine, scheduler, ops, native objects and the module world of one fibjs VM."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Coroutine
from typing import Any

from fibshim.core.errors import FibError, describe
from fibshim.core.ops import bind, failure, package_ops
from fibshim.engine import Engine
from fibshim.engine.engine import SLOTS, TAKE_DIE, TAKE_FULL
from fibshim.engine.native import value_of
from fibshim.fibers import DIE, Scheduler, Wait
from fibshim.fibers.scheduler import STACK

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read_source(path: str) -> bytes:
    """One of the package's own files, by its path below the package."""
    with open(f"{PACKAGE}/{path}", "rb") as file:
        return file.read()


class Runtime:
    """One fibjs VM.

    :param argv: what scripts see as `process.argv`.
    :param stack_size: bytes of virtual stack for each fiber.
    :param map_ports: ports that scripts name and the ports used instead.
    """

    def __init__(
        self,
        argv: list[str] | None = None,
        exec_argv: list[str] | None = None,
        stack_size: int = STACK,
        map_ports: dict[int, int] | None = None,
    ) -> None:
        self.argv = argv or ["fibshim"]
        self.exec_argv = exec_argv or []
        self.map_ports = map_ports or {}
        self.main: Runtime | None = None  # of a worker: the main VM's runtime
        self.vmid = 1
        self.file_system = True  # False in workers that must not touch files
        self.exit_code: int | None = None
        self.handles: dict[int, Any] = {}
        self.entries: dict[str, Any] = {}
        self.state: dict[str, Any] = {}
        self.exit_hooks = (
            False  # the process module is loaded: `beforeExit` and `exit` have to be emitted
        )
        self.process_code = 0  # process.exitCode
        self.ending: list[Callable[[], None]] = []  # to be called when the program ends
        self.failure: int | None = None
        self._stop_code = 0
        self._quit = False
        self.signal_pending = False
        self.on_interrupt: Callable[[], None] | None = (
            None  # takes SIGINT instead of the script (interactive sessions)
        )
        self.signals: set[int] = set()
        self._last_handle = 0
        self._results: dict[int, Any] = {}
        self._rejected: dict[int, int] = {}
        self._free_slots: list[int] = []
        self.engine = Engine()
        self.sched = Scheduler(self.engine, stack_size)
        self.sched.failed = self._engine_failed
        self._boot()

    # -- set-up --------------------------------------------------------------------------------

    def _boot(self) -> None:
        import ctypes

        engine, sched = self.engine, self.sched
        glue = self._evaluate("engine/glue.js")
        self._glue = glue(
            *engine.share(),
            self.callable(lambda: engine._taken),
            self.callable(lambda: engine._error),
        )
        self._shared = engine.evaluate("new Float64Array(1)")
        size = ctypes.c_size_t()
        buffer = engine.evaluate("(array) => array.buffer")(self._shared)
        address = engine.c.JS_GetArrayBuffer(engine.cx, ctypes.byref(size), value_of(buffer))
        self._blocking_task = ctypes.c_double.from_address(ctypes.addressof(address.contents))
        sched.blocking = self._blocking_task
        py = engine.evaluate(
            "(block, wake, start, drain, stackOf, failed, blocking) => ({ block, wake, start, drain, stackOf, failed, blocking })"
        )(
            self.callable(self._block),
            self.callable(self._wake),
            self.callable(self._start),
            self.callable(self._drain),
            self.callable(self._stack_of),
            self.callable(self._engine_failed),
            self._shared,
        )
        self._fibers = self._evaluate("fibers/fibers.js")(self._glue, py)
        get = engine.evaluate("(object, key) => object[key]")
        self._run_entry = get(self._fibers, "run")
        self._capture = get(self._fibers, "captureFrames")
        sched.finish = get(self._fibers, "finish")
        sched.begin = get(self._fibers, "begin")
        core = self._evaluate("core/core.js")
        py = engine.evaluate(
            "(op, kinds, exported, source, dropped) => ({ op, kinds, exported, source, dropped })"
        )(
            self.callable(self._op),
            self.callable(self._op_kinds),
            self.callable(self._export),
            self.callable(self._builtin),
            self.callable(self._result),
        )
        self._core = core(self._glue, self._fibers, py)
        self._boot_entry = get(self._core, "boot")
        self._track_rejections()

    def _evaluate(self, path: str) -> Any:
        """Compile one of our own glue files, a function expression."""
        engine = self.engine
        source = read_source(path).rstrip().removesuffix(b";")
        if not engine.compile(source, f"fibshim:{path}", "(", ")"):
            raise RuntimeError(
                engine.evaluate("(slot) => slot[0] + slot[0].stack")(engine.share()[0])
            )
        return engine.evaluate("(slot) => { const made = slot[0]; slot[0] = 0; return made }")(
            engine.share()[0]
        )

    def callable(self, function: Callable[..., Any]) -> Any:
        """Make an engine function of a Python callable, without leaving a global behind."""
        context = self.engine.context
        name = "\ufdd0fibshim"
        context.add_callable(name, function)
        return context.eval(
            f"(() => {{ const made = globalThis['{name}']; delete globalThis['{name}']; return made }})()"
        )

    def _op(self, package: str, name: str) -> Any:
        """The raw callable of an op; JavaScript makes the stub."""
        item = package_ops(f"fibshim.{package}")[name]
        context = self.engine.context
        context.add_callable("\ufdd0fibshim", bind(self, item))
        return None

    def _op_kinds(self, package: str) -> Any:
        """The ops of a package: a name, `!` where it blocks, and its kinds, one a line."""
        try:
            ops = package_ops(f"fibshim.{package}")
        except Exception as error:
            return self.engine.fail(describe(error))
        return "\n".join(f"{o.name}{'!' if o.blocks else ':'}{o.kinds}" for o in ops.values())

    def _export(self, name: str, function: Any) -> None:
        """JavaScript hands an entry function to Python."""
        self.entries[name] = function

    def _builtin(self, path: str) -> Any:
        """Compile the JavaScript half of a built-in module; the function is in the slot then."""
        try:
            source = read_source(path)
        except OSError as error:
            return self.engine.fail(describe(error))
        return self.engine.compile(
            source, f"fibshim:{path}", "(function (require, module, exports, internal) {", "})"
        )

    # -- fibers --------------------------------------------------------------------------------

    def _block(self, number: int) -> Any:
        sched = self.sched
        wait = sched.waits[number] = Wait()
        status = sched.block(wait)
        if status:
            return self.engine.special(TAKE_DIE if status == DIE else TAKE_FULL)
        return None

    def _wake(self, number: int) -> None:
        wait = self.sched.waits.pop(int(number), None)
        if wait is not None:
            self.sched.wake(wait)

    def _start(self, number: int) -> None:
        self.sched.ready.append((self._run_entry, number))

    def _drain(self) -> Any:
        try:
            return self.sched.drain()
        except Exception as error:
            return failure(self, error)

    def _stack_of(self, number: float) -> bool:
        for thread in self.sched.parked:
            if thread.task == number:
                self.sched.with_frame(thread.frame, self._capture)
                return True
        return False

    # -- operations ----------------------------------------------------------------------------

    def task(self, coroutine: Coroutine[Any, Any, Any]) -> Wait:
        """Run a coroutine on the loop; the Wait is over when it is, with its result or its exception."""
        wait = Wait()
        sched = self.sched
        task = sched.loop.create_task(coroutine)
        sched.operations += 1

        def over(done: Any) -> None:
            sched.operations -= 1
            if done.cancelled():
                wait.result = FibError(9)
            else:
                wait.result = done.exception() or done.result()
            sched.wake(wait)

        task.add_done_callback(over)
        return wait

    def when_done(self, wait: Wait, callback: int) -> None:
        """Queue the callback with the result once the Wait is over; until then the process stays alive."""
        self.sched.refs += 1

        def then(result: Any) -> None:
            self.sched.refs -= 1
            self.complete(callback, result)

        wait.then = then

    def complete(self, callback: int, result: Any) -> None:
        """Queue the job that calls a callback with the result of its operation."""
        if result is None or result is True or result is False:
            self.sched.add((self.entries["completed"], callback, result))
        else:
            self._results[callback] = result
            self.sched.add((self.entries["completed"], callback, self.engine.mark))

    def _result(self, callback: int) -> Any:
        result = self._results.pop(callback)
        if isinstance(result, BaseException):
            return self.engine.fail(describe(result))
        return self.engine.out(result)

    # -- native objects ------------------------------------------------------------------------

    def hold(self, item: Any) -> int:
        """Enter a native object into the table; JavaScript knows it by the number returned."""
        self._last_handle += 1
        self.handles[self._last_handle] = item
        return self._last_handle

    def drop(self, number: int) -> None:
        """Take an object out of the table and close it; a second call does nothing."""
        item = self.handles.pop(int(number), None)
        close = getattr(item, "close", None)
        if close is not None:
            close()

    # -- errors --------------------------------------------------------------------------------

    def _engine_failed(self, text: str) -> None:
        os.write(2, f"fibshim: internal error: {text}\n".encode())

    def _track_rejections(self) -> None:
        """Have the engine tell us of promises rejected without a handler, and of handlers that come later."""
        import ctypes

        from fibshim.engine.native import JSValue

        engine, sched = self.engine, self.sched
        known, free = self._rejected, self._free_slots
        kind = ctypes.CFUNCTYPE(
            None, ctypes.c_void_p, JSValue, JSValue, ctypes.c_bool, ctypes.c_void_p
        )

        def tracker(cx: int, promise: JSValue, reason: JSValue, handled: bool, opaque: int) -> None:
            # Inside JavaScript: only functions that neither run code nor collect garbage.
            if handled:
                index = known.pop(promise.payload, 0)
                if index:
                    free.append(index)
                    engine.set_slot(index, JSValue(0, 3))
                    engine.set_slot(index + 1, JSValue(0, 3))
                return
            index = free.pop() if free else SLOTS + 2 * len(known)
            known[promise.payload] = index
            engine.set_slot(index, engine.c.JS_DupValue(engine.cx, reason))
            engine.set_slot(index + 1, engine.c.JS_DupValue(engine.cx, promise))
            sched.rejections = True

        self._tracker = kind(tracker)
        engine.c.JS_SetHostPromiseRejectionTracker(engine.rt, self._tracker, None)
        sched.rejected = self._report_rejections

    def _report_rejections(self) -> None:
        """After the promise queue is empty: what is still unhandled is reported."""
        self.sched.rejections = False
        for index in self._rejected.values():
            self.entries["rejected"](index)
        self._rejected.clear()
        self._free_slots.clear()

    # -- running -------------------------------------------------------------------------------

    def write(self, fd: int, text: str) -> None:
        """Write text to a descriptor at once, whatever the terminal's encoding; errors of a closed pipe are dropped."""
        try:
            data = text.encode()
        except UnicodeEncodeError:  # lone surrogates; pairs have become characters already
            data = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text).encode()
        while data:
            try:
                data = data[os.write(fd, data) :]
            except BlockingIOError:
                import select

                select.select([], [fd], [])
            except OSError:
                return

    def pending(self) -> bool:
        """Whether anything but the running fiber is pending."""
        sched = self.sched
        return bool(sched.ready or sched.refs or sched.blocked or sched.inbox)

    def main_failed(self, code: int) -> None:
        """The main script failed: the program ends with this code if nothing else is pending."""
        if not self.pending():
            self.failure = code

    def _boot_script(self, kind: str, text: str, argv: list[str] | None) -> None:
        # As JSON, which is ASCII: names that are not UTF-8 hold lone surrogates.
        self._boot_entry(kind, json.dumps(text), json.dumps(argv))

    def boot_file(self, path: str) -> None:
        """Queue the main script."""
        self._boot_script("file", path, self.argv)

    def boot_text(self, source: str) -> None:
        """Queue source text as the main script."""
        self._boot_script("text", source, self.argv)

    def boot_worker(self, path: str) -> None:
        """Queue the script of a worker."""
        self._boot_script("worker", path, None)

    def boot_repl(self) -> None:
        """Queue an interactive session."""
        self._boot_script("repl", "", self.argv)

    def run(self) -> int:
        """Run what is queued until the program ends; called by the root.

        :returns: the exit code (not cut to 8 bits).
        """
        try:
            return self._run()
        finally:
            for function in self.ending:
                function()

    def _run(self) -> int:
        sched = self.sched
        while True:
            state = sched.run()
            if state == "exit":
                return self.exit_code or 0
            if state == "stop":
                return self._stopped()
            if state == "blocked":
                sched.wait_for_post()
                continue
            if not self.exit_hooks:
                return self._end_code()
            jobs = sched.jobs
            sched.add((self.entries["beforeExit"], self._end_code()))
            state = sched.run()
            if state == "idle" and sched.jobs == jobs + 1:
                return self._emit_exit(self._end_code())
            self.failure = None
            if state == "exit":
                return self.exit_code or 0
            if state == "stop":
                return self._stopped()
            if state == "blocked":
                sched.wait_for_post()

    def _end_code(self) -> int:
        return self.failure if self.failure is not None else self.process_code

    def _emit_exit(self, code: int) -> int:
        """Emit `exit` in a fiber of its own and wait for its listeners."""
        sched = self.sched
        self.exit_code = code
        sched.add((self.entries["exit"], code))
        while True:
            state = sched.run()
            if state == "blocked":
                sched.wait_for_post()
            elif state == "stop":
                self.sched.resume()
                return self._stop_code
            else:
                return self.exit_code

    def stop(self, code: int) -> None:
        """End the program with this code, from any thread: what runs is interrupted, `exit` is emitted."""
        self._stop_code = code
        self.sched.stop()

    def quit(self, code: int) -> None:
        """A worker ends the program with this code, from its own thread; nothing is emitted here."""
        self._quit = True
        self.stop(code)

    def _stopped(self) -> int:
        code = self._stop_code
        if self._quit:
            return code
        self.signal_pending = False
        self.sched.resume()
        if not self.exit_hooks:
            return code
        return self._emit_exit(code)

    def take_signals(self) -> None:
        """Let SIGINT and SIGTERM reach the script; called by the root, which must be Python's main thread."""
        import signal

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        self.sched.stuck = lambda: os._exit(self._stop_code)

    @staticmethod
    def signal_code(number: int) -> int:
        """The exit code of a signal nobody listens to: 130 for Ctrl-C, as shells have it, else 1."""
        return 130 if number == 2 else 1

    def _on_signal(self, number: int, frame: object) -> None:
        if number == 2 and self.on_interrupt is not None:
            self.on_interrupt()
            return
        if self.signal_pending:  # a second one before the first was delivered
            self.flush()
            os._exit(self.signal_code(number))
        self.signal_pending = True
        if self.exit_hooks:
            entries = self.entries
            self.sched.interrupts.run(
                (entries["process.interrupt"], number), (entries["process.signal"], number)
            )
        else:
            self.stop(self.signal_code(number))

    def flush(self) -> None:
        """Bring out what is gathered, before the end."""
        if self.sched.outgoing is not None:
            self.sched.outgoing.flush()

    def leave(self, code: int) -> None:
        """A fiber ends the program with this code."""
        self.exit_code = code
        self.sched.leave()

    def close(self) -> None:
        """Unwind all fibers and free everything."""
        if self.engine.context is None:
            return
        # Native objects first: what they close needs the loop.
        for number in list(self.handles):
            try:
                self.drop(number)
            except Exception as error:
                self._engine_failed(f"closing: {error!r}")
        self.sched.close()
        engine = self.engine
        engine.c.JS_SetHostPromiseRejectionTracker(engine.rt, None, None)
        self.entries.clear()
        self.state.clear()
        self._run_entry = self._capture = self._boot_entry = self._core = self._fibers = (
            self._glue
        ) = self._shared = None
        engine.close()
