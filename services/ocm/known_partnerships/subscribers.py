"""What coordination announces about inter-MOA partnerships, kept here."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.ocm.facts.schemas import Amount, Announced
from services.ocm.facts.usecases import remember
from services.ocm.known_partnerships.model import KnownPartnership


class MemberState(BaseModel):
    """A member as the lead sees it."""

    org_id: UUID
    role: str
    status: str


class PartnershipState(Announced):
    """The fields of a partnership that ocm reads."""

    title: str
    partnership_type: str
    status: str
    priority: str
    starts_on: date | None
    ends_on: date | None
    total_budget_amount: Amount | None
    members: list[MemberState]


@subscriber(
    "coordination.inter_moa_partnership.submitted.v1",
    "coordination.inter_moa_partnership.returned.v1",
    "coordination.inter_moa_partnership.activated.v1",
    "coordination.inter_moa_partnership.held.v1",
    "coordination.inter_moa_partnership.resumed.v1",
    "coordination.inter_moa_partnership.completed.v1",
    "coordination.inter_moa_partnership.terminated.v1",
    "coordination.inter_moa_partnership.invited.v1",
    "coordination.inter_moa_partnership.revoked.v1",
    "coordination.inter_moa_partnership.removed.v1",
)
async def remember_partnership(event: PartnershipState, uow: UnitOfWork, meta: EventMeta) -> None:
    """Count a partnership in the state that it now has, with those who take part."""
    members = [each.model_dump(mode="json") for each in event.members]
    await remember(uow, event, meta, KnownPartnership, {**event.model_dump(), "members": members})
