"""What can be done with authorizations: check what a client asks, and let it act for a person.

Authlib checks the request; what SECURITY 1.3 says about it is overridden here: PKCE with S256 and
nothing else, always, and the organization belongs to the grant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import (
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    UnsupportedResponseTypeError,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9101.errors import RequestNotSupportedError, RequestUriNotSupportedError
from sqlalchemy import or_

from libs.outbox.uow import UnitOfWork
from services.identity.authorizations.model import CODE_LIFE, Authorization, AuthorizationCode
from services.identity.authorizations.queries import end_families, list_observed
from services.identity.authorizations.schemas import RESPONSE_MODES, Wish
from services.identity.clients.usecases import Asked, Provider
from services.identity.logouts.usecases import take_part
from services.identity.organizations.model import Organization
from services.identity.revocations.usecases import revoke
from services.identity.sessions.model import SignInSession, digest, new_secret


@dataclass(frozen=True, slots=True)
class Choice:
    """Which organizations this installation lets a person act for."""

    only: str | None
    allows_choice: bool


class S256Always(CodeChallenge):  # type: ignore[misc]  # Authlib is untyped
    """PKCE as RFC 9700 (2.1.1) wants it: every client, every time, never `plain`."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012 (Authlib's attribute)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Refuse a request without a challenge, or without the method said."""
        data = grant.request.payload.data
        for name in ("code_challenge", "code_challenge_method"):
            if not data.get(name):
                raise InvalidRequestError(f"Missing '{name}'")
        super().validate_code_challenge(grant, redirect_uri)


class CodeRequest(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib is untyped
    """The authorization endpoint's half of the code grant."""

    def validate_requested_scope(self) -> None:
        """Pass over unknown scopes (OpenID Connect Core, 3.1.2.1), unless none is left."""
        client = self.server.query_client(self.request.payload.client_id)
        if not client.get_allowed_scope(self.request.payload.scope):
            raise InvalidScopeError("None of the scopes can be given to this client.")


async def check_request(uow: UnitOfWork, asked: Asked) -> Wish:
    """Read an authorization request; raises OAuth2Error, with the client's address if it is good.

    The same for a request in the address, in a form, and for one pushed beforehand.
    """
    return await uow.session.run_sync(lambda _: _check(uow, asked))


def _check(uow: UnitOfWork, asked: Asked) -> Wish:
    provider = Provider(uow)
    provider.register_grant(CodeRequest, [S256Always()])
    told = dict(asked.parameters)
    try:
        grant = provider.get_consent_grant(asked)
    except UnsupportedResponseTypeError as error:
        if told.get("response_type"):
            raise
        raise InvalidRequestError(
            "Missing 'response_type'", redirect_uri=error.redirect_uri
        ) from None
    try:
        return _read(grant, told)
    except OAuth2Error as error:
        error.redirect_uri = grant.redirect_uri
        raise


def _read(grant: Any, told: dict[str, str]) -> Wish:
    if "request" in told:
        raise RequestNotSupportedError
    if "request_uri" in told:
        raise RequestUriNotSupportedError
    mode = told.get("response_mode", "query")
    if mode not in RESPONSE_MODES:
        raise InvalidRequestError("Unsupported 'response_mode'")
    if mode == "form_post" and not grant.redirect_uri.startswith(("https://", "http://")):
        raise InvalidRequestError("The response mode form_post needs an http or https address.")
    return Wish.read(grant.request.client, grant.redirect_uri, grant.request.scope, told)


async def give_code(
    uow: UnitOfWork, wish: Wish, sign_in: SignInSession, organization: Organization
) -> str:
    """Return a code for one organization of the person; the client hears when they sign out."""
    family = Authorization.grant(sign_in, wish.client, organization, scope=wish.scope)
    family.claims = wish.wanted_claims
    code = new_secret()
    uow.session.add(
        AuthorizationCode(
            digest=digest(code),
            authorization=family,
            redirect_uri=wish.redirect_uri,
            code_challenge=wish.parameters["code_challenge"],
            nonce=wish.parameters.get("nonce"),
            dpop_jkt=wish.parameters.get("dpop_jkt"),
            expires_at=uow.now() + CODE_LIFE,
        )
    )
    await take_part(
        uow,
        session_id=sign_in.id,
        user_id=sign_in.user_id,
        client_id=wish.client.client_id,
    )
    return code


async def end_authorizations(
    uow: UnitOfWork,
    *,
    session_id: UUID | None = None,
    user_id: UUID | None = None,
    org_id: UUID | None = None,
    client_id: str | None = None,
) -> int:
    """End every family that meets all that is named; no refresh token of theirs opens anything.

    Who leaves the oversight office looks into no organization any more, within seconds.
    """
    conditions = [
        column == value
        for column, value in (
            (Authorization.session_id, session_id),
            (Authorization.user_id, user_id),
            (Authorization.client_id, client_id),
        )
        if value is not None
    ]
    if org_id is not None:
        home = Authorization.observed_from_id == org_id
        conditions.append(or_(Authorization.organization_id == org_id, home))
    if not conditions:
        raise ValueError("name whose authorizations end")
    if user_id is not None and org_id is not None:
        for observed in await list_observed(uow.session, user_id, org_id):
            await revoke(uow, user_id=user_id, org_id=observed, reason="oversight ended")
    return await end_families(uow.session, conditions, uow.now(), "ended")
