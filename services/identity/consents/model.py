"""Consents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, ForeignKey, Index, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from uuid_utils.compat import uuid7

from libs.refusals import NotFound
from services.identity.clients.model import Client
from services.identity.db import Base


class ConsentNotFound(NotFound):
    """The person has given no such consent, or has withdrawn it."""

    title = "You have given no such consent."


class Consent(Base):
    """One person's word that one client may have some scopes."""

    __tablename__ = "consents"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    client_id: Mapped[str] = mapped_column(String(60), ForeignKey("identity.clients.client_id"))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    given_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    client: Mapped[Client] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "uq_consents_given",
            "user_id",
            "client_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    @property
    def client_name(self) -> str:
        """The client as people know it."""
        return self.client.name

    def covers(self, scopes: Iterable[str]) -> bool:
        """Tell whether nothing is asked beyond what was consented to."""
        return set(scopes) <= set(self.scopes)

    def widen(self, scopes: Iterable[str], at: datetime) -> None:
        """Add what was consented to now."""
        added = [scope for scope in scopes if scope not in self.scopes]
        self.scopes = [*self.scopes, *added]
        self.given_at = at

    def withdraw(self, at: datetime) -> None:
        """Take the word back."""
        self.withdrawn_at = at
