"""How tokens come about: minted for a family, on a code that is used once or a refresh token.

Authlib reads the requests; its weak spots named in SECURITY 1.3 are overridden: a secret is used up
by one statement before anything is issued, it stays to show a second use, and a second use revokes
the whole family (ADR 0014). Every refresh token is replaced when it is used.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oidc.core import OpenIDCode
from joserfc.jwk import ECKey
from sqlalchemy.util import await_only

from libs.outbox.uow import UnitOfWork
from libs.tenancy.dpop import Proof
from services.identity.audit_events.usecases import record
from services.identity.authorizations import queries
from services.identity.authorizations.model import (
    REFRESH_IDLE,
    Authorization,
    AuthorizationCode,
    RefreshToken,
)
from services.identity.authorizations.usecases import Choice
from services.identity.clients.model import AuthMethod, Client
from services.identity.proofs.usecases import AUTH_METHODS, InvalidProof, ProvingProvider
from services.identity.revocations.usecases import issue_time
from services.identity.rights.model import Rights, observer_rights
from services.identity.rights.usecases import evaluate
from services.identity.sessions.model import MULTI_FACTOR, digest, new_secret
from services.identity.signing_keys.model import ALGORITHM, SigningKey
from services.identity.signing_keys.queries import get_current_key
from services.identity.signing_keys.usecases import sign
from services.identity.tokens.schemas import ID_LIFE, access_claims, id_claims
from services.identity.users.model import User
from services.identity.users.usecases import become


@dataclass(frozen=True, slots=True)
class Terms:
    """By whose rules tokens are issued, and with which key the request proved itself."""

    choice: Choice
    issuer: str
    proof: Proof | None = None


class TokenProvider(ProvingProvider):
    """Authlib's server at the token endpoint: knows how to mint."""

    def __init__(self, uow: UnitOfWork, terms: Terms) -> None:
        """Take the unit of work, which organizations may be served, and who issues."""
        super().__init__(uow, terms.issuer, proof=terms.proof)
        self.choice = terms.choice

    def authenticate_client(self, request: Any, methods: list[str], endpoint: str = "token") -> Any:
        """Return the client; one that was registered for bound tokens shows its key each time."""
        client = super().authenticate_client(request, methods, endpoint)
        if client.requires_dpop and self.proof is None:
            raise InvalidProof("This client gets tokens bound to its key: send a DPoP proof.")
        return client

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Do nothing: a token is kept when it is minted."""

    def check_key(self, expected: str | None) -> None:
        """Refuse a request that is not proven with the key to which code or family is bound."""
        if expected is not None and (self.proof is None or self.proof.thumbprint != expected):
            raise InvalidGrantError("This is bound to another key than that of the request.")

    def mint(self, family: Authorization, scope: str, client: Client) -> dict[str, Any]:
        """Return an access token and a new refresh token for a family, with today's rights."""
        return await_only(self.mint_async(family, scope, client))

    def use_up(self, row: AuthorizationCode | RefreshToken | None) -> bool:
        """Use a secret; a second use revokes its family (RFC 9700, 4.14.2)."""
        if row is None:
            return False
        at = self.uow.now()
        if await_only(queries.use_up(self.uow.session, row, at)):
            return row.authorization.is_open(at)
        if row.used_at is not None or row.expires_at > at:
            await_only(self.note_second_use(row.authorization, type(row).__tablename__))
        return False

    async def note_second_use(self, family: Authorization, what: str) -> None:
        """End a family of which somebody holds a copy; the trail says so."""
        if family.revoked_at is None:
            family.revoke(self.uow.now(), f"second use of {what}")
            await become(self.uow, family.user.as_person())
            await record(
                self.uow,
                "authorization.revoked",
                entity="authorization",
                entity_id=family.id,
                person_id=family.user_id,
                org_id=family.organization_id,
                reason=str(family.revoked_because),
            )

    async def mint_async(self, family: Authorization, scope: str, client: Client) -> dict[str, Any]:
        """Return what `mint` returns, to who can wait for it."""
        await become(self.uow, family.user.as_person())
        rights = await self._rights(family)
        if rights is None:
            family.revoke(self.uow.now(), "no longer acts for the organization")
            raise InvalidGrantError("The person does not act for this organization any more.")
        if rights.requires_mfa and family.acr != MULTI_FACTOR:
            raise InvalidGrantError("What the person may do here needs a second factor.")
        key = self.proof.thumbprint if self.proof else None
        if key is not None and client.token_endpoint_auth_method == AuthMethod.none:
            # A public client has nothing else by which its refresh token would be its own.
            family.dpop_jkt = key
        issued_at = await issue_time(
            self.uow,
            session_id=family.session_id,
            user_id=family.user_id,
            org_id=family.organization_id,
        )
        claims = access_claims(family, rights, issuer=self.issuer, scope=scope, at=issued_at)
        given: dict[str, Any] = {
            "access_token": await sign(self.uow, claims | confirmation(key), typ="at+jwt"),
            "token_type": "DPoP" if key else "Bearer",
            "expires_in": claims["exp"] - int(claims["iat"]),
            "scope": scope,
        }
        if client.check_grant_type("refresh_token"):
            given["refresh_token"] = self._refresh_token(family)
        return given

    async def _rights(self, family: Authorization) -> Rights | None:
        """Return what the person may do now for the family's organization; None when nothing."""
        organization = family.organization
        if self.choice.only not in (None, organization.code):
            return None
        if family.observed_from_id is None:
            return await evaluate(self.uow, family.user_id, organization.id)
        own = await evaluate(self.uow, family.user_id, family.observed_from_id)
        return observer_rights(own, organization.modules if organization.is_active else None)

    def _refresh_token(self, family: Authorization) -> str:
        secret = new_secret()
        self.uow.session.add(
            RefreshToken(
                digest=digest(secret),
                authorization_id=family.id,
                expires_at=min(self.uow.now() + REFRESH_IDLE, family.expires_at),
            )
        )
        return secret


