"""How what another organization issued takes effect here, and how its issuer learns of it."""

from __future__ import annotations

from collections.abc import Awaitable
from uuid import UUID

from libs.outbox.event import EventMeta
from libs.outbox.uow import UnitOfWork
from libs.refusals import Refusal
from services.budgeting.deliveries.model import Delivery, DeliveryStatus


async def deliver(
    uow: UnitOfWork, meta: EventMeta, about_id: UUID, effect: Awaitable[None]
) -> Delivery:
    """Let the effect happen whole or, where the rules refuse it, not at all; note which it was."""
    reason = ""
    try:
        async with uow.attempt():
            await effect
    except Refusal as refusal:
        reason = " ".join(part for part in (refusal.title, refusal.detail) if part)
    delivery = Delivery(
        issuer_org_id=meta.org_id,
        event_id=meta.event_id,
        subject=meta.subject,
        about_id=about_id,
        status=DeliveryStatus.refused if reason else DeliveryStatus.applied,
        reason=reason,
    )
    uow.session.add(delivery)
    return delivery
