"""Targets of `console.add` other than standard output (spec/fibers-and-runtime.md §11.4)."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FREE_TEXT, FibError
from fibshim.modules.console import Target

if TYPE_CHECKING:
    from fibshim.modules.console import Console

LABELS = [
    "FATAL  - ",
    "ALERT  - ",
    "CRIT   - ",
    "ERROR  - ",
    "WARN   - ",
    "NOTICE - ",
    "INFO   - ",
    "DEBUG  - ",
]
PERIODS = {"day": 86400, "hour": 3600, "minute": 60}
UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def make(config: dict[str, Any]) -> Target:
    """The target of a configuration.

    :raises FibError: 100023, with the texts of the chapter.
    """
    kind = config["type"]
    levels = config.get("levels")
    if levels is not None and any(not 0 <= level <= 9 for level in levels):
        raise FibError(FREE_TEXT, "console: too many logger.")
    if kind == "console":
        return Target(levels)
    if kind == "syslog":
        return Syslog(levels)
    if kind == "file" and "path" in config:
        return File(levels, config["path"], config.get("split"), config.get("count"))
    raise FibError(FREE_TEXT, "console: Unknown log type.")


class Syslog(Target):
    """The system log; levels are its priorities."""

    terminal = False

    def write(self, console: Console, level: int, text: str) -> None:
        """See `Target`."""
        import syslog

        syslog.syslog(
            level, (LABELS[level] + text).replace("\0", "").encode("utf-8", "replace").decode()
        )


class File(Target):
    """Files that are begun anew after a period or a size, the oldest deleted.

    :param split: ``day``, ``hour``, ``minute`` or a size; None: one file.
    :param count: files to keep.
    """

    terminal = False

    def __init__(
        self, levels: list[int] | None, path: str, split: str | None, count: int | None
    ) -> None:
        super().__init__(levels)
        self.period = self.limit = 0
        if split is not None:
            size = re.fullmatch(r"([0-9]{1,3})([kmg])", split)
            if split in PERIODS:
                self.period = PERIODS[split]
            elif size:
                self.limit = int(size[1]) * UNITS[size[2]]
            else:
                raise FibError(FREE_TEXT, "console: Unknown split mode.")
        if count is not None:
            if split is None:
                raise FibError(FREE_TEXT, "console: Missing split mode.")
            if not 2 <= count <= 128:
                raise FibError(FREE_TEXT, "console: Count must between 2 to 128.")
        self.count = count or 128
        self.splits = split is not None
        folder, name = os.path.split(os.path.abspath(path))
        if path.endswith("/"):
            folder, name = os.path.abspath(path), ""
        self.folder = folder
        self.prefix, _, self.suffix = name.partition("%s")
        self.fd = -1
        self.name = ""
        self.end = 0.0  # of the period
        self.size = 0
        self.failed = False

    def write(self, console: Console, level: int, text: str) -> None:
        """See `Target`."""
        now = time.time()
        try:
            if self.fd < 0 or now >= self.end > 0 or (self.limit and self.size >= self.limit):
                self._begin(now)
            stamp = time.strftime("%Y-%m-%d %H:%M:%S ", time.localtime(now))
            data = f"{stamp}{LABELS[level]}{text}\n".encode("utf-8", "surrogatepass")
            self.size += len(data)
            while data:
                data = data[os.write(self.fd, data) :]
        except OSError as error:
            if not self.failed:
                self.failed = True
                console.rt.write(2, f"console: {self.folder}: {error.strerror}\n")

    def _begin(self, now: float) -> None:
        if self.period:
            now = now // self.period * self.period
            self.end = now + self.period
        name = self.prefix + time.strftime("%Y%m%d%H%M%S", time.localtime(now)) + self.suffix
        if self.fd >= 0 and name == self.name:
            return  # within one second there is no other name
        self.close()
        path = os.path.join(self.folder, name)
        self.fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        self.name = name
        self.size = os.fstat(self.fd).st_size
        if self.splits:
            self._prune()

    def _prune(self) -> None:
        """Keep the newest files only."""
        shape = re.compile(re.escape(self.prefix) + "[0-9]{14}" + re.escape(self.suffix))
        names = sorted(name for name in os.listdir(self.folder) if shape.fullmatch(name))
        for name in names[: -self.count]:
            if name != self.name:
                os.unlink(os.path.join(self.folder, name))

    def close(self) -> None:
        """Close the file."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
