"""The engine rules of DESIGN §3, each kept and each broken: `python tests/fibers/rules.py NAME`.

A broken rule corrupts memory or hangs, so every case runs in a process of its own (`test_rules.py`).
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import _quickjs
from harness import Session

import fibshim.core.runtime as runtime
import fibshim.fibers.scheduler as scheduler
from fibshim.engine import native
from fibshim.fibers import Scheduler, Wait

HEAD = """
  const { start, sleep, Event } = require('coroutine');
  const go = (fn, ...args) => { const e = new Event(); start(() => { try { e.value = fn(...args) } catch (x) { e.error = x } e.set() }); return e; };
  const join = (e) => { e.wait(); if (e.error) throw e.error; return e.value; };
"""
WANDER = """
  const direct = (name) => go(new Function('name', `let mine = name, wrong = 0;
    for (let i = 0; i < 50; i++) { raw(0); if (eval('mine') !== name) wrong++; } return wrong`), name);
  const frozen = (strict) => go(new Function(strict + `; const o = Object.freeze({ a: 1 }); let threw = 0;
    for (let i = 0; i < 50; i++) { raw(0); try { o.a = 2; } catch { threw++; } } return threw`));
  const fs = [direct('A'), direct('B'), frozen(''), frozen('"use strict"')];
  out(fs.map(join).join());
"""
CHILDREN = """
  const deep = (n, f) => n ? deep(n - 1, f) + 1 : (f(), 0), late = [];
  join(go(() => { deep(200, () => { for (let i = 0; i < 20; i++) late.push(go(() => { sleep(1); return new Error('late').stack; })); sleep(0); }); }));
  for (let i = 0; i < 30; i++) go(() => { sleep(0); deep(100, () => Math.random()); });
  out(late.map(join).every((s) => s === late[0].value) ? 'same stacks' : 'other stacks');
"""
FALL = """
  const other = go(() => { for (let i = 0; i < 40; i++) sleep(0); });
  const check = () => { let n = 0; const fall = () => { n++; if (n % 300 === 0) sleep(0); fall(); }; try { fall(); } catch (e) { return e.name; } };
  const fiber = go(check); out(check() + ' ' + join(fiber));
"""
BUSY = """
  const fs = []; for (let i = 0; i < 20; i++) fs.push(go(() => { for (let k = 0; k < 200; k++) { sleep(0); JSON.parse('{"x":[1,2,3]}'); } }));
  fs.forEach(join); out('fine');
"""
CALL = "let N; inside(() => { let n = 0; const fall = () => { n++; fall(); }; try { fall(); } catch { N = n; } }); const d = (n) => n ? d(n - 1) : call(); d(2500); out(N > 500);"
PARK = "for (let i = 0; i < 10; i++) go(() => { new Event().wait(); for (let k = 0; k < 100; k++) effect(); try { sleep(5); } finally { effect(); } }); sleep(1);"


class NoFrame(Scheduler):
    """Rule 1: the frame is not put back after a switch."""

    def _own(self, me: Any, frame: int) -> None:
        words = self.words
        words.size.value, words.top.value, words.limit.value = me.size, me.top, me.limit
        if not frame:
            words.frame.value = 0


class NoBase(Scheduler):
    """Rule 1: a worker begins with the frame that happens to be current."""

    def _own(self, me: Any, frame: int) -> None:
        words = self.words
        words.size.value, words.top.value, words.limit.value = me.size, me.top, me.limit
        words.frame.value = frame or words.frame.value


class NoLimit(Scheduler):
    """Rule 1: the stack limit is not put back after a switch."""

    def _own(self, me: Any, frame: int) -> None:
        if frame:
            self.words.frame.value = frame
        else:
            super()._own(me, frame)


class Late(Scheduler):
    """Rule 4: the engine is touched after the baton was given."""

    def _switch(self, me: Any, other: Any) -> None:
        self.parked[me] = None
        self.switches += 1
        self._give(other)
        for _ in range(5):
            self.engine.context.eval("({ a: [1, 2, { b: 3 }] })")
        me.lock.acquire()
        del self.parked[me]


class Plain(Scheduler):
    """Rule 2: a callable enters JavaScript the plain way."""

    def nested(self, function: Any, *args: Any) -> Any:
        me, frame = self.holder, self.words.frame.value
        result = function(*args)
        self._own(me, frame)  # type: ignore[arg-type]
        return result


def play(kind: type[Scheduler], source: str) -> Session:
    """Run a scenario on a scheduler."""
    runtime.Scheduler = kind  # type: ignore[misc]
    session = Session()
    rt = session.rt

    def raw(ms: float) -> Any:
        """A sleep that is not wrapped in a JavaScript function, whose return would repair the frame."""
        wait = Wait()
        rt.sched.ready.append(wait)
        rt.sched.block(wait)

    def parse() -> None:
        try:
            json.loads("[" * 980 + "]" * 980)
        except RecursionError:
            pass

    effects: list[int] = []
    session.define("raw", raw)
    session.define("effect", lambda: effects.append(1))
    session.define("parse", parse)
    session.define("inside", lambda function: rt.entries.__setitem__("inside", function))
    session.define("call", lambda: rt.sched.nested(rt.entries["inside"]) and 0)
    session.run(HEAD + source)
    session.close()
    session.got += [len(effects)] if "effect" in source else []
    print(*session.got, *session.texts.values(), flush=True)
    return session


def no_spin() -> None:
    """Rule 6: a fiber that is unwound runs on until the engine asks the handler."""
    reads = runtime.read_source
    runtime.read_source = lambda path: reads(path).replace(b"for (;;);", b"return 0;")
    play(Scheduler, PARK)


def escape() -> None:
    """Rule 5: an exception whose text is made by user code that calls Python."""
    context = _quickjs.Context()
    context.add_callable("python", lambda: 1)
    context.eval("throw { toString() { python(); return 'x'; } }")


def no_escape() -> None:
    """Rule 5 kept: the same exception in a fiber is described inside JavaScript."""
    play(Scheduler, "start(() => { throw { toString() { effect(); return 'x'; } } }); sleep(1);")


def interrupted_escape() -> None:
    """Rule 5: what cannot be caught meets an `InternalError.prototype` whose look-ups are pinned."""
    session = Session()
    session.define("python", lambda: 1)
    threading.Timer(0.3, session.rt.sched.stop).start()
    session.rt.boot_text(
        "const p = InternalError.prototype; const bad = { configurable: true, get() { python(); return () => { python(); return 'x' } } };"
        "for (const k of ['toString', 'stack', 'message', 'name', Symbol.toPrimitive]) try { Object.defineProperty(p, k, bad) } catch {}"
        "try { Object.defineProperty(Error.prototype, 'toString', bad); Object.defineProperty(Error.prototype, 'stack', bad) } catch {} for (;;);"
    )
    print(session.rt.sched.run())
    session.rt.sched.resume()
    session.close()


def collector() -> None:
    """Rule 7: Python's cyclic collector frees engine objects on one thread while JavaScript runs on another."""
    import time

    gc.disable()
    context = _quickjs.Context()
    make = context.eval("(i) => ({ a: [i, {}], b: { c: 'x' + i } })")
    for i in range(300000):
        cycle: list[Any] = [make(i)]
        cycle.append(cycle)
    work = context.eval(
        "() => { const a = []; for (let i = 0; i < 4e6; i++) a[i % 1000] = { x: [i], y: { z: 'q' + i } }; }"
    )
    threading.Thread(target=lambda: (time.sleep(0.02), gc.collect())).start()  # type: ignore[func-returns-value]
    work()


