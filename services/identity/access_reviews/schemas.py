"""Shapes of access reviews: why, and the table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from uuid import UUID

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
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for membership, facts in rows:
        user = membership.user
        seen = user.last_sign_in_at
        told = (
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
        table.writerow([_harmless(cell) for cell in told])
    return written.getvalue()


def _patterns(facts: Facts, *, is_denial: bool) -> list[str]:
    kept = (e.pattern for e in facts.entries if e.is_denial is is_denial and not e.is_basic)
    return list(dict.fromkeys(kept))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
