"""Every SELECT of credentials, and the statements that use one up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.credentials.model import (
    PASSWORDS_KEPT,
    FactorNotFound,
    OldPassword,
    Passkey,
    RecoveryCode,
    TotpFactor,
    UsedChallenge,
)


async def find_totp(session: AsyncSession, user_id: UUID) -> TotpFactor | None:
    return await session.scalar(select(TotpFactor).where(TotpFactor.user_id == user_id))


async def use_step(session: AsyncSession, factor: TotpFactor, step: int) -> bool:
    """Use up a half minute, in one statement; False when it or a later one was used before."""
    used = await session.scalar(
        update(TotpFactor)
        .where(TotpFactor.id == factor.id, TotpFactor.last_step < step)
        .values(last_step=step)
        .returning(TotpFactor.id)
        .execution_options(synchronize_session=False)
    )
    return used is not None


async def use_recovery_code(
    session: AsyncSession, user_id: UUID, digest: str, at: datetime
) -> bool:
    """Use up a recovery code, in one statement; False when it is none or was used before."""
    used = await session.scalar(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.digest == digest,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(RecoveryCode.digest)
        .execution_options(synchronize_session=False)
    )
    return used is not None


async def count_recovery_codes(session: AsyncSession, user_id: UUID) -> int:
    count = await session.scalar(
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    )
    return count or 0


async def delete_recovery_codes(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


async def list_passkeys(session: AsyncSession, user_id: UUID) -> list[Passkey]:
    rows = await session.scalars(
        select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at)
    )
    return list(rows)


async def find_passkey(session: AsyncSession, credential_id: bytes) -> Passkey | None:
    return await session.scalar(
        select(Passkey).where(Passkey.credential_id == credential_id).with_for_update()
    )


async def get_passkey(session: AsyncSession, user_id: UUID, passkey_id: UUID) -> Passkey:
    found = await session.scalar(
        select(Passkey).where(Passkey.user_id == user_id, Passkey.id == passkey_id)
    )
    if found is None:
        raise FactorNotFound
    return found


async def has_factor(session: AsyncSession, user_id: UUID) -> bool:
    """Tell whether a person can show more than a password."""
    totp = select(TotpFactor.id).where(
        TotpFactor.user_id == user_id, TotpFactor.confirmed_at.is_not(None)
    )
    passkey = select(Passkey.id).where(Passkey.user_id == user_id)
    return bool(await session.scalar(select(totp.exists() | passkey.exists())))


async def delete_factors(session: AsyncSession, user_id: UUID) -> None:
    for kind in (TotpFactor, Passkey, RecoveryCode):
        await session.execute(delete(kind).where(kind.user_id == user_id))


async def use_challenge(session: AsyncSession, digest: str, at: datetime) -> bool:
    """Use up a challenge, in one statement; False when it was answered before."""
    used = await session.scalar(
        insert(UsedChallenge)
        .values(digest=digest, used_at=at)
        .on_conflict_do_nothing()
        .returning(UsedChallenge.digest)
    )
    return used is not None


async def list_old_passwords(session: AsyncSession, user_id: UUID) -> list[str]:
    """Return the hashes of the last passwords, the latest first."""
    rows = await session.scalars(
        select(OldPassword.password_hash)
        .where(OldPassword.user_id == user_id)
        .order_by(OldPassword.kept_at.desc())
        .limit(PASSWORDS_KEPT)
    )
    return list(rows)
