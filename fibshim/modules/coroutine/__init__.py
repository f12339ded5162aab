"""`coroutine`: the ops behind `sleep`.  Everything else is JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fibshim.core.ops import op
from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime


@op()
def sleep(rt: Runtime, ms: int) -> Wait:
    """Pause; `ms <= 0` yields to what was ready before (spec/fibers-and-runtime.md §1.3)."""
    wait = Wait()
    sched = rt.sched
    if ms <= 0:
        sched.ready.append(wait)
        return wait

    def over() -> None:
        sched.operations -= 1
        sched.wake(wait)

    sched.operations += 1
    sched.call_later(ms, over)
    return wait


@op()
def vmid(rt: Runtime) -> int:
    """The number of this VM."""
    return rt.vmid
