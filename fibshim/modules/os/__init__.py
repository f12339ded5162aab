"""`os` (spec/fibers-and-runtime.md §13): facts about the system."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.core.ops import op
from fibshim.engine.engine import BigInt

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime


@op()
def hostname(rt: Runtime) -> str:
    """The system's name."""
    return os.uname().nodename


@op(name="type")
def type_(rt: Runtime) -> str:
    """The kind of system."""
    return os.uname().sysname


@op()
def release(rt: Runtime) -> str:
    """The version of its kernel."""
    return os.uname().release


@op()
def facts(rt: Runtime) -> dict[str, Any]:
    """What does not change."""
    return {
        "endianness": "LE" if sys.byteorder == "little" else "BE",
        "timezone": -time.timezone // 36,
        "cpus": os.cpu_count() or 1,
    }


@op()
def uptime(rt: Runtime) -> float:
    """Seconds since the system started."""
    clock = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_UPTIME_RAW", None)
    return time.clock_gettime(clock) if clock is not None else time.monotonic()


@op()
def loadavg(rt: Runtime) -> list[float]:
    """The load of the last 1, 5 and 15 minutes."""
    return list(os.getloadavg())


@op()
def totalmem(rt: Runtime) -> int:
    """Bytes of memory, as a Long."""
    return BigInt(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


@op()
def freemem(rt: Runtime) -> int:
    """Bytes of memory that nothing uses, as a Long."""
    if "SC_AVPHYS_PAGES" not in os.sysconf_names:
        raise FibError(100023, "os.freemem is not supported on this system.")
    return BigInt(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES"))


@op()
def cpus(rt: Runtime) -> list[dict[str, Any]]:
    """The CPUs with what they have done, in milliseconds."""
    try:
        with open("/proc/stat") as file:
            lines = [line.split() for line in file if line[:3] == "cpu" and line[3].isdigit()]
        with open("/proc/cpuinfo") as file:
            info = [line.partition(":") for line in file]
    except OSError:
        raise FibError(100023, "os.cpus is not supported on this system.") from None
    models = [value.strip() for name, _, value in info if name.strip() == "model name"]
    speeds = [float(value) for name, _, value in info if name.strip() == "cpu MHz"]
    tick = 1000 / os.sysconf("SC_CLK_TCK")
    found = []
    for index, line in enumerate(lines):
        user, nice, system, idle, _, irq = (int(int(n) * tick) for n in line[1:7])
        item: dict[str, Any] = {"model": models[index]} if index < len(models) else {}
        item["speed"] = int(speeds[index]) if index < len(speeds) else 0
        item["times"] = {"user": user, "nice": nice, "sys": system, "idle": idle, "irq": irq}
        found.append(item)
    return found


@op()
def home(rt: Runtime) -> str:
    """The user's directory by the user database."""
    return str(user(rt)["homedir"])


@op()
def user(rt: Runtime) -> dict[str, Any]:
    """The effective user."""
    import pwd

    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError:
        raise FibError(2) from None
    return {
        "uid": entry.pw_uid,
        "gid": entry.pw_gid,
        "username": entry.pw_name,
        "homedir": entry.pw_dir,
        "shell": entry.pw_shell,
    }


@op()
def interfaces(rt: Runtime) -> dict[str, list[dict[str, Any]]]:
    """The addresses of the network interfaces that are up and running."""
    from fibshim.modules.os.interfaces import addresses

    return addresses()
