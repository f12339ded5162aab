"""Make the signatures that members are matched by from the machine-readable API.

``python tools/signatures.py fibjs-api.json`` writes `fibshim/core/api/NAME.json`, one file a module or class, so that a
script loads only what it uses.  A file is ``{"extends", "members", "later"}``; a member is
``[name, kind, flags, type, params]`` with flags of ``a`` async, ``s`` static, ``r`` read-only, the type (or value, for
constants), and params as ``[type, default]`` (default null: required; type ``...``: the rest).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

OUT = Path(__file__).parent.parent / "fibshim" / "core" / "api"


def member(item: dict[str, Any]) -> list[Any]:
    """One member in the compact form."""
    flags = (
        ("a" if item.get("async") else "")
        + ("s" if item.get("static") else "")
        + ("r" if item.get("readonly") else "")
    )
    what = (
        item.get("value", item.get("type"))
        if item["kind"] == "const"
        else item.get("type", item.get("returns"))
    )
    row: list[Any] = [item["name"], item["kind"], flags, what]
    if "params" in item:
        row.append(
            [
                ["...", None] if p.get("rest") else [p.get("type", "Value"), p.get("default")]
                for p in item["params"]
            ]
        )
    return row


def main() -> None:
    """Write one file for each module and class."""
    data = json.loads(Path(sys.argv[1]).read_text())
    later = data["later"]
    OUT.mkdir(parents=True, exist_ok=True)
    names = sorted(
        set(data["modules"]) | set(data["classes"]) | set(later["modules"]) | set(later["classes"])
    )
    for name in names:
        now = data["modules"].get(name) or data["classes"].get(name) or {}
        then = later["modules"].get(name) or later["classes"].get(name) or {}
        members = [member(m) for m in now.get("members", [])]
        known = {m[0] for m in members}
        extra = [
            member(m)
            for m in then.get("members", [])
            if m["name"] not in known and m["kind"] != "call"
        ]
        result = {"members": members, "later": extra}
        if now.get("extends") or then.get("extends"):
            result["extends"] = now.get("extends") or then.get("extends")
        if not now:
            result["since"] = "later"
        text = json.dumps(result, separators=(",", ":"))
        (OUT / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
