"""Shapes of access reviews: why, and the table."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from libs.chassis.csv_tables import csv_of
from libs.chassis.shapes import Remarks, Shape
from services.identity.memberships.model import Membership
from services.identity.rights.model import Facts

COLUMNS = (
    *("email", "full_name", "status", "role", "flags", "functional_roles", "grants"),
    *("denials", "last_sign_in_at", "joined_on"),
)


class ReviewExport(Shape):
    """Why everybody's rights are taken out, and by whose consent when they are many."""

    reason: Remarks
    approval_id: UUID | None = None


def review_csv(rows: Iterable[tuple[Membership, Facts]]) -> str:
    """Return everybody's rights as a table; no cell begins a formula in a spreadsheet."""
    return csv_of(COLUMNS, (_cells(membership, facts) for membership, facts in rows))


def _cells(membership: Membership, facts: Facts) -> tuple[str, ...]:
    user = membership.user
    seen = user.last_sign_in_at
    return (
        user.email,
        user.full_name,
        user.status,
        membership.role,
        " ".join(membership.flags),
        " ".join(facts.roles[1:]),
        " ".join(_patterns(facts, is_denial=False)),
        " ".join(_patterns(facts, is_denial=True)),
        seen.isoformat() if seen else "",
        membership.joined_on.isoformat(),
    )


def _patterns(facts: Facts, *, is_denial: bool) -> list[str]:
    kept = (e.pattern for e in facts.entries if e.is_denial is is_denial and not e.is_basic)
    return list(dict.fromkeys(kept))
