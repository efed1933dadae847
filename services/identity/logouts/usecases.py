"""What can be done about the end of a session: note who takes part, queue notices, deliver them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.outbox.uow import UnitOfWork
from services.identity.logouts import queries
from services.identity.logouts.model import LogoutNotice, SessionClient
from services.identity.signing_keys.usecases import sign
from services.identity.users.model import ANYONE

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_LIFE = timedelta(minutes=2)
AT_ONCE = 20
PATIENCE_SECONDS = 5.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")

log = logging.getLogger("bmms.logouts")


@dataclass(frozen=True, slots=True)
class _Letter:
    notice_id: UUID
    address: str
    token: str


def is_allowed_address(address: str, *, issuer: str) -> bool:
    """Tell whether a notice may be sent there: by https, or on the machine of a local issuer.

    With https only a server that proves its name gets the notice, so that no name can be turned
    towards something inside; redirects are not followed.
    """
    parts = urlsplit(address)
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        return False
    is_local = urlsplit(issuer).hostname in LOOPBACK
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in LOOPBACK and is_local
    )


async def take_part(uow: UnitOfWork, *, session_id: UUID, user_id: UUID, client_id: str) -> None:
    """Note that a client works on the strength of a session; it will hear of its end."""
    await uow.session.execute(
        insert(SessionClient)
        .values(session_id=session_id, user_id=user_id, client_id=client_id, joined_at=uow.now())
        .on_conflict_do_nothing()
    )


async def notify_clients(uow: UnitOfWork, session_id: UUID) -> None:
    """Queue a notice for every client of a session that wants one; each is told once."""
    for part, client in await queries.list_clients_to_notify(uow.session, session_id):
        uow.session.add(
            LogoutNotice(
                client_id=client.client_id,
                user_id=part.user_id,
                session_id=session_id,
                address=client.backchannel_logout_uri,
                queued_at=uow.now(),
                next_try_at=uow.now(),
            )
        )


def deliveries(issuer: str) -> Callable[[Database], Awaitable[bool]]:
    """Return the worker's duty: send what is due; true when there may be more."""

    async def deliver_notices(database: Database) -> bool:
        return await deliver_due_notices(database, issuer=issuer) == AT_ONCE

    return deliver_notices


async def deliver_due_notices(database: Database, *, issuer: str) -> int:
    """Send the notices whose time has come; no transaction waits for a client's answer."""
    async with database.unit_of_work(ANYONE) as uow:
        due = await queries.list_due_notices(uow.session, uow.now(), limit=AT_ONCE)
        letters = []
        for notice in due:
            notice.begin_try(uow.now())
            token = await sign(uow, logout_claims(notice, issuer, uow.now()), typ="logout+jwt")
            letters.append(_Letter(notice.id, notice.address, token))
    if not letters:
        return 0
    async with httpx.AsyncClient(
        timeout=PATIENCE_SECONDS, follow_redirects=False, trust_env=False
    ) as client:
        faults = await asyncio.gather(*(_send(client, letter, issuer) for letter in letters))
    told = {letter.notice_id: fault for letter, fault in zip(letters, faults, strict=True)}
    async with database.unit_of_work(ANYONE) as uow:
        for notice in await queries.list_notices(uow.session, told):
            fault, for_good = told[notice.id]
            if fault:
                notice.fail(uow.now(), fault, for_good=for_good)
                log.warning("a logout notice failed", extra={"client": notice.client_id})
            else:
                notice.succeed(uow.now())
    return len(letters)


def logout_claims(notice: LogoutNotice, issuer: str, at: datetime) -> dict[str, Any]:
    """Return the claims of a logout token (Back-Channel Logout 1.0, 2.4); never a nonce."""
    return {
        "iss": issuer,
        "sub": str(notice.user_id),
        "aud": notice.client_id,
        "iat": int(at.timestamp()),
        "exp": int((at + TOKEN_LIFE).timestamp()),
        "jti": str(uuid7()),
        "sid": str(notice.session_id),
        "events": {EVENT: {}},
    }


async def _send(client: httpx.AsyncClient, letter: _Letter, issuer: str) -> tuple[str, bool]:
    """Return what went wrong, if anything did, and whether trying again is useless."""
    if not is_allowed_address(letter.address, issuer=issuer):
        return "the address is not allowed", True
    try:
        # Only the status is wanted: whatever else an answer holds is never read.
        async with client.stream(
            "POST", letter.address, data={"logout_token": letter.token}
        ) as answer:
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return type(error).__name__, False
    if 200 <= status < 300:
        return "", False
    return f"status {status}", 400 <= status < 500 and status not in (408, 429)