def confirmation(thumbprint: str | None) -> dict[str, Any]:
    """Return the claim that binds a token to a key (RFC 9449, 6.1)."""
    return {"cnf": {"jkt": thumbprint}} if thumbprint else {}


class CodeExchange(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib is untyped
    """The token endpoint's half of the code grant."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def query_authorization_code(self, code: str, client: Client) -> AuthorizationCode | None:
        """Return the code and use it up; another client's code is not touched."""
        row = await_only(queries.find_secret(self.server.uow.session, AuthorizationCode, code))
        if row is None or row.authorization.client_id != client.client_id:
            return None
        # Before it is used up: without the key nobody can so much as spoil a stolen code.
        self.server.check_key(row.dpop_jkt)
        return row if self.server.use_up(row) else None

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        """Keep it: a second use must be recognised."""

    def authenticate_user(self, authorization_code: AuthorizationCode) -> User:
        """Return whose code it is."""
        return authorization_code.authorization.user

    def generate_token(self, *, scope: str, **_: object) -> dict[str, Any]:
        """Mint for the code's family."""
        family = self.request.authorization_code.authorization
        token: dict[str, Any] = self.server.mint(family, scope, self.request.client)
        return token


class Refresh(RefreshTokenGrant):  # type: ignore[misc]  # Authlib is untyped
    """Refreshing with rotation: the old token is used up before the new one exists."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken | None:
        """Return the token, used or not; what that means is decided when it is used up."""
        return await_only(queries.find_secret(self.server.uow.session, RefreshToken, refresh_token))

    def authenticate_user(self, refresh_token: RefreshToken) -> User:
        """Use the token up and return whose it is."""
        self.server.check_key(refresh_token.authorization.dpop_jkt)
        if not self.server.use_up(refresh_token):
            raise InvalidGrantError("The refresh token is no longer good.")
        return refresh_token.authorization.user

    def generate_token(self, *, scope: str, **_: object) -> dict[str, Any]:
        """Mint for the token's family."""
        family = self.request.refresh_token.authorization
        token: dict[str, Any] = self.server.mint(family, scope, self.request.client)
        return token

    def revoke_old_credential(self, refresh_token: RefreshToken) -> None:
        """Do nothing: it is used up already."""


class IdToken(OpenIDCode):  # type: ignore[misc]  # Authlib is untyped
    """The id token of OpenID Connect, given with a code whose scope has `openid`."""

    def exists_nonce(self, nonce: str, request: Any) -> bool:  # noqa: ARG002 (Authlib's contract)
        """Leave it to the client to compare its nonce."""
        return False

    def __call__(self, grant: Any) -> None:
        """Remember the server of the request: issuer and key are its."""
        self._server: TokenProvider = grant.server
        super().__call__(grant)

    def get_client_algorithm(self, client: Client) -> str:  # noqa: ARG002 (Authlib's contract)
        """One algorithm for all clients."""
        return ALGORITHM

    def get_encode_header(self, client: Client) -> dict[str, str]:  # noqa: ARG002
        """Name the key, so that nobody has to try them all."""
        return {"alg": ALGORITHM, "typ": "JWT", "kid": self._key.kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        """Return issuer, audience and times."""
        at = self._server.uow.now()
        return {
            "iss": self._server.issuer,
            "aud": client.client_id,
            "iat": int(at.timestamp()),
            "exp": int((at + ID_LIFE).timestamp()),
        }

    def resolve_client_private_key(self, client: Client) -> ECKey:  # noqa: ARG002
        """Return the key that signs now."""
        return self._key.key(self._server.uow.session.info["sealer"])

    def encode_id_token(self, token: Any, request: Any) -> str:
        """Remember whose family the token is of."""
        self._family: Authorization = request.authorization_code.authorization
        encoded: str = super().encode_id_token(token, request)
        return encoded

    def generate_user_info(self, user: User, scope: str) -> dict[str, Any]:  # noqa: ARG002
        """Return what the scope opens of the person, and the session."""
        return id_claims(self._family, scope)

    @functools.cached_property
    def _key(self) -> SigningKey:
        uow = self._server.uow
        return await_only(get_current_key(uow.session, uow.now()))
