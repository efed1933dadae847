"""Every statement about chains; a trail is served at a time, also within one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.identity.audit_chains.model import (
    AuditChain,
    AuditHead,
    AuditKey,
    AuditLink,
    first_hash,
)
from services.identity.audit_chains.schemas import AuditHeadListParams
from services.identity.audit_events.model import AuditEvent, AuditWaiting

MOST_AT_ONCE = 500


async def take_waiting(session: AsyncSession) -> list[tuple[UUID, UUID]]:
    """Return trail and id of events that are not linked yet, locked, in the order of each trail."""
    rows = await session.execute(
        select(AuditWaiting.trail_id, AuditWaiting.event_id)
        .order_by(AuditWaiting.event_id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return [(row.trail_id, row.event_id) for row in rows]


async def forget_waiting(session: AsyncSession, event_ids: Sequence[UUID]) -> None:
    await session.execute(delete(AuditWaiting).where(AuditWaiting.event_id.in_(event_ids)))


async def get_chain(session: AsyncSession, org_id: UUID) -> AuditChain:
    """Return where a trail goes on, locked; a new one begins at nothing."""
    begun = insert(AuditChain).values(trail_id=org_id, seq=0, hash=first_hash(org_id), signed_seq=0)
    await session.execute(begun.on_conflict_do_nothing())
    chain = await session.scalars(
        select(AuditChain).where(AuditChain.trail_id == org_id).with_for_update()
    )
    return chain.one()


async def list_unsigned(session: AsyncSession, most: int) -> Sequence[AuditChain]:
    """Return trails with links that no head covers, locked."""
    found = await session.scalars(
        select(AuditChain)
        .where(AuditChain.signed_seq < AuditChain.seq)
        .order_by(AuditChain.trail_id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return found.all()


async def get_events(
    session: AsyncSession, org_id: UUID, event_ids: Sequence[UUID]
) -> dict[UUID, AuditEvent]:
    found = await session.scalars(
        select(AuditEvent).where(AuditEvent.org_id == org_id, AuditEvent.id.in_(event_ids))
    )
    return {event.id: event for event in found}


async def list_linked(
    session: AsyncSession, org_id: UUID, after: int, most: int
) -> Sequence[Row[AuditLink, AuditEvent | None]]:
    """Return links after a place with their events; an event that is gone is None."""
    rows = await session.execute(
        select(AuditLink, AuditEvent)
        .outerjoin(
            AuditEvent,
            (AuditEvent.org_id == AuditLink.org_id) & (AuditEvent.id == AuditLink.event_id),
        )
        .where(AuditLink.org_id == org_id, AuditLink.seq > after)
        .order_by(AuditLink.seq)
        .limit(most)
    )
    return rows.all()


async def list_unlinked(session: AsyncSession, org_id: UUID, most: int) -> Sequence[AuditEvent]:
    linked = exists().where(AuditLink.org_id == org_id, AuditLink.event_id == AuditEvent.id)
    found = await session.scalars(
        select(AuditEvent)
        .where(AuditEvent.org_id == org_id, ~linked)
        .order_by(AuditEvent.id)
        .limit(most)
    )
    return found.all()


async def list_heads(
    session: AsyncSession, org_id: UUID, after: int, most: int
) -> Sequence[AuditHead]:
    found = await session.scalars(
        select(AuditHead)
        .where(AuditHead.org_id == org_id, AuditHead.seq > after)
        .order_by(AuditHead.seq)
        .limit(most)
    )
    return found.all()


async def page_heads(session: AsyncSession, params: AuditHeadListParams) -> Rows[AuditHead]:
    return await page(session, select(AuditHead), AuditHead, params)


async def list_keys(session: AsyncSession) -> Sequence[AuditKey]:
    return (await session.scalars(select(AuditKey).order_by(AuditKey.created_at.desc()))).all()


async def lock_keys(session: AsyncSession) -> None:
    """Let one at a time make a key."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("audit_keys"))))
