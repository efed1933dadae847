"""What can be done at the token and revocation endpoints: exchange a code, refresh, revoke.

Authlib reads the requests; its weak spots named in SECURITY 1.3 are overridden: a secret is used up
by one statement before anything is issued, it stays to show a second use, and a second use revokes
the whole family. Every refresh token is replaced when it is used.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol

from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oidc.core import OpenIDCode
from joserfc.jwk import ECKey
from sqlalchemy.util import await_only

from libs.outbox.uow import UnitOfWork
from services.identity.authorizations import queries
from services.identity.authorizations.model import (
    REFRESH_IDLE,
    Authorization,
    AuthorizationCode,
    RefreshToken,
)
from services.identity.authorizations.usecases import Choice, S256Always
from services.identity.clients.model import Client
from services.identity.clients.usecases import Answer, Asked, Provider
from services.identity.rights.usecases import evaluate
from services.identity.sessions.model import digest, new_secret
from services.identity.signing_keys.model import ALGORITHM, SigningKey
from services.identity.signing_keys.queries import get_current_key
from services.identity.signing_keys.usecases import sign
from services.identity.tokens.schemas import ACCESS_LIFE, ID_LIFE, access_claims, id_claims
from services.identity.users.model import User
from services.identity.users.usecases import become

PUBLIC = ["none"]


class TokenUseCase(Protocol):
    """What the two endpoints have in common."""

    def __call__(
        self, uow: UnitOfWork, asked: Asked, *, choice: Choice, issuer: str
    ) -> Awaitable[Answer]:
        """Answer a request in a unit of work, which is committed whatever the answer says."""


async def issue_token(uow: UnitOfWork, asked: Asked, *, choice: Choice, issuer: str) -> Answer:
    """Exchange a code or a refresh token, which is used up whatever the answer says."""

    def answer(_: object) -> Answer:
        provider = TokenProvider(uow, choice, issuer)
        provider.register_grant(CodeExchange, [S256Always(), IdToken()])
        provider.register_grant(Refresh)
        given: Answer = provider.create_token_response(asked)
        return given

    return await uow.session.run_sync(answer)


async def revoke_token(uow: UnitOfWork, asked: Asked, *, choice: Choice, issuer: str) -> Answer:
    """Revoke a refresh token and its family; an unknown token is as good as revoked (RFC 7009)."""

    def answer(_: object) -> Answer:
        provider = TokenProvider(uow, choice, issuer)
        provider.register_endpoint(Revocation)
        given: Answer = provider.create_endpoint_response("revocation", asked)
        return given

    return await uow.session.run_sync(answer)


class TokenProvider(Provider):
    """Authlib's server at the token endpoint: knows how to mint."""

    def __init__(self, uow: UnitOfWork, choice: Choice, issuer: str) -> None:
        """Take the unit of work, which organizations may be served, and who issues."""
        super().__init__(uow)
        self.choice = choice
        self.issuer = issuer

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Do nothing: a token is kept when it is minted."""

    def mint(self, family: Authorization, scope: str) -> dict[str, Any]:
        """Return an access token and a new refresh token for a family, with today's rights."""
        return await_only(self._mint(family, scope))

    def use_up(self, row: AuthorizationCode | RefreshToken | None) -> bool:
        """Use a secret; a second use revokes its family (RFC 9700, 4.14.2)."""
        if row is None:
            return False
        at = self.uow.now()
        if await_only(queries.use_up(self.uow.session, row, at)):
            return row.authorization.is_open(at)
        if row.used_at is not None or row.expires_at > at:
            row.authorization.revoke(at, f"second use of {type(row).__tablename__}")
        return False

    async def _mint(self, family: Authorization, scope: str) -> dict[str, Any]:
        organization = family.organization
        await become(self.uow, family.user.as_person())
        rights = await evaluate(self.uow, family.user_id, organization.id)
        if rights is None or self.choice.only not in (None, organization.code):
            family.revoke(self.uow.now(), "no longer acts for the organization")
            raise InvalidGrantError("The person does not act for this organization any more.")
        claims = access_claims(family, rights, issuer=self.issuer, scope=scope, at=self.uow.now())
        refresh = new_secret()
        self.uow.session.add(
            RefreshToken(
                digest=digest(refresh),
                authorization_id=family.id,
                expires_at=min(self.uow.now() + REFRESH_IDLE, family.expires_at),
            )
        )
        return {
            "access_token": await sign(self.uow, claims, typ="at+jwt"),
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "refresh_token": refresh,
            "scope": scope,
        }


