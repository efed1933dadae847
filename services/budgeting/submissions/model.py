"""Submissions: the frozen text of every revision handed in (budgeting sheet, section 4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import NotFound
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base


class SubmissionNotFound(NotFound):
    """The proposal has no such submission."""

    title = "This proposal has no such submission."


class Submission(TenantOwned, Base):
    """A proposal with its programs and lines as submitted, for comparison and for the record."""

    __tablename__ = "submissions"
    __table_args__ = (
        tenant_fk("proposal_id", "budgeting.proposals"),
        UniqueConstraint("org_id", "proposal_id", "revision"),
        UniqueConstraint("org_id", "id", "reviewer_org_id"),
        check("revision", "revision >= 1"),
        check("reviewer", "(reviewer_org_id IS NULL) = (budget_call_id IS NULL)"),
        Index(None, "org_id", "budget_call_id", "proposal_id"),
    )
    noun: ClassVar[str] = "budgeting.proposal"

    proposal_id: Mapped[UUID] = mapped_column(Uuid)
    revision: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reviewer_org_id: Mapped[UUID | None] = mapped_column(Uuid)
    budget_call_id: Mapped[UUID | None] = mapped_column(Uuid)
    title: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(Text)
    fiscal_year: Mapped[int | None]
    total_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    totals: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)


class Withdrawal(TenantOwned, Base):
    """A submission was taken back before its review; never changed or removed."""

    __tablename__ = "withdrawals"
    __table_args__ = (
        tenant_fk("submission_id", "budgeting.submissions"),
        UniqueConstraint("org_id", "submission_id"),
    )
    noun: ClassVar[str] = "budgeting.proposal"

    submission_id: Mapped[UUID] = mapped_column(Uuid)
    reviewer_org_id: Mapped[UUID | None] = mapped_column(Uuid)


def totals_of(
    content: dict[str, Any], amounts: Mapping[str, Decimal] | None = None
) -> list[dict[str, Any]]:
    """Return the sums of a frozen proposal by class, source and sector.

    As requested, or with the `amounts` given by line.
    """
    sums: dict[tuple[str, str | None, str | None], Decimal] = {}
    for program in content["programs"]:
        for line in program["line_items"]:
            key = (line["expense_class"], program.get("funding_source"), program.get("sector"))
            amount = amounts[line["id"]] if amounts else Decimal(line["requested_amount"])
            sums[key] = sums.get(key, Decimal("0.00")) + amount
    return [
        {
            "expense_class": expense_class,
            "funding_source": source,
            "sector": sector,
            "amount": f"{amount:.2f}",
        }
        for (expense_class, source, sector), amount in sums.items()
    ]
