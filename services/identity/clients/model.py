"""Clients, with the answers that Authlib asks of a client."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin
from sqlalchemy import ARRAY, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.db import Base, Versioned

SCOPES = ("openid", "profile", "email")
GRANT_TYPES = ("authorization_code", "refresh_token")


class Client(Versioned, ClientMixin, Base):  # type: ignore[misc]  # Authlib is untyped
    """A program known by its id, with the exact addresses to which a code may be sent."""

    __tablename__ = "clients"

    client_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    redirect_uris: Mapped[list[str]] = mapped_column(ARRAY(Text))
    is_active: Mapped[bool] = mapped_column(default=True)

    def get_client_id(self) -> str:
        """Return the public id."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """There is none: a request names its address (RFC 9700, 4.1.3)."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return what of the asked scope is known; nothing asked means `openid`."""
        asked = (scope or "openid").split()
        return " ".join(word for word in SCOPES if word in asked)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Compare character by character (RFC 9700, 2.1)."""
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:  # noqa: ARG002 (Authlib's contract)
        """No secret is right: these clients are public."""
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        """Tell that a public client authenticates by nothing, at every endpoint."""
        return method == "none"

    def check_response_type(self, response_type: str) -> bool:
        """Only codes are given (RFC 9700, 2.1.2)."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell that it may have a code, then refresh tokens."""
        return grant_type in GRANT_TYPES

    @classmethod
    def public(cls, client_id: str, name: str, *redirect_uris: str) -> Client:
        """Return a client without a secret."""
        values: dict[str, Any] = {"client_id": client_id, "name": name, "is_active": True}
        return cls(**values, redirect_uris=list(redirect_uris))
