"""The random stress of `chaos.py`, 20 seconds of it; `tests/long/chaos.sh` runs it for ten minutes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from harness import environment

CHAOS = Path(__file__).parent / "chaos.py"


@pytest.mark.parametrize(
    "options",
    [
        "seconds=6 width=200 order=fifo",
        "seconds=5 width=200 order=random gcmode=tight",
        "seconds=5 width=40 order=lifo gcmode=off",
        "seconds=4 width=20 order=random",
    ],
)
def test_chaos(options: str) -> None:
    done = subprocess.run(
        [sys.executable, str(CHAOS), *options.split()],
        capture_output=True,
        text=True,
        timeout=110,
        env=environment(),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bad 0" in done.stdout
