"""What can be done with consents: give one, withdraw one."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import update

from libs.outbox.uow import UnitOfWork
from services.identity.authorizations.model import Authorization
from services.identity.consents import queries
from services.identity.consents.model import Consent


async def give_consent(
    uow: UnitOfWork, *, user_id: UUID, client_id: str, scopes: Iterable[str]
) -> Consent:
    """Let a client know what the scopes say; it is not asked again until more is wanted."""
    wanted = list(scopes)
    consent = await queries.find_consent(uow.session, user_id, client_id)
    if consent is None:
        consent = Consent(user_id=user_id, client_id=client_id, scopes=wanted, given_at=uow.now())
        uow.session.add(consent)
    else:
        consent.widen(wanted, uow.now())
    return consent


async def withdraw_consent(uow: UnitOfWork, *, user_id: UUID, consent_id: UUID) -> Consent:
    """Take a consent back; no token is renewed on its strength any more."""
    consent = await queries.get_consent(uow.session, user_id, consent_id)
    consent.withdraw(uow.now())
    await uow.session.execute(
        update(Authorization)
        .where(
            Authorization.user_id == user_id,
            Authorization.client_id == consent.client_id,
            Authorization.revoked_at.is_(None),
        )
        .values(revoked_at=uow.now(), revoked_because="consent withdrawn")
        .execution_options(synchronize_session=False)
    )
    return consent
