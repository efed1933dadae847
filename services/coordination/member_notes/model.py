"""Private notes of an organization on a partnership that it leads, joined or is asked to join."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned
from services.coordination.activities.model import written_by_the_circle
from services.coordination.db import Base


class NoteNotFound(NotFound):
    """Your organization has no such note."""

    title = "Your organization has no such note on this partnership."


class PartnershipNote(TenantOwned, Base):
    """A note that no other organization reads, neither the lead nor any member."""

    __tablename__ = "partnership_notes"
    __table_args__ = (
        *written_by_the_circle("partnership_notes", ondelete="CASCADE"),
        Index(
            "ix_partnership_notes_partnership",
            "org_id",
            "lead_org_id",
            "partnership_id",
            "created_at",
        ),
    )
    noun: ClassVar[str] = "coordination.partnership_note"

    lead_org_id: Mapped[UUID] = mapped_column(Uuid)
    partnership_id: Mapped[UUID] = mapped_column(Uuid)
    invitation_id: Mapped[UUID | None] = mapped_column(Uuid)
    text: Mapped[str] = mapped_column(Text)

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002 (the hook's contract)
        """Return the verbs that are always open to the writer's organization."""
        return ("delete",)
