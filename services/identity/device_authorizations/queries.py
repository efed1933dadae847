"""Every SELECT of device authorizations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.identity.device_authorizations.model import (
    DeviceAuthorization,
    DeviceRequestNotFound,
    DeviceStatus,
    as_typed,
)
from services.identity.sessions.model import digest


async def find_of_device(session: AsyncSession, device_code: str) -> DeviceAuthorization | None:
    """Return what a device asked; it stays locked, so that its code is used once."""
    return await session.scalar(
        select(DeviceAuthorization)
        .where(DeviceAuthorization.device_digest == digest(device_code))
        .with_for_update()
    )


async def get_pending(
    session: AsyncSession, user_code: str, at: datetime, *, lock: bool = False
) -> DeviceAuthorization:
    statement = (
        select(DeviceAuthorization)
        .options(joinedload(DeviceAuthorization.client, innerjoin=True))
        .where(
            DeviceAuthorization.user_digest == digest(as_typed(user_code)),
            DeviceAuthorization.status == DeviceStatus.pending.value,
            DeviceAuthorization.expires_at > at,
        )
    )
    if lock:
        statement = statement.with_for_update(of=DeviceAuthorization)
    found = await session.scalar(statement)
    if found is None:
        raise DeviceRequestNotFound
    return found
