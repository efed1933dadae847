"""Appropriations and their extension acts: fields, states, guards (budgeting sheet, section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Date, DateTime, Index, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.act_items.model import ActItem
from services.budgeting.db import Base


class AppropriationStatus(StrEnum):
    """States of an act."""

    draft = "draft"
    enacted = "enacted"
    published = "published"
    lapsed = "lapsed"


class AppropriationKind(StrEnum):
    """What kind of act it is."""

    general = "general"
    supplemental = "supplemental"
    continuing = "continuing"
    automatic = "automatic"


class AppropriationNotFound(NotFound):
    """There is no such act, or it is another organization's draft."""

    title = "There is no such appropriation."


class AppropriationNotDraft(Conflict):
    """What was enacted stands."""

    title = "Only a draft appropriation can be changed, enacted or deleted."


class AppropriationNotEnacted(Conflict):
    """The act is a draft, or over."""

    title = "Only an enacted appropriation is open to this."


class AppropriationEmpty(Conflict):
    """An act without items authorises nothing."""

    title = "An appropriation needs at least one item."


class AppropriationStillValid(Conflict):
    """An act lapses after its last day."""

    title = "The appropriation is still valid."


class EntererMayNotEnact(Forbidden):
    """Who entered or edited an act never enacts it."""

    title = "Someone who did not enter the appropriation must enact it."


class ValidityInvalid(Invalid):
    """The last day lies before the year, or an extension gives no more time."""

    title = "The last day of validity is not possible."


class Appropriation(TenantOwned, Base):
    """An act as its issuer enters it: reference, year, validity, items."""

    __tablename__ = "appropriations"
    __table_args__ = (
        UniqueConstraint("org_id", "act_reference"),
        check("fiscal_year", "fiscal_year BETWEEN 2020 AND 2100"),
        check("kind", "kind IN ('general', 'supplemental', 'continuing', 'automatic')"),
        check("status", "status IN ('draft', 'enacted', 'published', 'lapsed')"),
        check("validity", "valid_until >= make_date(fiscal_year, 1, 1)"),
        check("enacted", "(enacted_at IS NULL) = (enacted_by IS NULL)"),
        check("enacted_known", "(status = 'draft') = (enacted_at IS NULL)"),
        check("enterers", "created_by = ANY (enterers)"),
        check("enacter", "enacted_by <> ALL (enterers)"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.appropriation"

    fiscal_year: Mapped[int]
    act_reference: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    enacted_on: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    enterers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    enacted_by: Mapped[UUID | None] = mapped_column(Uuid)
    enacted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    items: Mapped[list[ActItem]] = relationship(
        lazy="raise",
        order_by=ActItem.id,
        cascade="all, delete-orphan",
        back_populates="appropriation",
    )

    @property
    def total_amount(self) -> Decimal:
        """The sum of its items."""
        return sum((item.amount for item in self.items), Decimal("0.00"))

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; who entered it never enacts it."""
        if self.status == AppropriationStatus.draft:
            yield from ("change", "delete")
            if actor.user_id not in self.enterers:
                yield "enact"
        elif self.status != AppropriationStatus.lapsed:
            if self.status == AppropriationStatus.enacted:
                yield "publish"
            yield "extend"
            if self.today > self.valid_until:
                yield "lapse"

    def enter(self, *, by: UUID, at: datetime) -> None:
        """Open a draft to a change and count who makes it among those who entered it."""
        self.check_draft()
        if by not in self.enterers:
            self.enterers = [*self.enterers, by]
        self.touch(at)

    def check_draft(self) -> None:
        """Refuse to change what was enacted."""
        if self.status != AppropriationStatus.draft:
            raise AppropriationNotDraft(f"It is {self.status}.")

    def check_validity(self) -> None:
        """Refuse a last day before the fiscal year."""
        if self.valid_until < date(self.fiscal_year, 1, 1):
            raise ValidityInvalid(
                f"It must be in {self.fiscal_year} or later.", pointer="/body/valid_until"
            )

    def enact(self, *, by: UUID, at: datetime) -> None:
        """Give every organization its items; the act stands from here on."""
        self.check_draft()
        if by in self.enterers:
            raise EntererMayNotEnact
        if not self.items:
            raise AppropriationEmpty
        self.status = AppropriationStatus.enacted
        self.enacted_by, self.enacted_at = by, at

    def publish_act(self) -> None:
        """Note that the act was published."""
        if self.status != AppropriationStatus.enacted:
            raise AppropriationNotEnacted(f"It is {self.status}.")
        self.status = AppropriationStatus.published

    def check_in_force(self) -> None:
        """Refuse what only an enacted act is open to."""
        if self.status in (AppropriationStatus.draft, AppropriationStatus.lapsed):
            raise AppropriationNotEnacted(f"It is {self.status}.")

    def extend(self, valid_until: date) -> None:
        """Give all its items more time by another act."""
        self.check_in_force()
        if valid_until <= self.valid_until:
            raise ValidityInvalid(
                f"It is valid until {self.valid_until}.", pointer="/body/valid_until"
            )
        self.valid_until = valid_until

    def lapse(self) -> None:
        """End its authority after its last day."""
        self.check_in_force()
        if self.today <= self.valid_until:
            raise AppropriationStillValid(f"It is valid until {self.valid_until}.")
        self.status = AppropriationStatus.lapsed


class ActExtension(TenantOwned, Base):
    """Another act that gave the items more time; never changed or removed."""

    __tablename__ = "act_extensions"
    __table_args__ = (
        tenant_fk("appropriation_id", "budgeting.appropriations"),
        UniqueConstraint("org_id", "appropriation_id", "valid_until"),
        check("reference", "act_reference ~ '[^[:space:]]'"),
    )
    noun: ClassVar[str] = "budgeting.appropriation"

    appropriation_id: Mapped[UUID] = mapped_column(Uuid)
    act_reference: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[date] = mapped_column(Date)
