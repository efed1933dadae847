"""What can be done with signing keys: keep a current and a next one, publish them, sign."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import extract_compact

from libs.chassis.database import Database
from libs.chassis.sealing import Sealer
from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.identity.audit_events.usecases import record
from services.identity.signing_keys import queries
from services.identity.signing_keys.model import ALGORITHM, KEPT, LIFE, NOTICE, SigningKey

KEEPER = Actor.system(UUID(int=0))


async def ensure_signing_keys(uow: UnitOfWork) -> list[str]:
    """Make the first key if there is none, and the next one; returns the ids of new keys."""
    made = []
    sealer: Sealer = uow.session.info["sealer"]
    current = await queries.find_current_key(uow.session, uow.now())
    if current is None:
        current = SigningKey.generate(uow.now(), sealer)
        uow.session.add(current)
        made.append(current.kid)
    published = await queries.list_published_keys(uow.session, uow.now())
    if not any(key.signs_from > uow.now() for key in published):
        turn = max(current.signs_from + LIFE, uow.now() + NOTICE)
        following = SigningKey.generate(turn, sealer)
        uow.session.add(following)
        made.append(following.kid)
    await uow.session.flush()
    return made


async def rotate_keys(uow: UnitOfWork, *, compromised: bool = False) -> datetime:
    """Let the next key sign as soon as everybody can know it; returns from when on.

    When the keys are compromised, none of them verifies any more and two new ones stand in their
    place: what was signed before is refused by whoever asks for the key set again.
    """
    await queries.lock_keys(uow.session)
    if compromised:
        await queries.delete_keys(uow.session)
    await ensure_signing_keys(uow)
    following = await queries.get_next_key(uow.session, uow.now())
    if not compromised:
        following.signs_from = min(
            following.signs_from, max(uow.now(), following.created_at + NOTICE)
        )
    await uow.session.flush()
    await ensure_signing_keys(uow)
    current = await queries.get_current_key(uow.session, uow.now())
    turn = uow.now() if compromised else following.signs_from
    await record(
        uow,
        "signing_key.rotated",
        entity="signing_key",
        after={"current": current.kid, "signs_from": turn.isoformat()},
        reason="compromised" if compromised else "",
    )
    return turn


async def turn_keys(database: Database) -> None:
    """Keep a next key published, and forget those that were replaced long ago; a worker's duty."""
    async with database.unit_of_work(KEEPER) as uow:
        await queries.lock_keys(uow.session)
        await ensure_signing_keys(uow)
        await queries.delete_replaced(uow.session, uow.now() - KEPT)


async def publish_keys(uow: UnitOfWork) -> dict[str, list[dict[str, Any]]]:
    """Return the key set by which everyone can check our signatures (RFC 7517)."""
    keys = await queries.list_published_keys(uow.session, uow.now())
    return {"keys": [key.public_jwk for key in keys]}


async def sign(uow: UnitOfWork, claims: dict[str, Any], *, typ: str) -> str:
    """Return a compact JWT signed with the current key."""
    key = await queries.get_current_key(uow.session, uow.now())
    header = {"alg": ALGORITHM, "typ": typ, "kid": key.kid}
    private = key.key(uow.session.info["sealer"])
    return jwt.encode(header, claims, private, algorithms=[ALGORITHM])


async def read_own(uow: UnitOfWork, raw: str, *, typ: str) -> dict[str, Any] | None:
    """Return the claims of a JWT that we signed, however long ago; None for anything else.

    For a token that comes back as a hint: the key may have been replaced and the token be over.
    """
    try:
        header = extract_compact(raw.encode("ascii")).headers()
        if header.get("alg") != ALGORITHM or str(header.get("typ", "JWT")).lower() != typ.lower():
            return None
        key = await uow.session.get(SigningKey, str(header.get("kid")))
        if key is None:
            return None
        public = ECKey.import_key(key.public_jwk)
        return dict(jwt.decode(raw, public, algorithms=[ALGORITHM]).claims)
    except (JoseError, ValueError):
        return None
