"""Every SELECT of consents; each names the person whose they are."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from libs.chassis.paging import Rows, page
from services.identity.consents.model import Consent, ConsentNotFound
from services.identity.consents.schemas import ConsentListParams


async def find_consent(session: AsyncSession, user_id: UUID, client_id: str) -> Consent | None:
    return await session.scalar(
        select(Consent).where(
            Consent.user_id == user_id,
            Consent.client_id == client_id,
            Consent.withdrawn_at.is_(None),
        )
    )


async def list_consents(session: AsyncSession, user_id: UUID) -> list[Consent]:
    """Return what a person consents to now, the latest first."""
    rows = await session.scalars(
        select(Consent)
        .join(Consent.client)
        .options(joinedload(Consent.client, innerjoin=True))
        .where(Consent.user_id == user_id, Consent.withdrawn_at.is_(None))
        .order_by(Consent.given_at.desc())
    )
    return list(rows)


async def page_of_consents(
    session: AsyncSession, user_id: UUID, params: ConsentListParams
) -> Rows[Consent]:  # type: ignore[type-var]  # pages like a tenant's row, without RLS
    statement = (
        select(Consent)
        .options(joinedload(Consent.client, innerjoin=True))
        .where(Consent.user_id == user_id, Consent.withdrawn_at.is_(None))
    )
    return await page(session, statement, Consent, params)  # type: ignore[type-var]


async def get_consent(session: AsyncSession, user_id: UUID, consent_id: UUID) -> Consent:
    consent = await session.scalar(
        select(Consent)
        .options(joinedload(Consent.client, innerjoin=True))
        .where(
            Consent.id == consent_id,
            Consent.user_id == user_id,
            Consent.withdrawn_at.is_(None),
        )
        .with_for_update(of=Consent)
    )
    if consent is None:
        raise ConsentNotFound
    return consent
