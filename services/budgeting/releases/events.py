"""What an office of finance announces about its releases."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.releases.model import Release


class ReleaseAnnounced(Event):
    """A release was issued; the organization that it names has its allotment, or gives of it."""

    subject: ClassVar[str] = "budgeting.release.issued.v1"

    release_id: UUID
    for_org_id: UUID
    allotment_id: UUID
    allotment_transfer_id: UUID | None
    to_org_id: UUID | None
    fiscal_year: int
    quarter: int | None
    expense_class: str
    funding_source: str
    amount: Money
    released_on: date
    reference: str
    number: int

    @classmethod
    def about(cls, release: Release) -> Self:
        """Return this event for a release as it now is."""
        return cls(
            release_id=release.id,
            **{name: getattr(release, name) for name in cls.model_fields if name != "release_id"},
        )
