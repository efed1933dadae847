"""What can be done at the authorization endpoint: let a client act for a person.

Authlib checks the request; what SECURITY 1.3 says about it is overridden here: PKCE with S256 and
nothing else, always, and the organization belongs to the grant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from authlib.oidc.core.errors import LoginRequiredError
from sqlalchemy.util import await_only

from libs.outbox.uow import UnitOfWork
from services.identity.authorizations.model import CODE_LIFE, Authorization, AuthorizationCode
from services.identity.clients.usecases import Answer, Asked, Provider
from services.identity.memberships.queries import list_open_organizations
from services.identity.organizations.model import Organization
from services.identity.sessions.model import (
    NoOrganization,
    NotThisOrganization,
    SignInSession,
    digest,
    new_secret,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which organizations this installation lets a person act for."""

    only: str | None
    allows_choice: bool


@dataclass(frozen=True, slots=True)
class SignInNeeded:
    """Nobody is signed in, or the client wants it fresh; afterwards come back here."""

    continue_to: str


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


class NonceAndPrompt(OpenIDCode):  # type: ignore[misc]  # Authlib is untyped
    """The checks of OpenID Connect at the authorization endpoint."""

    def exists_nonce(self, nonce: str, request: Any) -> bool:  # noqa: ARG002 (Authlib's contract)
        """Leave it to the client to compare its nonce; a code can be used only once anyway."""
        return False


class CodeRequest(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib is untyped
    """The authorization endpoint's half of the code grant."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["none"]  # noqa: RUF012 (Authlib's attribute)

    def generate_authorization_code(self) -> str:
        """Return 256 random bits."""
        return new_secret()

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Keep the family and the digest of its code."""
        uow: UnitOfWork = self.server.uow
        family = Authorization.grant(
            request.sign_in, request.client, request.organization, scope=request.scope
        )
        kept = AuthorizationCode(
            digest=digest(code),
            authorization=family,
            redirect_uri=request.payload.redirect_uri,
            code_challenge=request.payload.data["code_challenge"],
            nonce=request.payload.data.get("nonce"),
            expires_at=uow.now() + CODE_LIFE,
        )
        uow.session.add(kept)


async def authorize(
    uow: UnitOfWork, asked: Asked, sign_in: SignInSession | None, *, choice: Choice, issuer: str
) -> Answer | SignInNeeded:
    """Give a client a code for one organization of the person, or say what is missing first.

    Raises NoOrganization or NotThisOrganization where only a page can explain.
    """
    answer = await uow.session.run_sync(lambda _: _authorize(uow, asked, sign_in, choice))
    if isinstance(answer, SignInNeeded) or "Location" not in answer.headers:
        return answer
    # RFC 9207: every answer to the client names its issuer, errors too.
    location = add_params_to_uri(answer.headers["Location"], {"iss": issuer})
    return replace(answer, headers={**answer.headers, "Location": location})


def _authorize(
    uow: UnitOfWork, asked: Asked, sign_in: SignInSession | None, choice: Choice
) -> Answer | SignInNeeded:
    provider = Provider(uow)
    provider.register_grant(CodeRequest, [S256Always(), NonceAndPrompt()])
    user = sign_in.user if sign_in else None
    try:
        grant = provider.get_consent_grant(asked, end_user=user)
        if sign_in is None or grant.prompt == "login" or _is_too_old(uow, asked, sign_in):
            if dict(asked.parameters).get("prompt") == "none":
                raise LoginRequiredError(redirect_uri=grant.redirect_uri)
            return SignInNeeded(_way_back(asked))
        organization = await_only(_choose(uow, asked, sign_in, choice))
        if organization is None:
            raise AccessDeniedError(
                "You do not act for this organization.", redirect_uri=grant.redirect_uri
            )
    except OAuth2Error as error:
        error.state = dict(asked.parameters).get("state")
        answer: Answer = provider.handle_error_response(None, error)
        return answer
    grant.request.sign_in = sign_in
    grant.request.organization = organization
    granted: Answer = provider.create_authorization_response(
        grant.request, grant_user=user, grant=grant
    )
    return granted


async def _choose(
    uow: UnitOfWork, asked: Asked, sign_in: SignInSession, choice: Choice
) -> Organization | None:
    """Return the organization asked for, else the primary one; None for every other alike."""
    open_to = await list_open_organizations(uow.session, sign_in.user_id)
    wanted = dict(asked.parameters).get("organization", "")
    if choice.only is not None:
        found = next((row for row in open_to if row.code == choice.only), None)
        if found is None or wanted not in ("", choice.only):
            raise NotThisOrganization(f"It serves {choice.only}.")
        return found
    if not open_to:
        raise NoOrganization
    if not wanted:
        return open_to[0]
    candidates = open_to if choice.allows_choice else open_to[:1]
    return next((row for row in candidates if row.code == wanted), None)


def _is_too_old(uow: UnitOfWork, asked: Asked, sign_in: SignInSession) -> bool:
    limit = dict(asked.parameters).get("max_age", "")
    if not limit.isdecimal():
        return False
    return (uow.now() - sign_in.signed_in_at).total_seconds() > int(limit)


def _way_back(asked: Asked) -> str:
    """Return the request without what a fresh sign-in has satisfied, or it would ask for ever."""
    kept = [
        (name, value)
        for name, value in asked.parameters
        if not (name == "prompt" and value == "login") and not (name == "max_age" and value == "0")
    ]
    return f"/oauth2/authorize?{urlencode(kept)}"
