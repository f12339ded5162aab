"""Each engine rule of DESIGN §3: the scenario holds when it is kept, and goes wrong when it is broken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from harness import environment

RULES = Path(__file__).parent / "rules.py"

KEPT = {
    "kept frame": ["0,0,0,50"],
    "kept base": ["same", "stacks"],
    "kept limit": ["RangeError", "RangeError"],
    "kept give": ["fine"],
    "kept nested": ["True"],
    "kept spin": ["0"],
    "kept escape": ["1", "undefined", "x"],
    "kept interrupted escape": ["stop"],
    "kept collector": ["fine", "fine", "fine", "0"],
    "kept pydll": ["fine"],
    "kept headroom": ["RangeError"],
}
BROKEN = [
    "frame",
    "base",
    "limit",
    "give",
    "nested",
    "spin",
    "escape",
    "collector",
    "pydll",
    "headroom",
]


def play(name: str, timeout: float) -> tuple[int, list[str]]:
    try:
        done = subprocess.run(
            [sys.executable, str(RULES), *name.split()],
            capture_output=True,
            text=True,
            timeout=timeout,
            env=environment(),
        )
    except subprocess.TimeoutExpired:
        return -1, ["hangs"]
    return done.returncode, done.stdout.split()


@pytest.mark.parametrize("name", KEPT)
def test_kept(name: str) -> None:
    assert play(name, 60) == (0, KEPT[name])


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    """The scenario can fail: without the rule the process crashes, hangs, or shows what it must not."""
    code, words = play(f"broken {name}", 30)
    assert code != 0 or words != KEPT[f"kept {name}"]
