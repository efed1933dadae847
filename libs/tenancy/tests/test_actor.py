"""Who may what: patterns grant, everything else is denied."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.tenancy.actor import SYSTEM_USER_ID, Actor

SEGMENTS = st.sampled_from(["planning", "budgeting", "plan", "approve", "read", "*", "oversight"])
PATTERNS = st.lists(SEGMENTS, min_size=1, max_size=4).map(".".join)
WORDS = st.sampled_from(["planning", "budgeting", "plan", "approve", "read"])
ASKED = st.lists(WORDS, min_size=3, max_size=3).map(".".join)


def an_actor(*permissions: str) -> Actor:
    return Actor(uuid4(), uuid4(), "MOH", permissions=permissions)


@pytest.mark.parametrize(
    ("pattern", "asked", "granted"),
    [
        ("planning.plan.submit", "planning.plan.submit", True),
        ("planning.*.submit", "planning.plan.submit", True),
        ("*.*.*", "planning.plan.submit", True),
        ("*.*.read", "planning.plan.submit", False),
        ("planning.plan.*", "planning.plans.submit", False),
        ("planning.*", "planning.plan.submit", False),
        ("*", "planning.plan.submit", False),
        ("", "planning.plan.submit", False),
        ("planning.plan.submit.now", "planning.plan.submit", False),
        ("planning.pl*.submit", "planning.plan.submit", False),
        ("PLANNING.plan.submit", "planning.plan.submit", False),
    ],
)
def test_a_pattern_grants_whole_words(pattern: str, asked: str, granted: bool) -> None:
    actor = an_actor(pattern)
    assert actor.may(asked) is granted
    assert actor.may(asked) is granted, "the second answer is the first"


@given(st.lists(PATTERNS, max_size=4), ASKED)
def test_may_is_what_some_pattern_says(patterns: list[str], asked: str) -> None:
    def covers(pattern: str) -> bool:
        words, wanted = pattern.split("."), asked.split(".")
        return len(words) == 3 and all(w in ("*", a) for w, a in zip(words, wanted, strict=True))

    assert an_actor(*patterns).may(asked) is any(map(covers, patterns))


def test_nothing_granted_nothing_allowed() -> None:
    assert not an_actor().may("planning.plan.read")


@pytest.mark.parametrize(
    ("denial", "asked", "allowed"),
    [
        ("-planning.plan.approve", "planning.plan.approve", False),
        ("-planning.plan.approve", "planning.plan.read", True),
        ("-*.*.approve", "planning.plan.approve", False),
        ("-planning,budgeting.*.*", "budgeting.proposal.read", False),
        ("-*.*.read", "oversight.all.read", False),
    ],
)
def test_a_denial_wins_wherever_it_stands(denial: str, asked: str, allowed: bool) -> None:
    granted = ("*.*.*", "oversight.*.read")
    assert an_actor(denial, *granted).may(asked) is allowed
    assert an_actor(*granted, denial).may(asked) is allowed


def test_a_denial_grants_nothing() -> None:
    assert not an_actor("-planning,budgeting.*.read").may("budgeting.proposal.read")


@pytest.mark.parametrize(
    ("pattern", "oversees"),
    [
        ("oversight.*.read", True),
        ("oversight.all.read", True),
        ("*.*.read", False),
        ("*.*.*", False),
        ("planning.*.read", False),
    ],
)
def test_oversight_is_granted_by_name_alone(pattern: str, oversees: bool) -> None:
    assert an_actor(pattern).oversees is oversees


def test_a_process_acts_in_one_organization_and_oversees_nothing() -> None:
    org_id = uuid4()
    actor = Actor.system(org_id, "MOH")
    assert (actor.user_id, actor.org_id, actor.org_code) == (SYSTEM_USER_ID, org_id, "MOH")
    assert actor.may("planning.plan.approve")
    assert not actor.oversees
