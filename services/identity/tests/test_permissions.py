"""Patterns of permissions: what covers what, and that an explanation says what a token does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.identity.permissions.model import (
    Entry,
    Source,
    atoms,
    covered,
    covers_pattern,
    merged,
    overlaps,
)
from services.identity.rights.model import Facts, decide, rights_of
from services.identity.role_catalogue.model import FUNCTIONAL, ROLES, every_pattern
from services.identity.roles.model import parted
from services.identity.tests.factories import may

words = st.sampled_from(["planning", "budgeting", "oversight", "plan", "read", "approve"])
segments = st.one_of(
    st.just("*"), st.lists(words, min_size=1, max_size=3, unique=True).map(",".join)
)


patterns = st.tuples(segments, segments, segments).map(".".join)
permissions = st.tuples(words, words, words).map(".".join)


@given(patterns, patterns, permissions)
def test_a_pattern_that_covers_another_allows_all_that_it_allows(
    outer: str, inner: str, asked: str
) -> None:
    if covers_pattern(outer, inner) and may([inner], asked):
        assert may([outer], asked)


@given(patterns, patterns)
def test_a_pattern_that_does_not_cover_another_misses_something(outer: str, inner: str) -> None:
    if covers_pattern(outer, inner):
        return
    service, noun, verb = (
        segment.replace("*", "unheard_of").split(",") for segment in inner.split(".")
    )
    asked = [f"{s}.{n}.{v}" for s in service for n in noun for v in verb]
    assert [one for one in asked if may([inner], one) and not may([outer], one)]


@given(st.lists(patterns, max_size=4), patterns, permissions)
def test_what_is_covered_by_many_is_allowed_by_them(
    held: list[str], wanted: str, asked: str
) -> None:
    if covered(held, wanted) and may([wanted], asked):
        assert may(held, asked)


sides = st.lists(patterns, max_size=3)


@given(sides, sides, permissions)
def test_of_two_roles_each_says_what_only_it_has_and_what_both_have(
    first: list[str], second: list[str], asked: str
) -> None:
    only_first, only_second, both = map(list, parted(first, second))
    if may(first, asked):
        assert may([*only_first, *both], asked)
    if may(only_first, asked):
        assert may([atom for one in first for atom in atoms(one)], asked)
    if may(both, asked):
        assert may([atom for one in second for atom in atoms(one)], asked)
    if may(second, asked):
        assert may([*only_second, *both], asked)


@given(patterns, patterns, permissions)
def test_two_patterns_that_do_not_overlap_share_nothing(one: str, other: str, asked: str) -> None:
    if not overlaps(one, other):
        assert not (may([one], asked) and may([other], asked))


@given(st.lists(patterns, max_size=5), permissions)
def test_merging_and_taking_apart_change_nothing(held: list[str], asked: str) -> None:
    assert may(list(merged(held)), asked) is may(held, asked)
    apart = may([atom for pattern in held for atom in atoms(pattern)], asked)
    # Only oversight counts for nothing in a list, so that taken apart it is asked for by name.
    assert apart is may(held, asked) or asked.startswith("oversight.")


entries = st.builds(
    Entry, patterns, st.sampled_from(list(Source)), st.just("It"), is_denial=st.booleans()
).filter(lambda entry: not (entry.is_denial and entry.source == Source.delegation))


facts = st.builds(
    Facts,
    account=st.sampled_from(["active", "active", "locked"]),
    is_organization_active=st.booleans(),
    is_member=st.booleans(),
    modules=st.lists(st.sampled_from(["planning", "budgeting"]), unique=True).map(tuple),
    entries=st.lists(entries, max_size=6).map(tuple),
)


@given(facts, permissions)
def test_the_explanation_says_what_the_token_does(told: Facts, asked: str) -> None:
    """A service asks for the module and the token's patterns; `decide` must agree with both."""
    rights = rights_of(told)
    module = asked.split(".", maxsplit=1)[0]
    is_on = module not in ("planning", "budgeting") or module in rights.modules
    by_token = told.acts and is_on and may(list(rights.permissions), asked)
    decision = decide(told, asked)
    assert decision.allowed is by_token
    assert decision.steps[-1].passed is decision.allowed
    assert all(step.passed for step in decision.steps[:4]) or not decision.allowed


def test_a_shipped_role_has_no_treasury_platform_or_oversight_right() -> None:
    held = [pattern for role in FUNCTIONAL.values() for pattern in role.grants]
    held += [pattern for patterns in ROLES.values() for pattern in patterns]
    for foreign in (
        "oversight.all.read",
        "identity.user.lock",
        "identity.system_grant.create",
        "identity.organization.retire",
        "budgeting.budget_call.open",
        "budgeting.appropriation.enact",
        "budgeting.ceiling.change",
        "budgeting.release.approve",
    ):
        assert not may(held, foreign), foreign
        assert may(every_pattern(), foreign), foreign
