"""Real fibers for QuickJS: threads that pass one baton through one JavaScript heap.

*Baton*: who holds it may run JavaScript or the asyncio loop.  *Worker*: a thread that takes jobs.  *Wait*: one thing
that one fiber waits for.  A job that never blocks costs no thread switch; a fiber that blocks keeps the baton and runs
the loop itself until somebody else has work.

I1  One thread holds the baton.  Only it touches the engine, the ready queue or the loop.  Exceptions, safe from any
    thread: `post`, `stop` and `JS_SetInterruptHandler` with a handler that needs nothing.
I2  Four words of JSRuntime belong to a C stack, not to the heap.  Whoever gets the baton writes its own four before
    anything else happens in the engine.
I3  A worker's first frame has no predecessor: the frame word is 0 while a worker is outside JavaScript.  So anyone may
    start a worker at any time, and no frame ever points into the stack of another thread.
I4  After giving the baton a thread touches nothing until it gets it back, also not on the way out.
I5  Python enters JavaScript at the bottom of a worker's stack, or through `nested`: every entry makes the binding move
    the stack limit relative to where the entry happens.
I6  No exception leaves JavaScript for the binding unless the runtime is ending: entry functions are glue with a `try`.
I7  To unwind a fiber, the call that blocked spins (`for (;;);`) under an interrupt handler.  The engine asks the handler
    only at every 10,000th call or loop turn; without the spin user code would run on.
I8  Engine objects are attributes of this object (or of the runtime above it) and die in `close`, by reference count.

Who is blocked by what:

==================  =====  ======  =====
primitive           fiber  thread  baton
==================  =====  ======  =====
`block`, loop runs  yes    yes     kept, handed on when a job or another wait is ready
`nested`            no     no      kept
`post`              no     no      never had
JavaScript code     no     no      kept until it blocks or ends
==================  =====  ======  =====
"""

from __future__ import annotations

import _thread
import collections
import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import _quickjs

from fibshim.engine import Engine
from fibshim.engine.native import ALWAYS, LIBC

if TYPE_CHECKING:
    import asyncio

    from fibshim.fibers.interrupts import Interrupts

DIE = -1
"""`block`: the fiber is to be unwound."""
FULL = -2
"""`block`: there is no thread that could run the other fibers meanwhile."""

STACK = 8 << 20
"""Default stack of a fiber in bytes.  Virtual; only touched pages cost memory."""
HEADROOM = 1 << 20
"""Bytes below the deepest JavaScript frame, for C and Python: the loop, a parser, `json.loads` run there."""
IDLE = 16
"""Workers kept for reuse."""
NESTED = 100
"""Levels of `nested`; Python must not raise its own RecursionError in a callable."""
SIGNAL_POLL = 0.2
"""Seconds after which a waiting root looks for signals that did not wake it."""
STUCK = 0.6
"""Seconds after `stop` without the baton: the engine is in C code that does not ask the interrupt handler."""
UNPINNED = -1
PIN_WINDOW = 256
"""Switches after which the choice of `_choose_pin` is looked at again."""
PIN_RATE = 200e-6
"""Seconds a switch: only faster ones than this are worth pinning for."""
PIN_HOLD = 32
"""Windows without another try after pinning did not pay."""
POLL = 63
"""Turns (minus one, a bit mask) after which the loop is polled although jobs are ready."""


_starting = _thread.allocate_lock()
"""Held while `threading.stack_size` is changed: it is process-wide, and another runtime may start a thread as well."""


class Thread:
    """A worker: a lock to park on and its C stack."""

    __slots__ = ("depth", "frame", "limit", "lock", "number", "pinned", "size", "task", "top")

    def __init__(self) -> None:
        self.lock = _thread.allocate_lock()
        self.lock.acquire()
        self.depth = 0
        self.size = self.top = self.limit = self.frame = 0
        self.number = 0
        self.pinned = UNPINNED  # the processor this thread is bound to
        self.task = 0.0  # of the fiber that is blocked on this stack


class Wait:
    """One thing that one fiber waits for, or that a callback job is to be queued for.

    :ivar result: what the operation brought, for whoever started it.
    :ivar then: called instead of waking a fiber (callback and promise forms).
    """

    __slots__ = ("done", "result", "then", "thread")

    def __init__(self) -> None:
        self.thread: Thread | None = None
        self.done = False
        self.result: Any = None
        self.then: Callable[[Any], None] | None = None


