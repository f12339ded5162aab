"""Sub-processes and the pipes to them (spec/fibers-and-runtime.md §10.2)."""

from __future__ import annotations

import collections
import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.core.ops import op
from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

CHUNK = 65536
LOST = 255
"""Exit status of a child that somebody else has reaped."""


class Pipe:
    """Our end of a pipe.  One direction only; what cannot be done at once waits in line.

    :param fd: owned by this object.
    """

    __slots__ = ("_fd", "_line", "_rt", "_writes")

    def __init__(self, rt: Runtime, fd: int, writes: bool) -> None:
        os.set_blocking(fd, False)
        self._rt = rt
        self._fd = fd
        self._writes = writes
        self._line: collections.deque[tuple[Callable[[], Any], Wait]] = collections.deque()

    def read(self, size: int) -> Any:
        """What one system read gives; None at the end."""
        size = CHUNK if size < 0 else size
        return self._do(lambda: os.read(self._fd, size) or None)

    def write(self, data: bytes) -> Any:
        """Write everything."""
        left = memoryview(data)

        def step() -> None:
            nonlocal left
            while left:
                left = left[os.write(self._fd, left) :]

        return self._do(step)

    def _do(self, step: Callable[[], Any]) -> Any:
        if not self._line:
            try:
                return step()
            except BlockingIOError:
                self._watch()
        wait = Wait()
        self._line.append((step, wait))
        return wait

    def _watch(self) -> None:
        sched = self._rt.sched
        sched.operations += 1
        watch = sched.loop.add_writer if self._writes else sched.loop.add_reader
        watch(self._fd, self._ready)

    def _unwatch(self) -> None:
        sched = self._rt.sched
        sched.operations -= 1
        unwatch = sched.loop.remove_writer if self._writes else sched.loop.remove_reader
        unwatch(self._fd)

    def _ready(self) -> None:
        while self._line:
            step, wait = self._line[0]
            try:
                wait.result = step()
            except BlockingIOError:
                return
            except OSError as error:
                wait.result = error
            self._line.popleft()
            self._rt.sched.wake(wait)
        self._unwatch()

    def close(self) -> None:
        """Close our end; for whoever waits it is the end of the stream."""
        if self._line and not self._rt.sched.closing:
            self._unwatch()
            for _, wait in self._line:
                self._rt.sched.wake(wait)
        self._line.clear()
        os.close(self._fd)


class Child:
    """A process that was started.

    It is watched until it ends, so that it never stays as a zombie; watching it does not keep us alive, waiting for it
    does.
    """

    def __init__(self, rt: Runtime, pid: int, timeout: int) -> None:
        self._rt = rt
        self.pid = pid
        self.status: int | None = None
        self.forgotten = 0  # the handle, once the script has no object for it any more
        self._waits: list[Wait] = []
        self._fd = -1
        sched = rt.sched
        sched.operations += 1
        try:
            self._fd = os.pidfd_open(pid)
        except (AttributeError, OSError):  # an old kernel
            import threading

            threading.Thread(target=self._watch, args=(sched.loop,), daemon=True).start()
        else:
            sched.loop.add_reader(self._fd, self.reap)
        self._timer = sched.loop.call_later(timeout / 1000, self._expire) if timeout > 0 else None

    def _watch(self, loop: Any) -> None:
        """Wait for the end in a thread, without taking the status."""
        self._rt.sched.unpin()
        try:
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        except ChildProcessError:
            pass
        try:
            loop.call_soon_threadsafe(self.reap)
        except RuntimeError:  # the loop is closed
            pass

    def reap(self) -> None:
        """Take the status, if the process has ended."""
        if self.status is not None:
            return
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            pid, status = self.pid, LOST << 8
        if pid == 0:
            return
        # An exit code, or for an end by a signal the status as it is.
        self.status = os.WEXITSTATUS(status) if os.WIFEXITED(status) else status
        sched = self._rt.sched
        sched.operations -= 1
        self._stop_watching()
        for wait in self._waits:
            wait.result = self.status
            sched.wake(wait)
        self._waits.clear()
        if self.forgotten:
            self._rt.drop(self.forgotten)

    def _stop_watching(self) -> None:
        self.cancel()
        if self._fd >= 0:
            self._rt.sched.loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def cancel(self) -> None:
        """There is no time limit any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._timer = None
        self.reap()
        if self.status is None:
            os.kill(self.pid, signal.SIGINT)

    def wait(self) -> Any:
        """The status, or a Wait for it."""
        self.reap()
        if self.status is not None:
            return self.status
        wait = Wait()
        self._waits.append(wait)
        return wait

    def close(self) -> None:
        """The runtime ends; the process goes on."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _c_text(text: str) -> bytes:
    """Text for the system: C strings end at their first NUL."""
    text = text.partition("\0")[0]
    try:
        return os.fsencode(text)
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


@op()
def spawn(
    rt: Runtime, command: str, arguments: list[str], env: dict[str, str], timeout: int, piped: bool
) -> Any:
    """Start a program.

    :param env: the complete environment.
    :param timeout: milliseconds after which it gets SIGINT; 0 or less for none.
    :param piped: connect its standard streams with pipes; otherwise it has ours.
    :returns: the handle of the child, its pid, and with `piped` the handles of the pipes to its stdin, stdout and stderr.
    """
    variables = {
        _c_text(name): _c_text(value) for name, value in env.items() if name and "=" not in name
    }
    name = _c_text(command)
    if not name:
        raise FibError(2)
    ours: list[int] = []
    theirs: list[int] = []
    actions: list[tuple[int, ...]] = []
    mask = os.sched_getaffinity(0)
    try:
        if piped:
            for number in range(3):
                read, write = os.pipe()
                ours.append(read if number else write)
                theirs.append(write if number else read)
            actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(theirs)]
        rt.sched.unpin()
        pid = os.posix_spawnp(
            name,
            [name, *map(_c_text, arguments)],
            variables,
            file_actions=actions,
            setsigmask=[],
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
        )
    except BaseException:
        for fd in ours:
            os.close(fd)
        raise
    finally:
        os.sched_setaffinity(0, mask)
        for fd in theirs:
            os.close(fd)
    handles = [rt.hold(Pipe(rt, fd, writes=index == 0)) for index, fd in enumerate(ours)]
    return [rt.hold(Child(rt, pid, timeout)), pid, *handles]


@op()
def wait(rt: Runtime, handle: int) -> Wait:
    """The exit code, or the wait status of a child that a signal has ended."""
    return rt.handles[handle].wait()  # type: ignore[no-any-return]


@op()
def kill(rt: Runtime, handle: int, number: int) -> None:
    """Send a signal; the time limit is off then."""
    child = rt.handles[handle]
    child.cancel()
    child.reap()
    if child.status is not None:
        raise FibError(3)
    os.kill(child.pid, number)


@op()
def forget(rt: Runtime, handle: int) -> None:
    """The script has no object for the child any more; it is still reaped."""
    child = rt.handles[handle]
    if child.status is None:
        child.forgotten = handle
    else:
        rt.drop(handle)


@op()
def pipe_read(rt: Runtime, handle: int, size: int) -> Wait:
    """Read from a pipe; None at its end."""
    return rt.handles[handle].read(int(size))  # type: ignore[no-any-return]


@op()
def pipe_write(rt: Runtime, handle: int, data: bytes) -> Wait:
    """Write to a pipe."""
    return rt.handles[handle].write(data)  # type: ignore[no-any-return]
