"""Authorizations, their codes and their refresh tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from authlib.oidc.core import AuthorizationCodeMixin
from sqlalchemy import ARRAY, DateTime, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship
from uuid_utils.compat import uuid7

from libs.tenancy.rows import check
from services.identity.clients.model import Client
from services.identity.db import Base
from services.identity.organizations.model import Organization
from services.identity.sessions.model import SignInSession
from services.identity.users.model import User

CODE_LIFE = timedelta(seconds=60)
REFRESH_IDLE = timedelta(minutes=30)
REFRESH_ABSOLUTE = timedelta(hours=10)


class Authorization(Base):
    """The family of everything issued on one consent: user, client and one organization."""

    __tablename__ = "authorizations"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    client_id: Mapped[str] = mapped_column(String(60), ForeignKey("identity.clients.client_id"))
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    organization_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.organizations.id"))
    session_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.sign_in_sessions.id"))
    scope: Mapped[str] = mapped_column(Text)
    acr: Mapped[str] = mapped_column(String(20))
    amr: Mapped[list[str]] = mapped_column(ARRAY(Text))
    claims: Mapped[dict[str, list[str]]] = mapped_column(JSONB, default=dict)
    dpop_jkt: Mapped[str | None] = mapped_column(String(64))
    observed_from_id: Mapped[UUID | None] = mapped_column(
        Uuid, ForeignKey("identity.organizations.id")
    )
    purpose: Mapped[str | None] = mapped_column(String(40))
    reference: Mapped[str | None] = mapped_column(String(200))
    authenticated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_because: Mapped[str | None] = mapped_column(String(100))

    user: Mapped[User] = relationship(lazy="raise")
    organization: Mapped[Organization] = relationship(
        lazy="raise", foreign_keys="Authorization.organization_id"
    )
    observed_from: Mapped[Organization | None] = relationship(
        lazy="raise", foreign_keys="Authorization.observed_from_id"
    )
    session: Mapped[SignInSession] = relationship(lazy="raise")

    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "session_id"),
        Index(None, "organization_id"),
        Index(None, "client_id"),
        Index(None, "expires_at"),
        check(
            "observation",
            "num_nulls(observed_from_id, purpose, reference) IN (0, 3)"
            " AND observed_from_id IS DISTINCT FROM organization_id",
        ),
    )

    @classmethod
    def grant(
        cls, session: SignInSession, client: Client, organization: Organization, *, scope: str
    ) -> Authorization:
        """Begin a family on the strength of a session; it never outlives the absolute limit."""
        return cls(
            client_id=client.client_id,
            user_id=session.user_id,
            organization_id=organization.id,
            session_id=session.id,
            scope=scope,
            acr=session.acr,
            amr=session.amr,
            authenticated_at=session.signed_in_at,
            expires_at=session.signed_in_at + REFRESH_ABSOLUTE,
        )

    def continue_in(self, organization: Organization, *, scope: str) -> Authorization:
        """Begin a family for another organization, on the same proof and with the same end."""
        return Authorization(
            id=uuid7(),
            client_id=self.client_id,
            user_id=self.user_id,
            user=self.user,
            organization_id=organization.id,
            organization=organization,
            observed_from=None,
            session_id=self.session_id,
            session=self.session,
            scope=scope,
            claims=self.claims,
            acr=self.acr,
            amr=self.amr,
            authenticated_at=self.authenticated_at,
            expires_at=self.expires_at,
        )

    def observe(self, home: Organization, purpose: str, reference: str, until: datetime) -> None:
        """Make the family one of the oversight office: from home, for a purpose, for a time."""
        self.observed_from_id, self.observed_from = home.id, home
        self.purpose, self.reference = purpose, reference
        self.expires_at = min(self.expires_at, until)

    def is_open(self, at: datetime) -> bool:
        """Tell whether tokens may still be issued: not revoked, not over, nobody signed out."""
        return (
            self.revoked_at is None
            and self.expires_at > at
            and self.session.ended_at is None
            and self.user.is_active
        )

    def revoke(self, at: datetime, because: str) -> None:
        """End the family; a second reason never overwrites the first."""
        if self.revoked_at is None:
            self.revoked_at, self.revoked_because = at, because


class AuthorizationCode(AuthorizationCodeMixin, Base):  # type: ignore[misc]  # Authlib is untyped
    """The code of one family: good for 60 seconds and one use, bound to a PKCE challenge."""

    __tablename__ = "authorization_codes"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    authorization_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.authorizations.id"))
    redirect_uri: Mapped[str] = mapped_column(Text)
    code_challenge: Mapped[str] = mapped_column(String(128))
    nonce: Mapped[str | None] = mapped_column(Text)
    dpop_jkt: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    authorization: Mapped[Authorization] = relationship(lazy="raise")

    __table_args__ = (Index(None, "authorization_id"),)

    code_challenge_method = "S256"

    def get_redirect_uri(self) -> str:
        """Return the address that the code was sent to."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return what was granted."""
        return self.authorization.scope

    def get_nonce(self) -> str | None:
        """Return the client's nonce, for the id token."""
        return self.nonce

    def get_auth_time(self) -> int:
        """Return when the person proved who they are."""
        return int(self.authorization.authenticated_at.timestamp())

    def get_acr(self) -> str:
        """Return how strongly they proved it."""
        return self.authorization.acr

    def get_amr(self) -> list[str]:
        """Return by what means."""
        return self.authorization.amr


class RefreshToken(Base):
    """One refresh token of a family: good for 30 idle minutes and one use."""

    __tablename__ = "refresh_tokens"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    authorization_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.authorizations.id"))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    authorization: Mapped[Authorization] = relationship(lazy="raise")

    __table_args__ = (Index(None, "authorization_id"),)

    def get_scope(self) -> str:
        """Return what was granted."""
        return self.authorization.scope

    def check_client(self, client: Client) -> bool:
        """Tell whether the token was given to this client."""
        return self.authorization.client_id == client.client_id
