"""What can be done to end sessions: one's own, another browser's, all of a person."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.logouts.usecases import notify_clients
from services.identity.revocations.usecases import revoke
from services.identity.sessions import queries


async def end_sessions(
    uow: UnitOfWork,
    *,
    session_id: UUID | None = None,
    user_id: UUID | None = None,
    keep: UUID | None = None,
) -> int:
    """End one session or all of a person but `keep`; nothing issued on their strength is renewed.

    Whoever took part hears of it (OpenID Connect Back-Channel Logout 1.0).
    """
    found = await queries.list_unended(uow.session, session_id=session_id, user_id=user_id)
    ended = [row for row in found if row.id != keep]
    for row in ended:
        row.end(uow.now())
        await notify_clients(uow, row.id)
        await revoke(uow, session_id=row.id, reason="the session ended")
        await record(
            uow,
            "session.ended",
            entity="session",
            entity_id=row.id,
            person_id=row.user_id,
        )
    return len(ended)


async def sign_out(uow: UnitOfWork, secret: str | None) -> None:
    """End the browser's session; no token is renewed on its strength any more."""
    found = await queries.find_session(uow.session, secret) if secret else None
    if found is not None and found.ended_at is None:
        await end_sessions(uow, session_id=found.id)
