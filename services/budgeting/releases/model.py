"""Release documents of an issuer (budgeting sheet, section 6.1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Numeric, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base


class ReleaseStatus(StrEnum):
    """States of a release document."""

    draft = "draft"
    issued = "issued"


class ReleaseNotFound(NotFound):
    """There is no such release of this organization."""

    title = "There is no such release."


class ReleaseIssued(Conflict):
    """What was issued stays."""

    title = "The release is issued already."


class AllotmentNotSubmitted(Invalid):
    """The allotment was not submitted to this office for release."""

    title = "No approved allotment of this id was submitted to you for release."


class TransferNotSubmitted(Invalid):
    """The transfer was not submitted to this office for release."""

    title = "No approved transfer of this id was submitted to you for release."


class PreparerMayNotIssue(Forbidden):
    """Who prepared a release never issues it."""

    title = "Someone who did not prepare the release must approve it."


class Release(TenantOwned, Base):
    """The issuer's document; only its own event changes anything in the other organization.

    It releases an allotment, or the transfer of a part of one to the organization it names then.
    """

    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("org_id", "fiscal_year", "number"),
        check("status", "status IN ('draft', 'issued')"),
        check("amount", "amount BETWEEN 0.01 AND 9999999999999999.99"),
        check("issued", "(status = 'issued') = (number IS NOT NULL)"),
        check("approved", "(number IS NULL) = (approved_by IS NULL)"),
        check("dated", "(approved_by IS NULL) = (approved_at IS NULL)"),
        check("approver", "approved_by <> created_by"),
        check(
            "transfer",
            "num_nonnulls(allotment_transfer_id, to_org_id, act_item_id) IN (0, 3)",
        ),
        Index(
            "uq_releases_issued",
            "org_id",
            "allotment_id",
            "allotment_transfer_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.release"

    for_org_id: Mapped[UUID] = mapped_column(Uuid)
    allotment_id: Mapped[UUID] = mapped_column(Uuid)
    allotment_transfer_id: Mapped[UUID | None] = mapped_column(Uuid)
    to_org_id: Mapped[UUID | None] = mapped_column(Uuid)
    act_item_id: Mapped[UUID | None] = mapped_column(Uuid)
    fiscal_year: Mapped[int]
    expense_class: Mapped[str] = mapped_column(Text)
    funding_source: Mapped[str] = mapped_column(Text)
    quarter: Mapped[int | None]
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    released_on: Mapped[date]
    reference: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    number: Mapped[int | None]
    approved_by: Mapped[UUID | None] = mapped_column(Uuid)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return `approve` for a draft, to anybody but its preparer."""
        if self.status == ReleaseStatus.draft and actor.user_id != self.created_by:
            yield "approve"

    @property
    def concerned(self) -> list[UUID]:
        """The organizations that it does something to."""
        return [each for each in (self.for_org_id, self.to_org_id) if each]

    def check_draft(self, *, by: UUID) -> None:
        """Refuse to issue twice, or what one prepared oneself."""
        if self.status != ReleaseStatus.draft:
            raise ReleaseIssued
        if by == self.created_by:
            raise PreparerMayNotIssue
