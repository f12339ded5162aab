"""`process`: facts about the process, its end, signals (spec/fibers-and-runtime.md §4, §10)."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.core.ops import op
from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

ARCHS = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64", "i686": "ia32", "i386": "ia32"}


@op()
def facts(rt: Runtime) -> dict[str, Any]:
    """What does not change while the process runs."""
    machine = os.uname().machine
    platform = sys.platform
    return {
        "arch": ARCHS.get(machine, "arm" if machine.startswith("arm") else machine),
        "platform": "freebsd" if platform.startswith("freebsd") else platform,
        "execPath": os.path.realpath(sys.argv[0])
        if os.path.isfile(sys.argv[0])
        else sys.executable,
        "pid": os.getpid(),
        "execArgv": rt.exec_argv,
    }


@op()
def argv(rt: Runtime) -> list[Any]:
    """Program as typed, script as typed, arguments."""
    return list(rt.argv)


@op()
def ppid(rt: Runtime) -> int:
    """The parent's process id."""
    return os.getppid()


@op()
def environment(rt: Runtime) -> dict[str, Any]:
    """The environment as text; bytes that are not UTF-8 arrive as lone surrogates."""
    return dict(os.environ)


@op()
def cwd(rt: Runtime) -> str:
    """The working directory."""
    return os.getcwd()


@op()
def chdir(rt: Runtime, path: str) -> None:
    """Change the working directory."""
    if "\0" in path:
        raise FibError(2)
    os.chdir(path)


@op()
def umask(rt: Runtime, mask: int) -> int:
    """Set the mask and return the one before; a negative one only asks."""
    before = os.umask(mask if mask >= 0 else 0)
    if mask < 0:
        os.umask(before)
    return before


@op()
def hrtime(rt: Runtime) -> str:
    """Nanoseconds of the monotonic clock, in decimal: they do not fit a number."""
    return str(time.monotonic_ns())


@op()
def uptime(rt: Runtime) -> float:
    """Seconds since the system was booted."""
    return (
        time.clock_gettime(time.CLOCK_BOOTTIME)
        if hasattr(time, "CLOCK_BOOTTIME")
        else time.monotonic()
    )


@op()
def memory(rt: Runtime) -> dict[str, Any]:
    """Resident memory and the engine's heap, in bytes."""
    with open("/proc/self/statm") as file:
        rss = int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    heap = rt.engine.context.memory()
    return {
        "rss": rss,
        "heapTotal": int(heap["malloc_size"]),
        "heapUsed": int(heap["memory_used_size"]),
    }


@op()
def cpu(rt: Runtime) -> list[Any]:
    """User and system time of the process in microseconds."""
    times = os.times()
    return [int(times.user * 1e6), int(times.system * 1e6)]


@op()
def ids(rt: Runtime) -> list[Any]:
    """User and group id."""
    return [os.getuid(), os.getgid()]


@op()
def set_uid(rt: Runtime, number: int) -> None:
    """Change the user id."""
    os.setuid(number)


@op()
def set_gid(rt: Runtime, number: int) -> None:
    """Change the group id."""
    os.setgid(number)


@op()
def loaded(rt: Runtime) -> None:
    """The module is there: its events have to be emitted."""
    rt.exit_hooks = True


@op()
def set_exit_code(rt: Runtime, code: int) -> None:
    """Keep `process.exitCode` where the end of the program finds it."""
    rt.process_code = code


@op()
def leave(rt: Runtime, code: int) -> Wait:
    """End the program; the `exit` listeners have run.  The calling fiber never goes on."""
    rt.leave(code)
    return Wait()  # only a fiber that is being unwound comes back, and blocking ends it


@op()
def default_signal(rt: Runtime, number: int) -> None:
    """A signal arrived that the script does not listen to."""
    rt.stop(rt.signal_code(number))


@op()
def delivered(rt: Runtime) -> None:
    """The last signal has reached the script."""
    rt.signal_pending = False


@op()
def signal_number(rt: Runtime, name: str) -> int:
    """The number of a signal by name."""
    return int(signal.Signals[name])
