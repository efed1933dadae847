"""Every SELECT on the remembered register."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ocm.known_organizations.model import KnownOrganization


async def list_known_organizations(session: AsyncSession) -> Sequence[KnownOrganization]:
    order = (KnownOrganization.is_moa.desc(), KnownOrganization.code)
    return (await session.scalars(select(KnownOrganization).order_by(*order))).all()
