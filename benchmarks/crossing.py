"""What crossing costs: calls, text and bytes, in µs.  `python benchmarks/crossing.py` prints a table or, with --json, data."""

from __future__ import annotations

import json
import sys
from typing import Any

from fibshim.core.ops import REGISTRY, op
from fibshim.core.runtime import Runtime


@op()
def nothing(rt: Any) -> None:
    """Return at once."""


@op()
def add(rt: Any, a: int, b: int) -> int:
    """Two numbers in, one out."""
    return a + b


@op()
def take_text(rt: Any, text: str) -> None:
    """Text in."""


@op()
def give_text(rt: Any, size: int) -> str:
    """Text out."""
    return TEXTS[int(size)]


@op()
def take_bytes(rt: Any, data: bytes) -> None:
    """Bytes in."""


@op()
def give_bytes(rt: Any, size: int) -> bytes:
    """Bytes out."""
    return BYTES[int(size)]


SIZES = {"64 B": 64, "64 KB": 65536, "1 MB": 1 << 20}
TEXTS = {size: "x" * size for size in SIZES.values()}
BYTES = {size: b"x" * size for size in SIZES.values()}

SCRIPT = """
const results = {};
const measure = (name, count, f) => {
    for (let i = 0; i < count / 10; i++) f();
    const begin = performance.now();
    for (let i = 0; i < count; i++) f();
    results[name] = ((performance.now() - begin) * 1000) / count;
};
measure('call without arguments', 200000, () => t.nothing());
measure('call with two numbers and a result', 200000, () => t.add(1, 2));
for (const [name, size] of Object.entries(SIZES)) {
    const count = Math.max(500, Math.min(100000, 2e8 / size));
    const text = 'x'.repeat(size), bytes = new Uint8Array(size);
    measure('text of ' + name + ' to Python', count, () => t.takeText(text));
    measure('text of ' + name + ' to JavaScript', count, () => t.giveText(size));
    measure('bytes of ' + name + ' to Python', count, () => t.takeBytes(bytes));
    measure('bytes of ' + name + ' to JavaScript', count, () => t.giveBytes(size));
}
done(JSON.stringify(results));
"""


def run() -> dict[str, float]:
    """Measure in a runtime of its own; µs by name."""
    REGISTRY["fibshim.modules.crossing"] = REGISTRY[__name__]
    sys.modules["fibshim.modules.crossing"] = sys.modules[__name__]
    rt = Runtime()
    got: list[str] = []
    rt.engine.context.add_callable("done", got.append)
    rt.engine.evaluate("(core) => { globalThis.t = core.ops('crossing'); }")(rt._core)
    rt.boot_text(SCRIPT.replace("SIZES", json.dumps(SIZES)))
    rt.run()
    rt.close()
    results: dict[str, float] = json.loads(got[0])
    return results


if __name__ == "__main__":
    figures = run()
    if "--json" in sys.argv:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:44} {value:9.2f} µs")
