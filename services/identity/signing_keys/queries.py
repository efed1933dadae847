"""Every SELECT of signing keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.signing_keys.model import AFTERLIFE, SigningKey


def _current(at: datetime) -> Select[SigningKey]:
    return (
        select(SigningKey)
        .where(SigningKey.signs_from <= at)
        .order_by(SigningKey.signs_from.desc())
        .limit(1)
    )


async def get_current_key(session: AsyncSession, at: datetime) -> SigningKey:
    """Return the key that signs now; there is always one, once the seed has run."""
    return (await session.scalars(_current(at))).one()


async def find_current_key(session: AsyncSession, at: datetime) -> SigningKey | None:
    return (await session.scalars(_current(at))).one_or_none()


async def list_published_keys(session: AsyncSession, at: datetime) -> list[SigningKey]:
    """Return the next keys, the current one, and the one replaced a moment ago."""
    newest_first = list(
        await session.scalars(select(SigningKey).order_by(SigningKey.signs_from.desc()))
    )
    published = []
    for key in newest_first:
        published.append(key)
        if key.signs_from <= at - AFTERLIFE:
            break
    return published


async def get_next_key(session: AsyncSession, at: datetime) -> SigningKey:
    """Return the key that signs after the current one."""
    following = select(SigningKey).where(SigningKey.signs_from > at)
    return (await session.scalars(following.order_by(SigningKey.signs_from).limit(1))).one()


async def lock_keys(session: AsyncSession) -> None:
    """Let one at a time change which keys there are."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("signing_keys"))))


async def delete_keys(session: AsyncSession) -> None:
    """Forget every key."""
    await session.execute(delete(SigningKey))


async def delete_replaced(session: AsyncSession, at: datetime) -> None:
    """Forget the keys that signed no more at an instant."""
    current = _current(at).with_only_columns(SigningKey.signs_from).scalar_subquery()
    await session.execute(delete(SigningKey).where(SigningKey.signs_from < current))
