"""The table of ASVS 5.0 (V6 to V10, levels 1 and 2): nothing left out, every test is there."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.contexts import ROOT

TABLE = ROOT / "docs" / "asvs.md"
ROW = re.compile(r"\| (\d+\.\d+\.\d+) \| ([12]) \| (.+?) \| (.+) \|")
NAMED = re.compile(r"`([\w/.]+\.py)::(\w+)`")
REASON_LENGTH = 25

COUNTED = {
    "6.1": 3,
    "6.2": 12,
    "6.3": 4,
    "6.4": 4,
    "6.5": 5,
    "6.6": 3,
    "6.8": 4,
    "7.1": 3,
    "7.2": 4,
    "7.3": 2,
    "7.4": 5,
    "7.5": 2,
    "7.6": 2,
    "8.1": 2,
    "8.2": 3,
    "8.3": 1,
    "8.4": 1,
    "9.1": 3,
    "9.2": 4,
    "10.1": 2,
    "10.2": 2,
    "10.3": 4,
    "10.4": 11,
    "10.5": 5,
    "10.6": 2,
    "10.7": 3,
}
"""How many requirements of levels 1 and 2 each section of the standard has; they lead it."""

WANTED = [f"{section}.{n}" for section, many in COUNTED.items() for n in range(1, many + 1)]


@cache
def rows() -> dict[str, str]:
    """Return what is said to show each requirement, by its id."""
    found = [ROW.fullmatch(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
    return {match[1]: match[4] for match in found if match}


def test_every_requirement_is_in_the_table_once_and_in_order() -> None:
    assert list(rows()) == WANTED


@pytest.mark.parametrize("requirement", WANTED)
def test_a_requirement_has_tests_that_exist_or_a_reason(requirement: str) -> None:
    shown = rows()[requirement]
    named = NAMED.findall(shown)
    assert named or len(shown) >= REASON_LENGTH, "neither a test nor a reason"
    for path, name in named:
        code = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {name}\(", code, re.MULTILINE), f"{path}::{name}"
