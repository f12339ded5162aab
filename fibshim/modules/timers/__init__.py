"""`timers`: arming and clearing on the loop.  Timer objects live in JavaScript and are known here by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import _quickjs

from fibshim.core.ops import op

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime


class Timers:
    """The armed timers of a runtime: number → (handle, whether it keeps the process alive)."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.armed: dict[int, tuple[Any, bool]] = {}

    def arm(self, number: int, ms: float, ref: bool) -> None:
        """Have `timers.fire` called with this number after that time."""
        sched = self.rt.sched
        sched.operations += 1
        sched.refs += ref
        self.armed[number] = sched.call_later(ms, self._fire, number), ref

    def _fire(self, number: int) -> None:
        if self._forget(number):
            self.rt.sched.add((self.rt.entries["timers.fire"], number))

    def _forget(self, number: int) -> bool:
        found = self.armed.pop(number, None)
        if found is None:
            return False
        found[0].cancel()
        self.rt.sched.operations -= 1
        self.rt.sched.refs -= found[1]
        return True

    def clear(self, number: int) -> bool:
        """Disarm; False if it was not armed."""
        return self._forget(number)

    def ref(self, number: int, ref: bool) -> None:
        """Whether an armed timer keeps the process alive."""
        found = self.armed.get(number)
        if found is not None and found[1] != ref:
            self.armed[number] = found[0], ref
            self.rt.sched.refs += 1 if ref else -1


def _timers(rt: Runtime) -> Timers:
    found = rt.state.get("timers")
    if found is None:
        found = rt.state["timers"] = Timers(rt)
    return found  # type: ignore[no-any-return]


@op()
def arm(rt: Runtime, number: int, ms: float, ref: bool) -> None:
    """Arm timer `number` for `ms` milliseconds from now."""
    _timers(rt).arm(number, ms, ref)


@op()
def clear(rt: Runtime, number: int) -> bool:
    """Disarm a timer."""
    return _timers(rt).clear(number)


@op()
def ref(rt: Runtime, number: int, ref: bool) -> None:
    """Whether a timer keeps the process alive."""
    _timers(rt).ref(number, ref)


@op()
def arm_interrupt(rt: Runtime, number: int, ms: float, ref: bool) -> None:
    """As `arm`, but the callback runs in the middle of whatever JavaScript executes (`setHrInterval`)."""
    timers = _timers(rt)
    sched = rt.sched
    sched.operations += 1
    sched.refs += ref
    interrupts = sched.interrupts

    def fire() -> None:
        if number in timers.armed:
            entries = rt.entries
            interrupts.run((entries["timers.interrupt"], number), (entries["timers.hr"], number))

    interrupts.after(ms, fire)
    timers.armed[number] = _NoHandle, ref


class _NoHandle:
    """An interrupting timer that was cleared finds itself missing when its time comes."""

    @staticmethod
    def cancel() -> None:
        """Nothing to do."""


@op()
def interrupt_over(rt: Runtime, number: int) -> bool:
    """An interrupting timer fires now; False if it was cleared."""
    return _timers(rt).clear(number)


@op()
def limited(rt: Runtime, ms: float) -> bool:
    """Run what `timers.limited` has ready in this fiber, for at most `ms` milliseconds of running code.

    :returns: False if the time was over and the code was terminated.
    """
    alarm = rt.sched.interrupts.limit(ms)
    try:
        rt.sched.nested(rt.entries["timers.limited"])
    except _quickjs.JSException:
        if rt.sched.closing or rt.sched.stopping or not alarm.over:
            raise
        return False
    finally:
        alarm.cancel()
    return True
