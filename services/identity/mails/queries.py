"""Every SELECT of mails."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.mails.model import Mail, MailStatus


async def find_due_mail(session: AsyncSession, now: datetime) -> Mail | None:
    """Return the letter that has waited longest, held against every other worker."""
    return await session.scalar(
        select(Mail)
        .where(Mail.status == MailStatus.queued.value, Mail.next_attempt_at <= now)
        .order_by(Mail.next_attempt_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


async def find_mail(session: AsyncSession, mail_id: UUID, *, lock: bool = False) -> Mail | None:
    statement = select(Mail).where(Mail.id == mail_id)
    return await session.scalar(statement.with_for_update() if lock else statement)
