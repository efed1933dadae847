"""What can be done with userinfo: tell a client about the person who let it act."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.authorizations.queries import find_authorization
from services.identity.userinfo.schemas import person_claims


class NotTold(Exception):
    """The token is good, but does not open this; `error` is a code of RFC 6750 (3.1)."""

    def __init__(self, error: str, description: str) -> None:
        """Take the code and a sentence for the client's developer."""
        super().__init__(description)
        self.error = error


async def tell_userinfo(uow: UnitOfWork, claims: dict[str, Any]) -> dict[str, Any]:
    """Return the person's claims for the token's grant, as long as the grant itself stands."""
    family = await find_authorization(uow.session, _grant_of(claims))
    if family is None or not family.is_open(uow.now()):
        raise NotTold("invalid_token", "The grant behind the token is over.")
    scopes = str(claims.get("scope", "")).split()
    if "openid" not in scopes:
        raise NotTold("insufficient_scope", "The scope openid is needed.")
    return person_claims(family.user, scopes, family.claims.get("userinfo", ()))


def _grant_of(claims: dict[str, Any]) -> UUID | None:
    try:
        return UUID(str(claims.get("grant_id")))
    except ValueError:
        return None
