"""The command line (first cut; grows in place)."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Entry point of the console script."""
    args = sys.argv[1:]
    if args and args[0] == "run":
        args = args[1:]
    from fibshim.core.runtime import Runtime

    rt = Runtime(["fibshim", *args])
    rt.boot_file(args[0])
    code = rt.run()
    sys.stdout.flush()
    os._exit(code & 255)
