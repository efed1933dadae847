"""The statements that clear away; each takes the oldest few that are over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Delete, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.identity.authorizations.model import (
    REFRESH_ABSOLUTE,
    Authorization,
    AuthorizationCode,
    RefreshToken,
)
from services.identity.credentials.model import UsedChallenge
from services.identity.db import Base
from services.identity.device_authorizations.model import DeviceAuthorization
from services.identity.password_resets.model import PasswordReset
from services.identity.proofs.model import UsedProof
from services.identity.pushed_requests.model import PushedRequest
from services.identity.sessions.model import SignInSession
from services.identity.sign_in_attempts.model import FORGOTTEN_AFTER, SignInAttempts

MOST = 500
"""How many rows of a table one transaction takes: it never holds anybody up."""


def statements(at: datetime, kept_since: datetime) -> list[Delete]:
    """Return what to clear away, in the order that the keys between the tables want.

    Codes and refresh tokens stay as long as their family: a second use has to be recognised.
    """
    over = select(Authorization.id).where(Authorization.expires_at < kept_since)
    return [
        _oldest(UsedProof, UsedProof.digest, UsedProof.expires_at < at),
        _oldest(UsedChallenge, UsedChallenge.digest, UsedChallenge.used_at < kept_since),
        _oldest(PasswordReset, PasswordReset.id, PasswordReset.expires_at < kept_since),
        _oldest(PushedRequest, PushedRequest.digest, PushedRequest.expires_at < at),
        _oldest(DeviceAuthorization, DeviceAuthorization.id, _device_is_over(kept_since)),
        _oldest(AuthorizationCode, AuthorizationCode.digest, _of(AuthorizationCode, over)),
        _oldest(RefreshToken, RefreshToken.digest, _of(RefreshToken, over)),
        _oldest(Authorization, Authorization.id, _has_no_more(kept_since)),
        _oldest(
            SignInAttempts,
            SignInAttempts.account_digest,
            (SignInAttempts.counted_since < at - FORGOTTEN_AFTER)
            & (SignInAttempts.blocked_until < at - FORGOTTEN_AFTER),
        ),
        _oldest(SignInSession, SignInSession.id, _session_is_over(kept_since)),
    ]


def _oldest(table: type[Base], key: InstrumentedAttribute[object], is_over: object) -> Delete:
    few = select(key).where(is_over).order_by(key).limit(MOST)  # type: ignore[arg-type]
    return delete(table).where(key.in_(few), is_over)  # type: ignore[arg-type]


def _of(kind: type[AuthorizationCode | RefreshToken], over: object) -> object:
    return kind.authorization_id.in_(over)  # type: ignore[arg-type]


def _device_is_over(kept_since: datetime) -> object:
    return DeviceAuthorization.expires_at < kept_since


def _has_no_more(kept_since: datetime) -> object:
    left = [
        exists().where(kind.authorization_id == Authorization.id)
        for kind in (AuthorizationCode, RefreshToken, DeviceAuthorization)
    ]
    is_over = Authorization.expires_at < kept_since
    for each in left:
        is_over &= ~each
    return is_over


def _session_is_over(kept_since: datetime) -> object:
    has_families = exists().where(Authorization.session_id == SignInSession.id)
    return (SignInSession.signed_in_at < kept_since - REFRESH_ABSOLUTE) & ~has_families


async def run(session: AsyncSession, statement: Delete) -> int:
    """Clear away, and return how many rows went."""
    result = await session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]
