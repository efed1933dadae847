"""Every SELECT of registrations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.identity.organizations.model import Organization
from services.identity.registrations.model import (
    Registration,
    RegistrationNotFound,
    RegistrationStatus,
)
from services.identity.registrations.schemas import RegistrationListParams

WAITING = ("unverified", "registered", "endorsed")


async def list_registrations(
    session: AsyncSession, params: RegistrationListParams
) -> Rows[Registration]:
    statement = select(Registration)
    if params.status is not None:
        statement = statement.where(Registration.status == params.status.value)
    return await page(session, statement, Registration, params)


async def get_registration(
    session: AsyncSession, org_id: UUID, registration_id: UUID, *, lock: bool = False
) -> Registration:
    statement = select(Registration).where(
        Registration.org_id == org_id, Registration.id == registration_id
    )
    if lock:
        statement = statement.with_for_update()
    found = await session.scalar(statement)
    if found is None:
        raise RegistrationNotFound
    return found


async def find_by_digest(session: AsyncSession, org_id: UUID, digest: str) -> Registration | None:
    return await session.scalar(
        select(Registration)
        .where(Registration.org_id == org_id, Registration.secret_digest == digest)
        .with_for_update()
    )


async def find_last_rejected(session: AsyncSession, org_id: UUID, email: str) -> UUID | None:
    return await session.scalar(
        select(Registration.id)
        .where(
            Registration.org_id == org_id,
            func.lower(Registration.email) == email.lower(),
            Registration.status == RegistrationStatus.rejected.value,
        )
        .order_by(Registration.id.desc())
        .limit(1)
    )


async def find_waiting(session: AsyncSession, org_id: UUID, email: str) -> Registration | None:
    return await session.scalar(
        select(Registration).where(
            Registration.org_id == org_id,
            func.lower(Registration.email) == email.lower(),
            Registration.status.in_(("registered", "endorsed")),
        )
    )


async def list_organization_ids(session: AsyncSession) -> list[UUID]:
    return list(await session.scalars(select(Organization.id).order_by(Organization.code)))


async def expire_waiting(session: AsyncSession, org_id: UUID, at: datetime) -> list[UUID | None]:
    """End what has waited for too long and return whose it was."""
    ended = await session.scalars(
        update(Registration)
        .where(
            Registration.org_id == org_id,
            Registration.status.in_(WAITING),
            Registration.expires_at <= at,
        )
        .values(status=RegistrationStatus.expired.value, version=Registration.version + 1)
        .returning(Registration.user_id)
        .execution_options(synchronize_session=False)
    )
    return list(ended)
