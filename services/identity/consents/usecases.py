"""What can be done with consents: give one, withdraw one."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.authorizations.usecases import end_authorizations
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
    await _record(uow, consent, "given")
    return consent


async def withdraw_consent(uow: UnitOfWork, *, user_id: UUID, consent_id: UUID) -> Consent:
    """Take a consent back; no token is renewed on its strength any more."""
    consent = await queries.get_consent(uow.session, user_id, consent_id)
    consent.withdraw(uow.now())
    await end_authorizations(uow, user_id=user_id, client_id=consent.client_id)
    await _record(uow, consent, "withdrawn")
    return consent


async def _record(uow: UnitOfWork, consent: Consent, verb: str) -> None:
    told = {"client_id": consent.client_id, "scopes": list(consent.scopes)}
    await uow.flush()
    await record(
        uow,
        f"consent.{verb}",
        entity="consent",
        entity_id=consent.id,
        person_id=consent.user_id,
        after=told,
    )