Job = tuple[Any, ...]


class Scheduler:
    """Runs jobs and fibers of one engine.

    :param engine: the engine; this object is its only user.
    :param stack: bytes of stack for each fiber.
    :raises ValueError: if the stack is too small (a size of 0 would mean: no limit).
    """

    def __init__(self, engine: Engine, stack: int = STACK) -> None:
        if stack < HEADROOM + (256 << 10):
            raise ValueError(f"a stack needs at least {(HEADROOM + (256 << 10)) >> 10} KB")
        self.engine = engine
        self.words = engine.words
        self.stack = stack
        self.ready: collections.deque[Any] = collections.deque()
        self.inbox: collections.deque[Job] = collections.deque()
        self.waits: dict[int, Wait] = {}
        self.operations = 0  # under way in the loop: it must be run
        self.refs = 0  # what keeps the process alive, besides fibers
        self.blocked = 0
        self.turns = self.switches = self.jobs = 0
        self.parked: dict[Thread, None] = {}
        self.idle: list[Thread] = []
        self.holder: Thread | None = None  # None: the root has the baton
        self.outgoing: Any = None  # a connection with gathered writes; it has `flush()`
        self.closing = False
        self.stopping = False
        self.exited = False
        self.stuck: Callable[[], None] | None = None  # called when `stop` brings no baton back
        self._stop_at = 0.0
        self.errors: list[str] = []
        self.failed: Callable[[str], None] = self.errors.append
        self.finish: Any = None  # entry: the fiber that just ran a job to its end is over
        self.begin: Any = None  # entry: promise jobs run outside of any job
        self._interrupts: Interrupts | None = None
        self.rejected: Callable[[], None] | None = None
        self.rejections = False  # some may be unhandled: looked at when nothing is ready any more
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running = False
        self._root_lock = _thread.allocate_lock()
        self._root_lock.acquire()
        self._guard = threading.RLock()  # between `post`/`stop` and the end
        self._alive = True
        self._numbers = 0
        self.pin = UNPINNED  # where the workers are to run
        self._pin_mask: set[int] = set()
        self._pin_mark = self._pin_before = 0.0
        self._pin_hold = 0
        self._unhandled: list[asyncio.Handle] = []
        self.blocking: Any = (
            None  # a cell: JavaScript writes the id of the fiber that is about to block
        )
        self.root_stack()

    # -- the loop ------------------------------------------------------------------------------

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The asyncio loop, made when the first operation needs one."""
        loop = self._loop
        if loop is None:
            import asyncio
            from concurrent.futures import ThreadPoolExecutor as Executor

            loop = asyncio.new_event_loop()
            loop.set_default_executor(Executor(initializer=self.unpin))
            self._loop = loop
        return loop

    @property
    def interrupts(self) -> Interrupts:
        """What runs in the middle of JavaScript; made when first needed."""
        found = self._interrupts
        if found is None:
            from fibshim.fibers.interrupts import Interrupts

            found = self._interrupts = Interrupts(self)
        return found

    def call_later(self, milliseconds: float, function: Callable[..., None], *args: Any) -> Any:
        """Have the loop call `function` after that time; returns the handle.  Count the operation yourself."""
        loop = self.loop
        if milliseconds > 0:
            return loop.call_later(milliseconds / 1000, function, *args)
        return loop.call_soon(function, *args)

    def add(self, job: Job) -> None:
        """Queue a job: (entry function of the glue, *arguments).  For the holder of the baton."""
        self.ready.append(job)
        if self._running:
            self._loop.stop()  # type: ignore[union-attr]

    def wake(self, wait: Wait) -> None:
        """The wait is over: its fiber gets its turn after what was ready before.  For the holder of the baton."""
        then = wait.then
        if then is not None:
            then(wait.result)
        else:
            self.ready.append(wait)
        if self._running:
            self._loop.stop()  # type: ignore[union-attr]

    def post(self, job: Job) -> None:
        """Queue a job from any thread."""
        with self._guard:
            if not self._alive:
                return
            self.inbox.append(job)
            if self.holder is None and self._root_waits:
                self._root_lock.release()
                self._root_waits = False
            elif self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)

    _root_waits = False

    def _run_loop(self) -> None:
        """Run the loop until a callback has queued something."""
        loop = self.loop
        if self.outgoing is not None:
            self.outgoing.flush()
        if self.inbox or self.stopping or self.closing:
            return
        self._running = True
        try:
            loop.run_forever()
        finally:
            self._running = False

    def _turn(self) -> None:
        """A decision is taken; now and then the loop is polled first."""
        self.turns += 1
        if self.inbox:
            self.ready.extend(self.inbox)
            self.inbox.clear()
        if not self.turns & POLL:
            self._poll()

    def _poll(self) -> None:
        """Fibers and jobs that keep each other busy must not starve timers and sockets."""
        if self.operations:
            loop = self.loop
            loop.stop()  # before run_forever: one pass, no waiting
            loop.run_forever()

    # -- the baton -----------------------------------------------------------------------------

    def block(self, wait: Wait) -> int:
        """Make the fiber of the holder wait.

        It keeps the baton and runs the loop as long as nobody else has work.

        :returns: 0, `DIE` or `FULL`.
        """
        me = self.holder
        assert me is not None
        frame = me.frame = self.words.frame.value
        me.task = self.blocking.value
        wait.thread = me
        ready = self.ready
        switches = self.switches
        jobs = self.rejections or self.engine.jobs_pending()
        if self.outgoing is not None:
            self.outgoing.flush()
        self.blocked += 1
        status = 0
        while not (wait.done or self.closing):
            self._turn()
            if self.stopping:
                self._switch(me, None)
                break
            if jobs or (ready and type(ready[0]) is not Wait):
                worker = self._worker()  # it takes the job from the queue
                if worker is None:
                    wait.thread = None
                    status = FULL
                    break
                self._switch(me, worker)
                break
            if ready:
                head = ready.popleft()
                if head is wait:
                    break
                if head.thread is None:
                    self._early(head)
                else:
                    self._switch(me, head.thread)
                    break
            elif self.operations:
                self._run_loop()
            else:  # nothing left that could make any fiber go on
                self._switch(me, None)
                break
        self.blocked -= 1
        if self.switches != switches:
            self._own(me, frame)
        if self.closing or (self._interrupts is not None and self._interrupts.expired(me)):
            return DIE
        return status

    @staticmethod
    def _early(wait: Wait) -> None:
        """A wait that is over and that no fiber is blocked in: not yet, or it belongs to a callback."""
        wait.done = True
        if wait.then is not None:
            wait.then(wait.result)

    def _switch(self, me: Thread, other: Thread | None) -> None:
        self.parked[me] = None
        self.switches += 1
        self._give(other)
        me.lock.acquire()  # I4
        del self.parked[me]
        if not self.switches & (PIN_WINDOW - 1):
            self._choose_pin()
        if me.pinned != self.pin:
            self._apply_pin(me)

    def _choose_pin(self) -> None:
        """Threads that hand over to each other on one processor do it several times faster than across two.

        So fibers that switch often are bound to the processor they are on, and let go again if that was no gain: a busy
        neighbour may want the same one.
        """
        now = time.perf_counter()
        spent, self._pin_mark = now - self._pin_mark, now
        if self._pin_hold:
            self._pin_hold -= 1
        elif self.pin == UNPINNED:
            if spent < PIN_WINDOW * PIN_RATE:
                if not self._pin_mask:
                    self._pin_mask = os.sched_getaffinity(0)
                if len(self._pin_mask) > 1:
                    self._pin_before = spent
                    self.pin = LIBC.sched_getcpu()
        elif spent > self._pin_before * 0.8:
            self.pin = UNPINNED
            self._pin_hold = PIN_HOLD

    def _apply_pin(self, me: Thread) -> None:
        me.pinned = self.pin
        try:
            os.sched_setaffinity(0, self._pin_mask if me.pinned == UNPINNED else {me.pinned})
        except OSError:  # the mask of the process was changed meanwhile
            self._pin_mask = set()

    def unpin(self) -> None:
        """For threads and processes that were started by a worker and are none: run anywhere again."""
        if self._pin_mask:
            os.sched_setaffinity(0, self._pin_mask)

    def _give(self, thread: Thread | None) -> None:
        self.holder = thread
        (self._root_lock if thread is None else thread.lock).release()

    def _own(self, me: Thread, frame: int) -> None:  # I2
        words = self.words
        words.size.value = me.size
        words.top.value = me.top
        words.limit.value = me.limit
        words.frame.value = frame

    def _worker(self) -> Thread | None:
        """An idle worker, or a new one; it waits for the baton.  None: there are no more threads to be had."""
        if self.idle:
            return self.idle.pop()
        thread = Thread()
        with _starting:
            before = threading.stack_size(self.stack)
            try:
                _thread.start_new_thread(self._work, (thread,))
            except RuntimeError:  # the system has no more
                return None
            finally:
                threading.stack_size(before)
        self._numbers += 1
        thread.number = self._numbers
        if self.holder is not None:
            thread.pinned = self.holder.pinned  # inherited
        return thread

    def _work(self, me: Thread) -> None:
        me.lock.acquire()
        engine, words = self.engine, self.words
        engine.c.JS_UpdateStackTop(engine.rt)
        me.top = words.top.value
        me.size = self.stack - HEADROOM
        me.limit = me.top - me.size
        self._own(me, 0)
        ready = self.ready
        pending = engine.context.execute_pending_job
        while not self.closing:
            self._turn()
            while ready and type(ready[0]) is tuple:  # the hot path: jobs that do not block
                if self.closing or self.stopping:
                    break
                job = ready.popleft()
                switches = self.switches
                self.jobs += 1
                try:
                    over = job[0](*job[1:])
                    while pending():
                        pass
                    if over:
                        self.finish()
                        while pending():
                            pass
                    if self.rejections and not ready:
                        self.rejected()  # type: ignore[misc]
                except (_quickjs.JSException, SystemError) as error:
                    self._escaped(error)
                if self.switches != switches:
                    self._own(me, 0)
                    break
                self.turns += 1
                if not self.turns & POLL:
                    self._poll()
                    if self.inbox:
                        break
            if self.closing:
                break
            if self.stopping:
                self._rest(me, None)
            elif engine.jobs_pending() or (self.rejections and not ready):
                self._promises(me)
            elif ready:
                if type(ready[0]) is tuple:
                    continue
                item = ready.popleft()
                if item.thread is None:
                    self._early(item)
                elif not self._rest(me, item.thread):
                    return
            elif self.operations and (self.refs or self.blocked):
                self._run_loop()
            elif not self.inbox:  # nothing left that could make a fiber go on
                self._rest(me, None)
        self._next_to_die()

    def _promises(self, me: Thread) -> None:
        """Drain the promise queue in a fiber of its own: the one that made the jobs is blocked."""
        pending = self.engine.context.execute_pending_job
        try:
            self.begin()
            while pending():
                pass
            self.finish()
            if self.rejections and not self.ready:
                self.rejected()  # type: ignore[misc]
        except (_quickjs.JSException, SystemError) as error:
            self._escaped(error)
        self._own(me, 0)

    def _escaped(self, error: Exception) -> None:
        """An exception left JavaScript: rule 6 says only when something is being ended."""
        if not (self.closing or self.stopping):
            self.engine.c.JS_SetInterruptHandler(self.engine.rt, None, None)
            self.failed(str(error))

    def unwind(self) -> None:
        """JavaScript that was terminated passes through a callable: what called it must end as well."""
        self.engine.c.JS_SetInterruptHandler(self.engine.rt, ALWAYS, None)

    def _rest(self, me: Thread, other: Thread | None) -> bool:
        """Hand the baton on with no fiber on this stack.  False: this thread ends (the baton is gone, see I4)."""
        keep = other is None or len(self.idle) < IDLE
        if keep:
            self.idle.append(me)
            low, high = (me.limit + 4095) & ~4095, (me.top - 65536) & ~4095
            LIBC.madvise(low, high - low, 4)  # MADV_DONTNEED what a deep recursion once touched
        self._give(other)
        if keep:
            me.lock.acquire()
            if me.pinned != self.pin:
                self._apply_pin(me)
            self._own(me, 0)
        return keep

    def nested(self, function: Any, *args: Any) -> Any:
        """Call JavaScript from inside a callable (I5).  A thread switch in there is fine.

        :raises RecursionError: if there is no room left on the stack, or after 100 levels.
        """
        me, words = self.holder, self.words
        assert me is not None
        frame = words.frame.value
        self.engine.c.JS_UpdateStackTop(self.engine.rt)
        room = words.top.value - me.limit
        if room < 65536 or me.depth >= NESTED:
            self._own(me, frame)
            raise RecursionError
        words.size.value = room  # so that the entry computes our limit again
        me.depth += 1
        try:
            return function(*args)
        finally:
            me.depth -= 1
            self._own(me, frame)

    def drain(self) -> None:
        """Run all promise jobs now, in the fiber that calls."""
        pending = self.engine.context.execute_pending_job
        if not self.engine.jobs_pending():
            return
        try:
            while self.nested(pending):
                pass
        except RecursionError:  # they stay queued; whoever is at the bottom of a stack runs them
            pass

    def with_frame(self, frame: int, function: Any) -> Any:
        """Call a glue function as if it had been called from `frame`, the saved frame of a parked fiber.

        For stack traces: the function may look at its callers but must not block.
        """
        words, own = self.words, self.words.frame.value

        def call() -> Any:
            words.frame.value = frame
            try:
                return function()
            finally:
                words.frame.value = own

        return self.nested(call)

    # -- the root: no fiber ever runs on its stack -----------------------------------------------

    def root_stack(self) -> None:
        """The calling thread is the root and may evaluate our own code; for set-up."""
        self.engine.c.JS_UpdateStackTop(self.engine.rt)
        self.words.size.value = 256 << 10

    def run(self) -> str:
        """Run until nothing can go on any more; called by the root, which gives the baton and gets it back.

        :returns: ``"idle"``: nothing is pending; ``"blocked"``: fibers are blocked and nothing can wake them;
            ``"exit"``: a fiber asked for the end; ``"stop"``: `stop` was called.
        :raises RuntimeError: if no thread can be started.
        """
        worker = self._worker()
        if worker is None:
            raise RuntimeError("the system cannot start a thread")
        self._give(worker)
        self._wait_root()
        if self.exited:
            return "exit"
        if self.stopping:
            return "stop"
        return "blocked" if self.blocked or self.refs else "idle"

    def wait_for_post(self) -> None:
        """The root waits until `post` or `stop` is called."""
        with self._guard:
            if self.inbox or self.stopping:
                return
            self._root_waits = True
        self._wait_root()

    def _wait_root(self) -> None:
        """Park the root.  Signal handlers run here.

        A signal that arrives between Python's last look and the moment the thread really waits does not wake it, so it
        looks again from time to time.
        """
        while not self._root_lock.acquire(True, SIGNAL_POLL):
            if (
                self.stopping
                and self.stuck is not None
                and time.monotonic() > self._stop_at + STUCK
            ):
                self.stuck()

    def leave(self) -> int:
        """Called by a fiber: give the baton to the root for good.  Returns only to be unwound."""
        me = self.holder
        assert me is not None
        frame = self.words.frame.value
        self.exited = True
        self._switch(me, None)
        self._own(me, frame)
        return DIE

    def stop(self) -> None:
        """Interrupt whatever runs and give the baton to the root, from any thread; parked fibers stay parked."""
        with self._guard:
            if not self._alive:
                return
            self.stopping = True
            self._stop_at = time.monotonic()
            self.engine.c.JS_SetInterruptHandler(self.engine.rt, ALWAYS, None)
            if self.holder is None and self._root_waits:
                self._root_lock.release()
                self._root_waits = False
            elif self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)

    def resume(self) -> None:
        """After `stop`: the root goes on with jobs of its own; what was ready is dropped."""
        self.engine.c.JS_SetInterruptHandler(self.engine.rt, None, None)
        self.stopping = False
        self.exited = False
        self.ready.clear()

    def _next_to_die(self) -> None:
        """The holder is done.  Let the next parked fiber unwind, then the idle workers; the last one wakes the root."""
        if self.parked:
            self._give(next(reversed(self.parked)))
        else:
            self._give(self.idle.pop() if self.idle else None)

    def close(self) -> None:
        """Unwind all parked fibers without running their code, end all workers, close the loop.  For the root."""
        with self._guard:
            if not self._alive:
                return
            self.closing = True
            self.engine.c.JS_SetInterruptHandler(self.engine.rt, ALWAYS, None)
        if self._interrupts is not None:
            self._interrupts.close()
        self.ready.clear()
        self._next_to_die()
        self._root_lock.acquire()
        with self._guard:
            self._alive = False
            self.engine.c.JS_SetInterruptHandler(self.engine.rt, None, None)
            if self._loop is not None:
                self._close_loop(self._loop)
                self._loop = None
        self.finish = self.begin = self.rejected = None
        self._interrupts = None

    @staticmethod
    def _close_loop(loop: asyncio.AbstractEventLoop) -> None:
        import asyncio

        # A `stop` that was sent from another thread must not end what follows.
        loop.call_soon(loop.stop)
        loop.run_forever()
        loop.call_soon(loop.stop)
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