def no_collector() -> None:
    """Rule 7 kept: after a closed runtime is dropped, the collector finds no engine object; it may run all the time."""
    gc.set_threshold(5, 2, 2)
    for _ in range(3):
        play(Scheduler, BUSY)
    gc.collect()
    found = [o for o in gc.get_objects() if type(o).__module__ == "_quickjs"]
    print(len(found))


def cdll() -> None:
    """Rule 7: a function that can collect garbage, called with the GIL released, frees a wrapped callable."""
    context = _quickjs.Context()
    library = ctypes.CDLL(_quickjs.__file__)
    context.add_callable("f", lambda: 1)
    context.eval("{ const a = { f }; a.a = a; delete globalThis.f; }")
    rt = (ctypes.c_size_t * 2).from_address(id(context) + object.__basicsize__)[0]
    library.JS_RunGC(ctypes.c_void_p(rt))


def pydll() -> None:
    """Rule 7 kept."""
    context = _quickjs.Context()
    library = native.load(_quickjs.__file__)
    context.add_callable("f", lambda: 1)
    context.eval("{ const a = { f }; a.a = a; delete globalThis.f; }")
    library.JS_RunGC(native.pointers(context, library)[0])
    print("fine")


def headroom(kilobytes: int) -> None:
    """Rule 3: Python's own C recursion (1,000 levels of JSON) on what JavaScript leaves of the stack."""
    scheduler.HEADROOM = kilobytes << 10
    play(
        Scheduler,
        "let n = 0; const fall = () => { if (++n > 3900) parse(); fall(); }; try { fall(); } catch (e) { out(e.name); }",
    )


CASES: dict[str, Any] = {
    "kept frame": lambda: play(Scheduler, WANDER),
    "broken frame": lambda: play(NoFrame, WANDER),
    "kept base": lambda: play(Scheduler, CHILDREN),
    "broken base": lambda: play(NoBase, CHILDREN),
    "kept limit": lambda: play(Scheduler, FALL),
    "broken limit": lambda: play(NoLimit, FALL),
    "kept give": lambda: play(Scheduler, BUSY),
    "broken give": lambda: play(Late, BUSY),
    "kept nested": lambda: play(Scheduler, CALL),
    "broken nested": lambda: play(Plain, CALL),
    "kept spin": lambda: play(Scheduler, PARK),
    "broken spin": no_spin,
    "kept escape": no_escape,
    "kept interrupted escape": interrupted_escape,
    "broken escape": escape,
    "kept collector": no_collector,
    "broken collector": collector,
    "kept pydll": pydll,
    "broken pydll": cdll,
    "kept headroom": lambda: headroom(1024),
    "broken headroom": lambda: headroom(64),
}

if __name__ == "__main__":
    faulthandler.enable()
    CASES[" ".join(sys.argv[1:])]()
    sys.stdout.flush()
    os._exit(0)
