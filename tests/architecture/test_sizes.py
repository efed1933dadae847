"""What can be read in one go: modules, functions, and the shared code as a whole (ADR 0010)."""

from __future__ import annotations

import ast

from tests.architecture.sources import Function, modules, parsed
from tests.contexts import ROOT

LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
CAPS = {"libs/refusals.py": 70, "libs/tenancy": 940, "libs/outbox": 1510, "libs/chassis": 2580}


def test_no_module_is_longer_than_300_lines() -> None:
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in modules()}
    assert {path: n for path, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, Function) and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_the_shared_code_stays_small() -> None:
    lines = {
        cap: sum(
            len((ROOT / path).read_text().splitlines())
            for path in modules()
            if str(path).startswith(cap) and "tests" not in path.parts
        )
        for cap in CAPS
    }
    assert {lib: many for lib, many in lines.items() if not 0 < many <= CAPS[lib]} == {}
