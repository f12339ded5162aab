"""The scheduler: baton, workers, jobs, timers.  Knows the engine, not fibjs."""

from fibshim.fibers.scheduler import DIE, FULL, Scheduler, Wait

__all__ = ["DIE", "FULL", "Scheduler", "Wait"]
