"""What can be done with signing keys: keep a current and a next one, publish them, sign."""

from __future__ import annotations

from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import extract_compact

from libs.chassis.sealing import Sealer
from libs.outbox.uow import UnitOfWork
from services.identity.signing_keys import queries
from services.identity.signing_keys.model import ALGORITHM, LIFE, NOTICE, SigningKey


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
