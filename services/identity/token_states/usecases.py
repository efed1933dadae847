"""What can be done about a token that exists: say whether it is good, or end it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError

from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.authorizations import queries
from services.identity.authorizations.model import Authorization, RefreshToken
from services.identity.clients.model import Client
from services.identity.clients.usecases import Answer, Asked
from services.identity.proofs.usecases import AUTH_METHODS, PROVEN_METHODS, ProvingProvider
from services.identity.revocations.queries import find_last
from services.identity.revocations.usecases import revoke
from services.identity.signing_keys.usecases import read_own
from services.identity.users.usecases import become

INACTIVE = {"active": False}
TOLD = (
    *("iss", "sub", "aud", "client_id", "iat", "exp", "jti", "scope", "sid", "auth_time", "acr"),
    *(
        "amr",
        "org",
        "org_code",
        "org_roles",
        "permissions",
        "modules",
        "stands_in",
        "cnf",
        "act",
        "purpose",
    ),
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A token that we made: whose it is, and what is behind it."""

    client_id: str
    claims: dict[str, Any] | None
    family: Authorization | None
    refresh: RefreshToken | None = None

    @property
    def organization_id(self) -> UUID | None:
        """For which organization it is."""
        if self.family is not None:
            return self.family.organization_id
        return UUID(self.claims["org"]) if self.claims else None


async def introspect_token(uow: UnitOfWork, asked: Asked, *, issuer: str) -> Answer:
    """Tell an authenticated client about a token; what is not its business is as good as none.

    Its business are the tokens given to it, and those for the organization that it serves.
    """
    client, token = await _request(uow, asked, PROVEN_METHODS, issuer)
    found = await _find(uow, token, issuer)
    if found is None or not (
        found.client_id == client.client_id
        or (client.organization_id is not None and client.organization_id == found.organization_id)
    ):
        return Answer(200, INACTIVE, {})
    return Answer(200, await _state(uow, found), {})


async def revoke_token(uow: UnitOfWork, asked: Asked, *, issuer: str) -> Answer:
    """End what a token belongs to; an unknown token is as good as ended (RFC 7009, 2.2).

    A family ends as a whole, with the access tokens of its session, wherever they are. Others who
    work on the strength of the same session get new ones by refreshing.
    """
    client, token = await _request(uow, asked, AUTH_METHODS, issuer)
    found = await _find(uow, token, issuer)
    if found is None:
        return Answer(200, {}, {})
    if found.client_id != client.client_id:
        raise InvalidGrantError("The token was given to another client.")
    if found.family is not None:
        await _end_family(uow, found.family)
    elif found.claims is not None:
        await revoke(uow, session_id=UUID(found.claims["sid"]), reason="revoked by its client")
    return Answer(200, {}, {})


async def _end_family(uow: UnitOfWork, family: Authorization) -> None:
    if family.revoked_at is not None:
        return
    family.revoke(uow.now(), "revoked by the client")
    await become(uow, family.user.as_person())
    await record(
        uow,
        "authorization.revoked",
        entity="authorization",
        entity_id=family.id,
        person_id=family.user_id,
        org_id=family.organization_id,
        reason="revoked by the client",
    )
    await revoke(uow, session_id=family.session_id, reason="revoked by the client")


async def _request(
    uow: UnitOfWork, asked: Asked, methods: list[str], issuer: str
) -> tuple[Client, str]:
    provider = ProvingProvider(uow, issuer)
    request = provider.create_oauth2_request(asked)
    client: Client = await uow.session.run_sync(
        lambda _: provider.authenticate_client(request, methods, "token")
    )
    token: str | None = request.form.get("token")
    if not token:
        raise InvalidRequestError("Missing 'token' in request.")
    return client, token


async def _find(uow: UnitOfWork, token: str, issuer: str) -> _Found | None:
    """Return what we know of a token, whatever its holder takes it for; None: it is not ours."""
    refresh = await queries.find_secret(uow.session, RefreshToken, token)
    if refresh is not None:
        return _Found(refresh.authorization.client_id, None, refresh.authorization, refresh)
    claims = await read_own(uow, token, typ="at+jwt")
    if claims is None or claims.get("iss") != issuer:
        return None
    family = None
    if "grant_id" in claims:
        family = await queries.find_family(uow.session, UUID(claims["grant_id"]))
        if family is None:
            return None
    return _Found(str(claims["client_id"]), claims, family)


async def _state(uow: UnitOfWork, found: _Found) -> dict[str, Any]:
    at = uow.now()
    if found.family is not None and not found.family.is_open(at):
        return INACTIVE
    if found.refresh is not None:
        if found.refresh.used_at is not None or found.refresh.expires_at <= at:
            return INACTIVE
        family = found.refresh.authorization
        return {
            "active": True,
            "client_id": family.client_id,
            "sub": str(family.user_id),
            "scope": family.scope,
            "exp": int(found.refresh.expires_at.timestamp()),
        }
    claims = found.claims or {}
    if claims.get("exp", 0) <= at.timestamp() or await _is_revoked(uow, claims):
        return INACTIVE
    bound = "DPoP" if "cnf" in claims else "Bearer"
    told = {name: claims[name] for name in TOLD if name in claims}
    return {"active": True, "token_type": bound, **told}


async def _is_revoked(uow: UnitOfWork, claims: dict[str, Any]) -> bool:
    last = await find_last(
        uow.session,
        session_id=UUID(claims["sid"]),
        user_id=UUID(claims["sub"]),
        org_id=UUID(claims["org"]),
        at=uow.now(),
    )
    return last is not None and claims["iat"] < last.timestamp()
