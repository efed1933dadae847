"""What roles, flags and grants allow, and above all what they do not."""

from __future__ import annotations

from uuid import uuid4

import pytest

from libs.tenancy.actor import Actor
from services.identity.rights.model import Facts, rights_of
from services.identity.role_catalogue.model import FLAGS, GRANTS, ROLES, shipped_entries


def an_actor(*, role: str | None = None, flags: tuple[str, ...] = (), grant: str = "") -> Actor:
    grants = (grant,) if grant else ()
    roles = (role, *grants) if role else grants
    entries = tuple(shipped_entries(role, flags, grants))
    rights = rights_of(Facts(roles=roles, entries=entries))
    return Actor(uuid4(), uuid4(), "MOH", frozenset(rights.roles), rights.permissions)


@pytest.mark.parametrize(
    ("role", "permission", "allowed"),
    [
        ("viewer", "planning.strategic_plan.read", True),
        ("viewer", "planning.strategic_plan.create", False),
        ("viewer", "identity.membership.read", True),
        ("viewer", "identity.audit_event.read", False),
        ("admin", "identity.audit_event.read", True),
        ("staff", "planning.strategic_plan.submit", True),
        ("staff", "planning.strategic_plan.approve", False),
        ("staff", "coordination.inter_moa_partnership.create", True),
        ("staff", "coordination.inter_moa_partnership.submit", False),
        ("staff", "coordination.inter_moa_partnership.withdraw", False),
        ("manager", "coordination.inter_moa_partnership.withdraw", True),
        ("manager", "coordination.inter_moa_partnership.terminate", False),
        ("admin", "coordination.inter_moa_partnership.terminate", True),
        ("staff", "planning.strategic_plan.archive", False),
        ("staff", "identity.membership.change", False),
        ("manager", "planning.strategic_plan.archive", True),
        ("manager", "planning.strategic_plan.approve", False),
        ("manager", "budgeting.proposal.approve", False),
        ("manager", "coordination.partnership.activate", True),
        ("manager", "identity.membership.change", False),
        ("admin", "identity.membership.change", True),
        ("admin", "identity.module.disable", False),
        ("admin", "planning.strategic_plan.approve", False),
        ("admin", "oversight.all.read", False),
    ],
)
def test_a_role_allows(role: str, permission: str, *, allowed: bool) -> None:
    assert an_actor(role=role).may(permission) is allowed


@pytest.mark.parametrize("role", ROLES)
def test_no_role_oversees_others_or_runs_the_platform(role: str) -> None:
    actor = an_actor(role=role, flags=tuple(FLAGS))
    assert not actor.oversees
    assert not actor.may("identity.module.enable")


def test_each_approval_flag_opens_its_own_service() -> None:
    plans = an_actor(role="manager", flags=("can_approve_plans",))
    assert plans.may("planning.strategic_plan.approve")
    assert not plans.may("budgeting.proposal.approve")
    budgets = an_actor(role="manager", flags=("can_approve_budgets",))
    assert budgets.may("budgeting.proposal.approve")
    assert not budgets.may("planning.strategic_plan.approve")


def test_an_analyst_oversees_and_writes_nothing() -> None:
    analyst = an_actor(role="viewer", grant="ocm_analyst")
    assert analyst.oversees
    assert analyst.roles == {"viewer", "ocm_analyst"}
    assert not analyst.may("planning.strategic_plan.create")


def test_a_platform_administrator_has_identity_and_nothing_else() -> None:
    platform = an_actor(grant="platform_administrator")
    assert platform.may("identity.module.disable")
    assert not platform.may("planning.strategic_plan.read")
    assert not platform.oversees


def test_every_pattern_has_three_parts_and_only_reading_spans_services() -> None:
    for patterns in (*ROLES.values(), *FLAGS.values(), *GRANTS.values()):
        for pattern in patterns:
            service, _, verb = pattern.split(".")
            assert service != "*" or verb == "read"
