"""Who is an organization's focal person, from when, until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.identity.db import Base


class FocalDesignationNotFound(NotFound):
    """No designation of this organization has this id."""

    title = "There is no such designation in your organization."


class AlreadyFocal(Conflict):
    """One person is designated once at a time."""

    title = "This member is a focal person already."


class FocalDesignationEnded(Conflict):
    """What has ended is history."""

    title = "The designation has ended."


class FocalDesignation(TenantOwned, Base):
    """One member's time as focal person."""

    __tablename__ = "focal_designations"
    noun = "identity.focal_designation"

    membership_id: Mapped[UUID] = mapped_column(Uuid)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    ended_reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        tenant_fk("membership_id", "identity.memberships"),
        check("term", "to_on >= from_on"),
        Index(
            "uq_focal_designations_standing",
            "org_id",
            "membership_id",
            unique=True,
            postgresql_where=text("to_on IS NULL"),
        ),
    )

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002 (the hook's contract)
        """Return `end` while it stands."""
        return ("end",) if self.to_on is None else ()
