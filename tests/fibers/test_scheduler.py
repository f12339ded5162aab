"""The promises of DESIGN §3: order, fairness, blocking, the end, closing."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from harness import Session

import fibshim.fibers.scheduler as scheduler
from fibshim.fibers import Wait

HEAD = "const co = require('coroutine'); const { start, sleep, Event } = co; const log = [];"


@pytest.fixture
def s() -> Iterator[Session]:
    made = Session()
    yield made
    made.close()


def lines(s: Session, source: str) -> list[Any]:
    return s.run(HEAD + source)


# -- order (spec/fibers-and-runtime.md §1.3) -----------------------------------------------------


def test_a_new_fiber_begins_when_its_creator_blocks(s: Session) -> None:
    assert lines(
        s, "start(() => log.push('b')); log.push('a'); sleep(0); log.push('c'); out(log.join())"
    ) == ["a,b,c"]


def test_everything_that_begins_goes_through_one_queue(s: Session) -> None:
    lines(
        s,
        "start(() => log.push('a')); setImmediate(() => log.push('b')); process.nextTick(() => log.push('c')); sleep(0); out(log.join())",
    )
    assert s.got == ["a,b,c"]


def test_sleep_0_yields_to_what_was_ready(s: Session) -> None:
    lines(
        s,
        "for (let i = 0; i < 5; i++) start(() => { log.push(i); sleep(0); log.push(i + 10) }); sleep(0); out(log.join()); sleep(0); out(log.join())",
    )
    assert s.got == ["0,1,2,3,4", "0,1,2,3,4,10,11,12,13,14"]


def test_waiters_are_served_first_come_first_served(s: Session) -> None:
    lines(
        s,
        "const l = new co.Lock(); l.acquire(); for (let i = 0; i < 9; i++) start(() => { l.acquire(); log.push(i); sleep(0); l.release() }); sleep(0); l.release(); while (log.length < 9) sleep(0); out(log.join())",
    )
    assert s.got == ["0,1,2,3,4,5,6,7,8"]


def test_timers_fire_in_the_order_they_were_armed(s: Session) -> None:
    lines(
        s,
        "for (let i = 0; i < 50; i++) setTimeout(() => { log.push(i); if (log.length === 50) out(log.join()) }, 5)",
    )
    assert s.got == [",".join(map(str, range(50)))]


def test_callbacks_come_after_the_fiber_yields(s: Session) -> None:
    lines(
        s,
        "sleep(0, () => log.push('cb')); for (let i = 0; i < 1e5; i++); log.push('main'); sleep(2); out(log.join())",
    )
    assert s.got == ["main,cb"]


def test_promise_jobs_run_before_queued_fibers_at_the_end_of_a_fiber(s: Session) -> None:
    lines(
        s,
        "start(() => { start(() => out(log.join())); Promise.resolve().then(() => log.push('job')); log.push('end') }); sleep(5)",
    )
    assert s.got == ["end,job"]


def test_promise_jobs_are_drained_after_every_job_also_while_a_fiber_blocks(s: Session) -> None:
    lines(
        s,
        "const e = new Event(); Promise.resolve().then(() => { log.push('job'); e.set() }); e.wait(); out(log.join())",
    )
    assert s.got == ["job"]


def test_await_works_across_blocking_calls(s: Session) -> None:
    lines(
        s,
        "const e = new Event(); (async () => { await null; sleep(1); await new Promise((ok) => setTimeout(ok, 1)); log.push(1); e.set() })(); e.wait(); out(log.join())",
    )
    assert s.got == ["1"]


# -- blocking ------------------------------------------------------------------------------------


def test_a_lone_fiber_never_switches_threads(s: Session) -> None:
    lines(s, "for (let i = 0; i < 200; i++) sleep(0); sleep(1);")
    assert s.rt.sched.switches == 0
    assert s.rt.sched._numbers == 1


def test_a_fiber_that_never_blocks_needs_no_thread(s: Session) -> None:
    lines(s, "for (let i = 0; i < 1000; i++) start(() => i); sleep(0);")
    assert s.rt.sched._numbers == 2


def test_busy_fibers_do_not_starve_timers(s: Session) -> None:
    lines(
        s,
        """
      let late = 0; const a = new Event(), b = new Event();
      setTimeout(() => { late = 1; }, 20);
      start(() => { while (!late) { a.wait(); a.clear(); b.set(); } });
      sleep(0); while (!late) { a.set(); b.wait(); b.clear(); } a.set(); out('timer');""",
    )
    assert s.got == ["timer"]


def test_jobs_that_make_jobs_do_not_starve_timers(s: Session) -> None:
    lines(
        s,
        "let on = true; setTimeout(() => { on = false }, 20); const again = () => { if (on) start(again); else out('timer') }; again()",
    )
    assert s.got == ["timer"]


def test_the_reason_of_a_blocked_fiber_is_in_its_stack(s: Session) -> None:
    lines(
        s,
        """
      const e = new Event(), l = new co.Lock(), q = new co.Semaphore(0), c = new co.Condition(); l.acquire();
      function inside(f) { f(); }
      const fs = [() => e.wait(), () => l.acquire(), () => q.wait(), () => sleep(50), () => fs[0].join(), () => { c.acquire(); c.wait() }].map((f) => start(() => inside(f)));
      fs.push(start(async () => { co.parallel([() => e.wait()]) }));
      sleep(1); for (const f of fs) out(f.stack.split('\\n')[0], /\\n {4}at inside \\(.*:\\d+:\\d+\\)\\n/.test(f.stack + '\\n'));
      e.set(); l.release(); q.post(); c.acquire(); c.notify();""",
    )
    assert [g[0] for g in s.got] == [
        f"    at {name} (native code)"
        for name in (
            "Event.wait",
            "Lock.acquire",
            "Semaphore.wait",
            "coroutine.sleep",
            "Fiber.join",
            "Condition.wait",
            "coroutine.parallel",
        )
    ]
    assert [g[1] for g in s.got] == [True] * 6 + [False]


def test_no_thread_left_is_an_error_in_the_fiber_that_would_block(
    s: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = scheduler._thread.start_new_thread
    count = 0

    def few(*args: Any) -> Any:
        nonlocal count
        count += 1
        if count > 5:
            raise RuntimeError("can't start new thread")
        return begin(*args)

    monkeypatch.setattr(scheduler._thread, "start_new_thread", few)
    lines(
        s,
        """
      const e = new Event(); let failed = 0, done = 0;
      for (let i = 0; i < 20; i++) start(() => { try { e.wait(); done++ } catch (x) { failed += /too many blocked fibers/.test(x.message) } });
      try { sleep(20) } catch {} e.set(); try { sleep(1); sleep(1) } catch {} out(failed > 0, failed + done)""",
    )
    assert s.got == [(True, 20)]


def test_the_loop_may_run_on_any_thread(s: Session) -> None:
    lines(
        s,
        "const fs = []; for (let i = 0; i < 20; i++) fs.push(start(() => { for (let k = 0; k < 5; k++) sleep(1 + (i + k) % 3); log.push(i) })); fs.forEach((f) => f.join()); out(log.length)",
    )
    assert s.got == [20]


def test_recursion_that_blocks_ends_in_a_range_error(s: Session) -> None:
    lines(
        s,
        """
      const check = () => { let n = 0, deepest = 0; const fall = () => { deepest = ++n; if (n % 500 === 0) sleep(0); fall(); }; try { fall(); } catch (e) { return e instanceof RangeError && deepest > 3000 } };
      let r; const other = start(() => { for (let i = 0; i < 60; i++) sleep(0) }); const f = start(() => { r = check() }); out(check()); f.join(); out(r); other.join();""",
    )
    assert s.got == [True, True]


def test_posting_from_another_thread(s: Session) -> None:
    entry: list[Any] = []
    s.define("keep", lambda function: entry.append(function))
    s.rt.engine.evaluate("(f) => { globalThis.make = f.entry }")(s.rt._fibers)

    def later() -> None:
        time.sleep(0.02)
        s.rt.sched.post((entry[0], 5))

    thread = threading.Thread(target=later)
    s.define("go", thread.start)
    lines(
        s,
        "const e = new Event(); keep(make((n) => { log.push(n); e.set() })); go(); setTimeout(() => {}, 5000); e.wait(); out(log.join()); process.exit()",
    )
    thread.join()
    entry.clear()
    assert s.got == ["5"]


def test_ten_thousand_fibers_blocked_at_once(s: Session) -> None:
    lines(
        s,
        """
      const N = 10000, events = [], fibers = []; let right = 0;
      for (let i = 0; i < N; i++) { events.push(new Event()); fibers.push(start(() => { [0, 1].map((k) => { events[i].wait(); return k }); right++ })) }
      sleep(0); sleep(0); out(co.fibers.length > N);
      const order = events.map((e, i) => i).sort(() => Math.random() - 0.5); for (const i of order) events[i].set();
      for (const f of fibers) f.join(); out(right)""",
    )
    assert s.got == [True, 10000]


# -- Ctrl-C, the end, closing --------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "for (;;);",
        "start(() => { for (let ok;;) try { ok = 0; sleep(1); ok = 1; } catch {} finally { ok || out('user code ran on') } }); sleep(1e6);",
        "new Event().wait()",
        "start(() => new Event().wait()); setInterval(() => {}, 1); new Event().wait()",
        "const a = []; const f = () => { a.map(() => 1); [1].sort(f); f() }; for (;;) try { f() } catch {}",
        "for (;;) try { sleep(0) } finally { out.length }",
    ],
)
def test_stop_ends_anything(source: str) -> None:
    s = Session()
    threading.Timer(0.2, s.rt.sched.stop).start()
    s.rt.boot_text(HEAD + source)
    state = s.rt.sched.run()
    if state == "blocked":
        s.rt.sched.wait_for_post()
        state = "stop" if s.rt.sched.stopping else state
    assert state == "stop"
    s.rt.sched.resume()
    s.close()
    assert s.got == []


def test_nothing_more_can_happen_gives_the_baton_to_the_root(s: Session) -> None:
    s.rt.boot_text(HEAD + "new Event().wait()")
    assert s.rt.sched.run() == "blocked"
    assert s.rt.sched.holder is None


def test_close_unwinds_without_running_user_code() -> None:
    s = Session()
    effects: list[int] = []
    s.define("effect", lambda: effects.append(1))
    lines(
        s,
        """
      for (let i = 0; i < 50; i++) start(() => { try { [1].map(() => new Event().wait()) } catch { effect() } finally { effect(); sleep(1) } effect() });
      for (let i = 0; i < 5; i++) start(async () => { await null; try { new Event().wait() } finally { effect() } });
      sleep(1)""",
    )
    assert len(s.rt.sched.parked) == 56 - 1
    before = threading.active_count()
    s.close()
    assert effects == []
    assert threading.active_count() <= before


def test_close_twice_and_a_post_after_it() -> None:
    s = Session()
    lines(s, "sleep(1)")
    s.close()
    s.close()
    s.rt.sched.post((print,))
    s.rt.sched.stop()


def threads() -> int:
    return len(os.listdir("/proc/self/task"))


def memory() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_runtimes_leave_neither_threads_nor_memory() -> None:
    def cycle() -> None:
        s = Session()
        lines(
            s,
            "for (let i = 0; i < 5; i++) start(() => { try { new Event().wait() } finally { start(() => 1) } }); sleep(1);",
        )
        assert len(s.rt.sched.parked) == 5
        s.close()

    for _ in range(40):
        cycle()
    gc.collect()
    count, size = threads(), memory()
    for _ in range(100):
        cycle()
    gc.collect()
    end = time.monotonic() + 5
    while threads() > count and time.monotonic() < end:
        time.sleep(0.01)  # a thread is gone a moment after its function has returned
    assert threads() <= count
    assert memory() - size < 2 << 20


def test_two_runtimes_compute_in_parallel_threads() -> None:
    results: list[Any] = []

    def one() -> None:
        s = Session()
        results.extend(
            lines(
                s,
                "let n = 0; for (let i = 0; i < 2e6; i++) n += i % 7; const f = start(() => { sleep(2); out(n) }); f.join()",
            )
        )
        s.close()

    workers = [threading.Thread(target=one) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert results == [results[0]] * 3


def test_a_deep_recursion_does_not_keep_its_pages() -> None:
    s = Session()
    lines(
        s,
        "const fs = []; for (let i = 0; i < 16; i++) fs.push(start(() => { let n = 0; const fall = () => { n++; if (n === 4000) sleep(5); fall() }; try { fall() } catch {} })); fs.forEach((f) => f.join());",
    )
    size = memory()
    lines(
        s,
        "{ const gs = []; for (let i = 0; i < 16; i++) gs.push(start(() => { sleep(2) })); gs.forEach((f) => f.join()); }",
    )
    s.close()
    assert memory() <= size + (1 << 20)


def test_a_wait_that_is_over_before_it_blocks(s: Session) -> None:
    wait = Wait()
    state: list[Any] = []

    def blocking() -> Any:
        s.rt.sched.wake(wait)
        state.append(s.rt.sched.block(wait))
        return 0

    s.define("blocking", blocking)
    lines(s, "blocking(); out('on')")
    assert state == [0]
    assert s.got == ["on"]


def test_a_stack_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        Session(stack_size=1 << 20)


def test_a_blocking_prepare_stack_trace_does_no_harm(s: Session) -> None:
    lines(
        s,
        "Error.prepareStackTrace = (e, f) => { sleep(0); return 'P' }; start(() => { try { null.x } catch {} }); const x = new Error('y').stack; out(x === 'P' || x == null || typeof x === 'string')",
    )
    assert s.got == [True]


def test_close_after_process_exit_unwinds_without_running_user_code() -> None:
    s = Session()
    effects: list[int] = []
    s.define("effect", lambda: effects.append(1))
    s.rt.boot_text("try { process.exit(3) } catch { effect() } finally { effect() }")
    assert s.rt.run() == 3
    s.close()
    assert effects == []
    assert s.texts == {1: "", 2: ""}


@pytest.mark.parametrize(
    "source",
    [
        "const h = require('http'); const s = new h.Server('127.0.0.1', 0, (r) => { r.response.write('x') }); s.start();"
        "h.get('http://127.0.0.1:' + s.socket.localPort + '/').readAll(); s.stop(); out(1)",
        "const h = require('http'); const s = new h.Server('127.0.0.1', 0, (r) => { r.response.write('x') }); s.start();"
        "h.get('http://127.0.0.1:' + s.socket.localPort + '/').readAll(); out(1); new Event().wait()",
        "const h = require('http'), ws = require('ws'); const s = new h.Server('127.0.0.1', 0, ws.upgrade((c) => { c.onmessage = (e) => c.send(e.data) }));"
        "s.start(); const c = new ws.Socket('ws://127.0.0.1:' + s.socket.localPort + '/'); c.onopen = () => c.send('x'); c.onmessage = () => { out(1); stop() }",
        "setInterval(() => {}, 1); let n = 0; setHrInterval(() => n++, 1); while (n < 3); out(1); sleep(1e6)",
    ],
)
def test_close_with_connections_servers_and_timers(source: str) -> None:
    s = Session()
    s.define("stop", lambda: s.rt.sched.stop())
    s.rt.boot_text(HEAD + source)
    timer = threading.Timer(1, s.rt.sched.stop)
    timer.start()
    s.rt.sched.run()
    timer.cancel()
    s.close()
    assert s.got == [1]
    assert s.errors == []
