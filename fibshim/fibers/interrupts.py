"""Running something in the middle of JavaScript that does not yield: signal listeners, `setHrInterval`, time limits.

The engine asks an interrupt handler at every 10,000th call or loop turn, while the GIL is released.  Ours is a ctypes
callback, which takes the GIL; entering JavaScript from inside it is a `nested` call like any other, but for one thing:
the binding keeps the saved thread state in a word of its `Context` and clears it on the way, so that word must be put
back before JavaScript goes on (else the next callable would run without the GIL).  The word is found by its value.

Whoever is first runs an item: the handler, if JavaScript is running, or a job, if it is not.
"""

from __future__ import annotations

import _thread
import ctypes
import heapq
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fibshim.engine.native import ALWAYS, EngineError

if TYPE_CHECKING:
    from fibshim.fibers.scheduler import Scheduler, Thread

_thread_state = ctypes.pythonapi.PyThreadState_Get
_thread_state.restype = ctypes.c_void_p


class Item:
    """Something to run: `inner` in the middle of a fiber, or `job` as a fiber of its own."""

    __slots__ = ("inner", "job")

    def __init__(self, inner: tuple[Any, ...], job: tuple[Any, ...]) -> None:
        self.inner, self.job = inner, job


class Limit:
    """A time limit on the JavaScript that one fiber runs inside `Scheduler.nested`.

    :ivar over: the time was up and the code was, or is to be, terminated.
    """

    __slots__ = ("_alarms", "_cancelled", "over", "thread")

    def __init__(self, alarms: Interrupts, thread: Thread) -> None:
        self._alarms, self.thread = alarms, thread
        self.over = self._cancelled = False

    def expire(self) -> None:
        """The time is up; from any thread."""
        if not self._cancelled:
            self.over = True
            self._alarms.set_handler()

    def cancel(self) -> None:
        """The call has ended; let JavaScript run again."""
        self._cancelled = True
        self._alarms.end_limit(self)


class Interrupts:
    """The interrupt handler of one runtime and the thread that watches its clock."""

    def __init__(self, sched: Scheduler) -> None:
        self._sched = sched
        self._queue: deque[Item] = deque()
        self._limits: list[Limit] = []
        self._handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(
            self._asked
        )
        self._pointer = ctypes.cast(self._handler, ctypes.c_void_p)
        context = sched.engine.context
        self._words = (ctypes.c_size_t * (type(context).__basicsize__ // 8)).from_address(
            id(context)
        )
        self._state_at = -1
        self._alarms: list[tuple[float, int, Callable[[], None]]] = []
        self._alarm_number = 0
        self._condition = threading.Condition()
        self._watching = self._ended = False

    # -- from any thread -------------------------------------------------------------------------

    def run(self, inner: tuple[Any, ...], job: tuple[Any, ...]) -> None:
        """Run `inner` in the middle of what executes, or `job` as a fiber if nothing does."""
        item = Item(inner, job)
        self._queue.append(item)
        self.set_handler()
        self._sched.post((self._as_job, item))

    def set_handler(self) -> None:
        """Have the engine ask us soon."""
        engine = self._sched.engine
        if engine.context is not None:
            engine.c.JS_SetInterruptHandler(engine.rt, self._pointer, None)

    def after(self, ms: float, function: Callable[[], None]) -> None:
        """Have the alarm thread call `function` after that time, whether or not JavaScript yields."""
        with self._condition:
            self._alarm_number += 1
            heapq.heappush(
                self._alarms, (time.monotonic() + ms / 1000, self._alarm_number, function)
            )
            if not self._watching:
                self._watching = True
                _thread.start_new_thread(self._watch, ())
            self._condition.notify()

    # -- for the holder of the baton ---------------------------------------------------------------

    def limit(self, ms: float | None) -> Limit:
        """Limit what the calling fiber runs from now on; `cancel` it when the call has ended.

        :param ms: when it expires; None: when somebody calls its `expire`.
        """
        thread = self._sched.holder
        assert thread is not None
        limit = Limit(self, thread)
        self._limits.append(limit)
        if ms is not None:
            self.after(ms, limit.expire)
        return limit

    def end_limit(self, limit: Limit) -> None:
        """Forget a limit; the handler may go unless somebody else needs it."""
        self._limits.remove(limit)
        sched = self._sched
        if limit.over and not (sched.closing or sched.stopping):
            engine = sched.engine
            engine.c.JS_SetInterruptHandler(engine.rt, None, None)
            if self._queue or any(other.over for other in self._limits):
                self.set_handler()

    def expired(self, thread: Thread) -> bool:
        """Whether the fiber on this thread is to be terminated now that it goes on."""
        for limit in self._limits:
            if limit.over and limit.thread is thread:
                engine = self._sched.engine
                engine.c.JS_SetInterruptHandler(engine.rt, ALWAYS, None)
                return True
        return False

    @property
    def limited(self) -> bool:
        """Whether any limit is in force."""
        return bool(self._limits)

    def _as_job(self, item: Item) -> Any:
        try:
            self._queue.remove(item)
        except ValueError:  # it ran in the middle of something
            return None
        return item.job[0](*item.job[1:])

    def _asked(self, rt: int, opaque: int) -> int:
        """The handler: 1 terminates what runs, uncatchably."""
        sched = self._sched
        engine = sched.engine
        if sched.closing or sched.stopping:
            engine.c.JS_SetInterruptHandler(engine.rt, ALWAYS, None)
            return 1
        engine.c.JS_SetInterruptHandler(engine.rt, None, None)
        holder = sched.holder
        if holder is None:
            return 0
        for limit in self._limits:
            if limit.over and limit.thread is holder:
                engine.c.JS_SetInterruptHandler(engine.rt, ALWAYS, None)
                return 1
        while self._queue:
            try:
                at = self._state_word()
                item = self._queue.popleft()
            except (EngineError, IndexError):
                break  # the job will do it
            state = self._words[at]
            try:
                sched.nested(*item.inner)
            except RecursionError:
                self._queue.append(item)
                self._words[at] = state
                break
            except Exception as error:
                if not (sched.closing or sched.stopping):
                    sched.failed(str(error))
            self._words[at] = state
            if sched.closing or sched.stopping:
                return 1
        return 0

    def _state_word(self) -> int:
        """Which word of the binding's Context holds the saved thread state."""
        if self._state_at < 0:
            state = _thread_state()
            found = [i for i, word in enumerate(self._words) if word == state]
            if len(found) != 1:
                raise EngineError(
                    "this build of quickjs-ng keeps its thread state in an unknown place"
                )
            self._state_at = found[0]
        return self._state_at

    # -- the alarm thread --------------------------------------------------------------------------

    def _watch(self) -> None:
        condition = self._condition
        with condition:
            while not self._ended:
                if not self._alarms:
                    condition.wait()
                    continue
                left = self._alarms[0][0] - time.monotonic()
                if left > 0:
                    condition.wait(left)
                    continue
                heapq.heappop(self._alarms)[2]()

    def close(self) -> None:
        """End the alarm thread."""
        with self._condition:
            self._ended = True
            self._alarms.clear()
            self._condition.notify()
