"""Commitments: money, staff, places or things that one organization brings."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.coordination.activities.model import written_by_the_circle
from services.coordination.db import Base
from services.coordination.known_organizations.model import (
    KnownOrganization,
    OrganizationName,
    known_by,
    name_of,
)


class CommitmentKind(StrEnum):
    """What can be brought."""

    budget = "budget"
    staff = "staff"
    facility = "facility"
    equipment = "equipment"
    data = "data"
    other = "other"


class CommitmentNotFound(NotFound):
    """Your organization has no such commitment in this partnership."""

    title = "This partnership has no such commitment of your organization."


class CommitmentCancelled(Conflict):
    """What was cancelled is history."""

    title = "The commitment is cancelled."


class AmountMissing(Invalid):
    """A promise of budget says how much."""

    title = "A budget commitment needs an amount."


class FiscalYearMissing(Invalid):
    """A promise of budget says in which year."""

    title = "A budget commitment needs a fiscal year."


class PartnershipCommitment(TenantOwned, Base):
    """A promise of one organization within a partnership; the lead and all members read it."""

    __tablename__ = "partnership_commitments"
    __table_args__ = (
        *written_by_the_circle("partnership_commitments"),
        check("kind", f"kind IN {tuple(CommitmentKind.__members__)}"),
        check(
            "budget",
            "kind <> 'budget' OR (committed_amount IS NOT NULL AND fiscal_year IS NOT NULL)",
        ),
        check("amount", "committed_amount >= 0"),
        check("quantity", "quantity >= 0"),
        check("delivery", "is_delivered = (delivered_on IS NOT NULL)"),
        check("cancellation", "(cancelled_at IS NULL) = (cancel_reason = '')"),
        Index("ix_partnership_commitments_partnership", "org_id", "lead_org_id", "partnership_id"),
    )
    noun: ClassVar[str] = "coordination.partnership_commitment"

    lead_org_id: Mapped[UUID] = mapped_column(Uuid)
    partnership_id: Mapped[UUID] = mapped_column(Uuid)
    invitation_id: Mapped[UUID | None] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int | None]
    committed_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    fiscal_year: Mapped[int | None]
    is_delivered: Mapped[bool]
    delivered_on: Mapped[date | None]
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancel_reason: Mapped[str] = mapped_column(Text)
    known_promiser: Mapped[KnownOrganization | None] = known_by(
        lambda: PartnershipCommitment.org_id
    )

    partnership_is_open = True
    """Told by whoever loads a commitment beside its partnership; not a column."""

    @property
    def organization(self) -> OrganizationName:
        """Who promises."""
        return name_of(self.org_id, self.known_promiser)

    @property
    def budget_amount(self) -> Decimal:
        """What it adds to the budget of the partnership."""
        counts = self.kind == CommitmentKind.budget and self.cancelled_at is None
        return (self.committed_amount or Decimal(0)) if counts else Decimal(0)

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002 (the hook's contract)
        """Return the verbs that the state leaves open."""
        is_open = self.partnership_is_open and self.cancelled_at is None
        return ("change", "cancel") if is_open else ()

    def check_open(self) -> None:
        """Refuse to touch what is cancelled."""
        if self.cancelled_at is not None:
            raise CommitmentCancelled

    def settle(self, *, today: date) -> None:
        """Bring the day of delivery in line; refuse a budget without amount or year."""
        if self.kind == CommitmentKind.budget and self.committed_amount is None:
            raise AmountMissing(pointer="/body/committed_amount")
        if self.kind == CommitmentKind.budget and self.fiscal_year is None:
            raise FiscalYearMissing(pointer="/body/fiscal_year")
        self.delivered_on = (self.delivered_on or today) if self.is_delivered else None

    def cancel(self, *, reason: str, at: datetime) -> None:
        """Take the promise back, with the reason."""
        self.check_open()
        self.cancelled_at, self.cancel_reason = at, reason


def standing(
    commitments: Iterable[PartnershipCommitment], inside: Collection[UUID]
) -> list[PartnershipCommitment]:
    """Return what is promised, not cancelled, by the organizations that are `inside`."""
    return [one for one in commitments if one.org_id in inside and not one.cancelled_at]


def delivered_percent(commitments: Collection[PartnershipCommitment]) -> Decimal | None:
    """Return how many of the commitments are delivered, in percent; None without any."""
    if not commitments:
        return None
    done = Decimal(100 * sum(one.is_delivered for one in commitments)) / len(commitments)
    return done.quantize(Decimal("0.01"), ROUND_HALF_UP)