class CodeExchange(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib is untyped
    """The token endpoint's half of the code grant."""

    TOKEN_ENDPOINT_AUTH_METHODS = PUBLIC

    def query_authorization_code(self, code: str, client: Client) -> AuthorizationCode | None:
        """Return the code and use it up; another client's code is not touched."""
        row = await_only(queries.find_secret(self.server.uow.session, AuthorizationCode, code))
        if row is None or row.authorization.client_id != client.client_id:
            return None
        return row if self.server.use_up(row) else None

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        """Keep it: a second use must be recognised."""

    def authenticate_user(self, authorization_code: AuthorizationCode) -> User:
        """Return whose code it is."""
        return authorization_code.authorization.user

    def generate_token(self, *, scope: str, **_: object) -> dict[str, Any]:
        """Mint for the code's family."""
        family = self.request.authorization_code.authorization
        token: dict[str, Any] = self.server.mint(family, scope)
        return token


class Refresh(RefreshTokenGrant):  # type: ignore[misc]  # Authlib is untyped
    """Refreshing with rotation: the old token is used up before the new one exists."""

    TOKEN_ENDPOINT_AUTH_METHODS = PUBLIC
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken | None:
        """Return the token, used or not; what that means is decided when it is used up."""
        return await_only(queries.find_secret(self.server.uow.session, RefreshToken, refresh_token))

    def authenticate_user(self, refresh_token: RefreshToken) -> User:
        """Use the token up and return whose it is."""
        if not self.server.use_up(refresh_token):
            raise InvalidGrantError("The refresh token is no longer good.")
        return refresh_token.authorization.user

    def generate_token(self, *, scope: str, **_: object) -> dict[str, Any]:
        """Mint for the token's family."""
        token: dict[str, Any] = self.server.mint(self.request.refresh_token.authorization, scope)
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
        return {"alg": ALGORITHM, "typ": "JWT", "kid": self._key().kid}

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
        return self._key().key(self._server.uow.session.info["sealer"])

    def encode_id_token(self, token: Any, request: Any) -> str:
        """Remember whose family the token is of."""
        self._family: Authorization = request.authorization_code.authorization
        encoded: str = super().encode_id_token(token, request)
        return encoded

    def generate_user_info(self, user: User, scope: str) -> dict[str, Any]:  # noqa: ARG002
        """Return what the scope opens of the person, and the session."""
        return id_claims(self._family, scope)

    def _key(self) -> SigningKey:
        uow = self._server.uow
        return await_only(get_current_key(uow.session, uow.now()))


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib is untyped
    """RFC 7009 for refresh tokens; access tokens end by themselves within 300 seconds."""

    CLIENT_AUTH_METHODS = PUBLIC
    SUPPORTED_TOKEN_TYPES = ("refresh_token",)

    def query_token(self, token_string: str, token_type_hint: str | None) -> RefreshToken | None:  # noqa: ARG002
        """Return the refresh token, if it is one."""
        return await_only(queries.find_secret(self.server.uow.session, RefreshToken, token_string))

    def revoke_token(self, token: RefreshToken, request: Any) -> None:  # noqa: ARG002
        """End the family, and with it every token of it."""
        token.authorization.revoke(self.server.uow.now(), "revoked by the client")
