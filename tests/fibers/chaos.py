"""A random stress of fibers that block in odd places of the language: `python tests/fibers/chaos.py seconds=600`.

Options, all optional: seconds=5 width=200 order=fifo|lifo|random gcmode=on|off|tight skip=name,name
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import _quickjs
from harness import Session

import fibshim.core.runtime as runtime
from fibshim.fibers import Scheduler, Wait

HERE = Path(__file__).parent
CELL = """(raw) => {
    const stack = [];
    // The cell is taken before anything else can run: no switch between push and pop.
    globalThis.pycall = (f) => {
        const cell = { f };
        stack.push(cell);
        const r = raw();
        if (r === -1) for (;;);
        if (r === -2) throw new RangeError('nested');
        if (cell.error) throw cell.error.error;
        return cell.value;
    };
    return () => {
        const cell = stack.pop();
        try { cell.value = cell.f(); } catch (error) { cell.error = { error }; }
    };
}"""


class Disorder(Scheduler):
    """Resumes in another order than first come, first served."""

    order = "fifo"

    def block(self, wait: Wait) -> int:
        if self.order != "fifo" and len(self.ready) > 1:
            if self.order == "lifo":
                # Not always: a fiber that polls with sleep(0) would never let another one run.
                if random.random() < 0.5:
                    self.ready.reverse()
            else:
                random.shuffle(self.ready)
        return super().block(wait)


def go(
    seconds: int = 5, width: int = 200, order: str = "fifo", skip: str = "", gcmode: str = "on"
) -> bool:
    """Run one configuration; whether nothing went wrong."""
    if gcmode == "off":
        gc.disable()
    elif gcmode == "tight":
        gc.set_threshold(5, 2, 2)
    Disorder.order = order
    runtime.Scheduler = Disorder  # type: ignore[misc]
    session = Session()
    rt = session.rt
    sched, engine = rt.sched, rt.engine
    said: list[str] = []
    session.define("print", lambda *words: said.append(" ".join(map(str, words))))
    session.define("now", time.perf_counter)
    session.define("jsgc", lambda: engine.c.JS_RunGC(engine.rt))
    session.define(
        "chaosOptionsText",
        lambda: json.dumps({"seconds": seconds, "width": width, "skip": skip.split(",")}),
    )

    def raw() -> int:
        try:
            sched.nested(rt.entries["chaos"])
        except RecursionError:
            return -2
        except _quickjs.JSException:
            if not sched.closing:
                os._exit(8)
            return -1
        return 0

    sched.root_stack()
    engine.evaluate("globalThis.chaosOptions = () => JSON.parse(chaosOptionsText())")
    rt.entries["chaos"] = engine.evaluate(CELL)(rt.callable(raw))
    begin = time.time()
    session.run((HERE / "chaos.js").read_text())
    said.append(
        f"{order} gc {gcmode}: parked {len(sched.parked)} switches {sched.switches} "
        f"threads {len(os.listdir('/proc/self/task'))} {time.time() - begin:.1f} s"
    )
    # `asyncs` rejects a promise while the fiber that will handle it is blocked: reported, rightly.
    reports = session.texts[2].replace("Error: two", "").count("Error: ")
    print("\n".join(said), session.texts[1], f"other reports {reports}", flush=True)
    session.close()
    return "bad 0 " in said[-2] and not reports


if __name__ == "__main__":
    faulthandler.enable()
    options: dict[str, Any] = dict(word.split("=") for word in sys.argv[1:])
    for key in ("seconds", "width"):
        if key in options:
            options[key] = int(options[key])
    sys.exit(0 if go(**options) else 1)
