"""Write ``docs/compatibility.md``: which members of the API are there, as a running fibshim shows them.

``python tools/compatibility.py`` writes the file; ``--check`` only says whether it is up to date (exit code 1 if not).
The API is that of the signature files in `fibshim/core/api`.  `compatibility.js` looks at the members from inside a
script; this file counts and prints.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
API = ROOT / "fibshim" / "core" / "api"
MODULES = ROOT / "fibshim" / "modules"
OUT = ROOT / "docs" / "compatibility.md"

HEAD = """\
# Compatibility

<!-- Written by tools/compatibility.py from the running program; do not edit. -->

What a script finds of the API of fibjs 0.31, member by member, in this version of fibshim on Linux. The table is made by
looking at the running program: nothing in it is claimed by hand. How members *behave* is checked by the tests in `js_tests/`;
where they deliberately behave differently from fibjs 0.31 stands in [differences.md](differences.md).

* **works**: the member is there and implemented. (Some fibjs members throw `[-100009] Invalid procedure call.` on Linux, or
  in a class that cannot do what its base class promises; they do so here.)
* **not supported**: the member is there, and using it throws an error that says so.
* **missing**: the member is not there. A module without support throws on `require`, with a text that says so.
* **later**: members that fibjs got after 0.31 and that work here as well.

Overloads count as one member. Every asynchronous member that works also has its callback, `…Sync`, `…Async` and `promises`
forms.
"""


def units() -> tuple[list[str], list[str]]:
    """The names of all modules and of all classes in the signature files."""
    names = sorted((path.stem for path in API.glob("*.json")), key=lambda n: (n.lower(), n))
    modules = [name for name in names if name[0].islower() and name != "object"]
    return modules, [name for name in names if name not in modules]


def survey() -> dict[str, Any]:
    """Let a script look at everything.

    :returns: ``modules`` and ``classes``: by name ``members`` and ``later`` (name to ``works``, ``unsupported`` or
        ``missing``), ``reason`` why the whole is missing; and ``problems``: texts about members of the wrong kind.
    """
    from fibshim.core.loading import HEADS
    from fibshim.core.runtime import Runtime

    modules, classes = units()
    files = sorted(str(p.relative_to(MODULES.parent)) for p in MODULES.glob("*/*.js"))
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        worker = HEADS["worker"].split(", ")
        json.dump({"modules": modules, "classes": classes, "files": files, "worker": worker}, file)
        file.flush()
        rt = Runtime(["fibshim", "compatibility.js", file.name])
        try:
            results: list[str] = []
            rt.engine.context.add_callable("survey", results.append)
            rt.sched.root_stack()
            rt.engine.evaluate("(core) => { globalThis.internal = core }")(rt._core)
            script = (Path(__file__).parent / "compatibility.js").read_text()
            rt.boot_text(script)
            rt.sched.run()
        finally:
            rt.close()
    if not results:
        raise RuntimeError("the survey failed")
    found: dict[str, Any] = json.loads(results[0])
    return found


def since(name: str) -> bool:
    """Whether a module or class came after 0.31 as a whole."""
    return "since" in json.loads((API / f"{name}.json").read_text())


def pick(members: dict[str, str], state: str) -> list[str]:
    """The names of the members in a state."""
    return [name for name, found in members.items() if found == state]


def code(names: list[str]) -> str:
    """A list of names."""
    return ", ".join(f"`{name}`" for name in names)


def table(items: dict[str, Any]) -> list[str]:
    """The counts of modules or classes, with their sum."""
    lines = [
        "| name | members | work | not supported | missing | later |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    sums = [0, 0, 0, 0, 0]
    for name, item in items.items():
        members = item["members"]
        counts = [
            len(members),
            *(len(pick(members, state)) for state in ("works", "unsupported", "missing")),
            len(pick(item["later"], "works")),
        ]
        sums = [a + b for a, b in zip(sums, counts, strict=True)]
        if since(name):
            name += " (later)"
        cells = [str(n) if n else "" for n in counts[1:]]
        lines.append(f"| {name} | {counts[0]} | {' | '.join(cells)} |")
    lines.append(f"| **all** | {' | '.join(f'**{n}**' for n in sums)} |")
    return lines


def details(items: dict[str, Any]) -> list[str]:
    """The names of the members of modules or classes."""
    lines = []
    for name, item in items.items():
        base = item["extends"]
        extends = f" (extends {base})" if base and base != "object" else ""
        lines += ["", f"### {name}{extends}", ""]
        if item["reason"]:
            lines.append(f"Missing: {item['reason'].rstrip('.')}.")
            continue
        for title, names in (
            ("works", pick(item["members"], "works")),
            ("not supported", pick(item["members"], "unsupported")),
            ("missing", pick(item["members"], "missing")),
            ("later", pick(item["later"], "works")),
        ):
            if names:
                lines.append(f"* {title}: {code(names)}")
        if lines[-1] == "":
            lines.append("* no members of its own")
    return lines


def render(found: dict[str, Any]) -> str:
    """The document."""
    parts: list[str] = [HEAD]
    later: list[str] = []
    shown: dict[str, dict[str, Any]] = {"modules": {}, "classes": {}}
    for kind, items in shown.items():
        for name, item in found[kind].items():
            if since(name) and not pick(item["later"], "works"):
                later.append(name)
            else:
                items[name] = item
    parts += [
        "## Modules",
        "",
        *table(shown["modules"]),
        "",
        "## Classes",
        "",
        *table(shown["classes"]),
    ]
    if later:
        parts += [
            "",
            f"Modules and classes of later versions that are not there: {code(sorted(later))}.",
        ]
    parts += ["", "## Members of modules", *details(shown["modules"])]
    parts += ["", "## Members of classes", *details(shown["classes"])]
    return "\n".join(parts) + "\n"


def main() -> int:
    """Write or check the table."""
    found = survey()
    for text in found["problems"]:
        print(f"problem: {text}", file=sys.stderr)
    text = render(found)
    if "--check" in sys.argv[1:]:
        if OUT.exists() and OUT.read_text() == text:
            return 0
        print(
            f"{OUT.relative_to(ROOT)} is not up to date: run python tools/compatibility.py",
            file=sys.stderr,
        )
        return 1
    OUT.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
