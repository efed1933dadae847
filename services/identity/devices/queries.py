"""Every SELECT of devices."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.devices.model import Device


async def find_device(session: AsyncSession, user_id: UUID, digest: str) -> Device | None:
    return await session.scalar(
        select(Device).where(Device.user_id == user_id, Device.secret_digest == digest)
    )


async def count_devices(session: AsyncSession, user_id: UUID) -> int:
    count = await session.scalar(
        select(func.count()).select_from(Device).where(Device.user_id == user_id)
    )
    return count or 0
