"""Clients, with the answers that Authlib asks of a client."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import ClientMixin
from sqlalchemy import ARRAY, DateTime, ForeignKey, String, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.rows import check
from services.identity.db import Base, Versioned

SCOPES = ("openid", "profile", "email", "phone")
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 (its name)
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"

GRANT_TYPES = ("authorization_code", "refresh_token")
"""What a client registered without further words may do at the token endpoint."""

ALL_GRANT_TYPES = (*GRANT_TYPES, "client_credentials", TOKEN_EXCHANGE, DEVICE_CODE)


class AuthMethod(StrEnum):
    """How a client proves at the token endpoint that it is itself."""

    none = "none"
    client_secret_basic = "client_secret_basic"  # noqa: S105 (its name)
    client_secret_post = "client_secret_post"  # noqa: S105 (its name)
    private_key_jwt = "private_key_jwt"


WITH_SECRET = (AuthMethod.client_secret_basic, AuthMethod.client_secret_post)


class ClientNotFound(NotFound):
    """No client has this id."""

    title = "There is no such client."


class ClientIdTaken(Conflict):
    """Another client has this id."""

    title = "Another client already has this id."


class ClientContradictory(Invalid):
    """What is said of a client does not go together."""

    title = "The client cannot be like that."


class NoSecretToRotate(Conflict):
    """A public client and one with its own key have no secret of ours."""

    title = "This client does not use a secret."


class ClientAlreadyDisabled(Conflict):
    """It is disabled."""

    title = "The client is disabled already."


class ClientAlreadyEnabled(Conflict):
    """It is not disabled."""

    title = "The client is enabled already."


class Client(Versioned, ClientMixin, Base):  # type: ignore[misc]  # Authlib is untyped
    """A program known by its id, with the exact addresses to which a code may be sent."""

    __tablename__ = "clients"

    id: Mapped[UUID] = mapped_column(Uuid, unique=True, default=uuid7)
    client_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    redirect_uris: Mapped[list[str]] = mapped_column(ARRAY(Text))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_first_party: Mapped[bool] = mapped_column(default=False)
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    backchannel_logout_uri: Mapped[str | None] = mapped_column(Text)
    token_endpoint_auth_method: Mapped[str] = mapped_column(
        String(30), default=AuthMethod.none.value
    )
    secret_digest: Mapped[str | None] = mapped_column(String(64))
    secret_changed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    grant_types: Mapped[list[str]] = mapped_column(ARRAY(Text), default=lambda: list(GRANT_TYPES))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text), default=lambda: list(SCOPES))
    requires_pushed_requests: Mapped[bool] = mapped_column(default=False)
    requires_dpop: Mapped[bool] = mapped_column(default=False)
    organization_id: Mapped[UUID | None] = mapped_column(
        Uuid, ForeignKey("identity.organizations.id")
    )
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)

    __table_args__ = (
        check(
            "auth_method",
            "token_endpoint_auth_method IN"
            " ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')",
        ),
        check(
            "secret",
            "(secret_digest IS NOT NULL) = (token_endpoint_auth_method IN"
            " ('client_secret_basic', 'client_secret_post'))",
        ),
        check("jwks", "(jwks IS NOT NULL) = (token_endpoint_auth_method = 'private_key_jwt')"),
        check("own_name", "organization_id IS NOT NULL OR permissions = '{}'"),
    )

    def get_client_id(self) -> str:
        """Return the public id."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """There is none: a request names its address (RFC 9700, 4.1.3)."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return what of the asked scope is known and allowed; nothing asked means `openid`."""
        asked = (scope or "openid").split()
        return " ".join(word for word in SCOPES if word in asked and word in self.scopes)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Compare character by character (RFC 9700, 2.1)."""
        return redirect_uri in self.redirect_uris

    def check_post_logout_redirect_uri(self, address: str) -> bool:
        """Compare character by character (RP-Initiated Logout 1.0, 3)."""
        return address in self.post_logout_redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Compare digests, in the same time whatever is wrong."""
        return self.secret_digest is not None and hmac.compare_digest(
            self.secret_digest, digest_of_secret(client_secret)
        )

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        """Tell that a client authenticates as it was registered, at every endpoint alike."""
        return method == self.token_endpoint_auth_method

    def check_response_type(self, response_type: str) -> bool:
        """Only codes are given (RFC 9700, 2.1.2), to clients that may have one."""
        return response_type == "code" and "authorization_code" in self.grant_types

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether it was registered for the grant."""
        return grant_type in self.grant_types

    def new_secret(self, at: datetime) -> str:
        """Give the client a new secret, which is told once; the old one opens nothing any more."""
        if self.token_endpoint_auth_method not in WITH_SECRET:
            raise NoSecretToRotate
        secret = secrets.token_urlsafe(32)
        self.secret_digest, self.secret_changed_at = digest_of_secret(secret), at
        return secret

    def disable(self) -> None:
        """Let the client ask for nothing any more."""
        if not self.is_active:
            raise ClientAlreadyDisabled
        self.is_active = False

    def enable(self) -> None:
        """Let the client ask again."""
        if self.is_active:
            raise ClientAlreadyEnabled
        self.is_active = True

    @classmethod
    def public(cls, client_id: str, name: str, *redirect_uris: str, **values: Any) -> Client:
        """Return a first-party client without a secret."""
        told = {"client_id": client_id, "name": name, "is_active": True, "is_first_party": True}
        return cls(**{**told, **values}, redirect_uris=list(redirect_uris))


def digest_of_secret(secret: str) -> str:
    """Return what is stored of a client's secret: it has too many bits to be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()
