"""Every SELECT of authorizations, and the two statements that use a secret up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from services.identity.authorizations.model import Authorization, AuthorizationCode, RefreshToken
from services.identity.sessions.model import digest

SecretT = TypeVar("SecretT", AuthorizationCode, RefreshToken)


async def find_secret(session: AsyncSession, kind: type[SecretT], secret: str) -> SecretT | None:
    """Return a code or refresh token with its family, which stays locked: one use at a time."""
    family = contains_eager(kind.authorization)
    return await session.scalar(
        select(kind)
        .join(kind.authorization)
        .join(Authorization.user)
        .join(Authorization.organization)
        .join(Authorization.session)
        .options(
            family.contains_eager(Authorization.user),
            family.contains_eager(Authorization.organization),
            family.contains_eager(Authorization.session),
            family.joinedload(Authorization.observed_from),
        )
        .where(kind.digest == digest(secret))
        .with_for_update(of=Authorization)
    )


async def find_family(session: AsyncSession, authorization_id: UUID | None) -> Authorization | None:
    """Return a family with all that a token is made of; it stays locked."""
    return await session.scalar(
        select(Authorization)
        .options(
            joinedload(Authorization.user, innerjoin=True),
            joinedload(Authorization.session, innerjoin=True),
            joinedload(Authorization.organization, innerjoin=True),
            joinedload(Authorization.observed_from),
        )
        .where(Authorization.id == authorization_id)
        .with_for_update(of=Authorization)
    )


async def find_last_organization(session: AsyncSession, user_id: UUID) -> UUID | None:
    """Return for which organization a person acted last, not counting those looked into."""
    return await session.scalar(
        select(Authorization.organization_id)
        .where(Authorization.user_id == user_id, Authorization.observed_from_id.is_(None))
        .order_by(Authorization.id.desc())
        .limit(1)
    )


async def list_observed(session: AsyncSession, user_id: UUID, home_id: UUID) -> list[UUID]:
    """Return the organizations that a person of the oversight office looks into from home."""
    found = await session.scalars(
        select(Authorization.organization_id)
        .where(Authorization.user_id == user_id, Authorization.observed_from_id == home_id)
        .distinct()
    )
    return list(found)


async def end_families(
    session: AsyncSession, conditions: Sequence[ColumnElement[bool]], at: datetime, because: str
) -> int:
    """End what is open and meets every condition; returns how many families ended."""
    ended = await session.scalars(
        update(Authorization)
        .where(Authorization.revoked_at.is_(None), Authorization.expires_at > at, *conditions)
        .values(revoked_at=at, revoked_because=because)
        .returning(Authorization.id)
    )
    return len(ended.all())


async def find_authorization(
    session: AsyncSession, authorization_id: UUID | None
) -> Authorization | None:
    """Return a family with its person and session, which say whether it is open."""
    return await session.scalar(
        select(Authorization)
        .options(
            joinedload(Authorization.user, innerjoin=True),
            joinedload(Authorization.session, innerjoin=True),
        )
        .where(Authorization.id == authorization_id)
    )


async def use_up(session: AsyncSession, row: SecretT, at: datetime) -> bool:
    """Use a code or refresh token, in one statement; False when someone else was faster."""
    kind = type(row)
    used = await session.scalar(
        update(kind)
        .where(kind.digest == row.digest, kind.used_at.is_(None), kind.expires_at > at)
        .values(used_at=at)
        .returning(kind.digest)
        .execution_options(synchronize_session=False)
    )
    return used is not None
