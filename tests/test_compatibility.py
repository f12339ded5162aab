"""The compatibility table is what the running program shows, and members are what the API declares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

TOOLS = Path(__file__).parent.parent / "tools"
sys.path.insert(0, str(TOOLS))

import compatibility


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return compatibility.survey()


def test_the_table_is_up_to_date(found):
    assert compatibility.OUT.read_text() == compatibility.render(found), (
        "run python tools/compatibility.py"
    )


def test_members_are_of_the_declared_kind(found):
    """Functions, accessors, classes; read-only properties throw their text; async members have all their forms."""
    assert found["problems"] == []


def test_the_survey_sees_all_three_states(found):
    fs = found["modules"]["fs"]
    assert fs["members"]["readFile"] == "works"
    assert found["modules"]["gd"]["members"]["load"] == "missing"
    assert "not supported by fibshim" in found["modules"]["gd"]["reason"]
    states = {state for item in found["modules"].values() for state in item["members"].values()}
    assert states <= {"works", "unsupported", "missing"}


def test_the_survey_looks_at_instances(found):
    """A read-only property is assigned on an object of the class, and not refused for its `this`."""
    assert found["classes"]["Timer"]["members"] == dict.fromkeys(
        ["ref", "unref", "clear", "stopped"], "works"
    )


def test_unsupported_members_throw_what_says_so(session):
    session.rt.sched.root_stack()
    session.rt.engine.evaluate("(core) => { globalThis.internal = core }")(session.rt._core)
    source = """
        const { members } = internal;
        const made = {};
        const rows = [
            ['go', 'method', 's', 'Integer', [['Integer', null]]],
            ['wait', 'method', 'as', 'Integer', []],
            ['size', 'property', 'sr', 'Integer'],
            ['Thing', 'object', 's', null],
        ];
        members.putMembers(made, 'mod', {}, rows, 'mod', null, 'plain');
        const text = (code) => { try { code(); return 'nothing' } catch (e) { return e.message ?? e } };
        const get = Object.getOwnPropertyDescriptor(made, 'size').get;
        out(text(() => made.go(1)));
        out(text(() => made.go()));
        out(text(() => made.waitSync()));
        out(text(() => made.size));
        out(text(() => { made.size = 1; }));
        out(text(() => new made.Thing()));
        out([made.go, made.wait, made.waitSync, get, made.Thing].map(members.isAbsent).join());
        out([require('fs').readFile, console.log].map(members.isAbsent).join());
    """
    assert session.run(source) == [
        "mod.go is not supported by fibshim.",
        "[-100002] Parameter not optional.",
        "mod.wait is not supported by fibshim.",
        "mod.size is not supported by fibshim.",
        "Property 'size' is read-only.",
        "mod.Thing is not supported by fibshim.",
        "true,true,true,true,true",
        "false,false",
    ]
