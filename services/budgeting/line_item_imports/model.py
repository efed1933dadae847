"""One uploaded workbook: what it would change, what it may not, and how to take it back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base


class ImportStatus(StrEnum):
    """Where an import stands."""

    previewed = "previewed"
    applied = "applied"
    undone = "undone"


class ImportNotFound(NotFound):
    """The proposal has no such import."""

    title = "This proposal has no such import."


class ImportOfAnother(Invalid):
    """The workbook was exported from another proposal."""

    title = "This workbook belongs to another proposal."


class ImportNotPreviewed(Conflict):
    """An import is applied once."""

    title = "Only an import that was previewed and not yet applied can be applied."


class ImportNotApplied(Conflict):
    """Only what was applied is undone."""

    title = "Only an applied import can be undone."


class ImportOutdated(Conflict):
    """The proposal is no longer what the import was made for."""

    title = "The proposal has changed since; upload the workbook again and look at what differs."


class LineItemImport(TenantOwned, Base):
    """A preview of one workbook against one proposal, and what became of it."""

    __tablename__ = "line_item_imports"
    __table_args__ = (
        tenant_fk("proposal_id", "budgeting.proposals", ondelete="CASCADE"),
        check("status", "status IN ('previewed', 'applied', 'undone')"),
        check("applied", "(status = 'previewed') = (applied_at IS NULL)"),
        check("undone", "(status = 'undone') = (undone_at IS NOT NULL)"),
        check(
            "counts",
            "least(rows_read, rows_added, rows_changed, rows_removed, rows_unchanged,"
            " rows_rejected) >= 0 AND rows_read = rows_added + rows_changed + rows_removed"
            " + rows_unchanged + rows_rejected",
        ),
        Index(None, "org_id", "proposal_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.line_item_import"

    proposal_id: Mapped[UUID] = mapped_column(Uuid)
    file_digest: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    seen_version: Mapped[int]
    applied_version: Mapped[int | None]
    rows_read: Mapped[int]
    rows_added: Mapped[int]
    rows_changed: Mapped[int]
    rows_removed: Mapped[int]
    rows_unchanged: Mapped[int]
    rows_rejected: Mapped[int]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, deferred=True)
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, deferred=True)
    rejections: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, deferred=True)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB, deferred=True)
    applied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002 (the hook's contract)
        """Return `apply` before, `undo` after."""
        if self.status == ImportStatus.previewed:
            yield "apply"
        elif self.status == ImportStatus.applied:
            yield "undo"

    def check_current(self, version: int, *, since: int | None) -> None:
        """Refuse to write over what somebody else changed in between."""
        if version != since:
            raise ImportOutdated(f"It is at version {version}, the import at {since}.")

    def apply(self, at: datetime) -> None:
        """Count as applied; only a preview is."""
        if self.status != ImportStatus.previewed:
            raise ImportNotPreviewed(f"It is {self.status}.")
        self.status, self.applied_at = ImportStatus.applied, at

    def undo(self, at: datetime) -> None:
        """Count as undone; only what was applied is."""
        if self.status != ImportStatus.applied:
            raise ImportNotApplied(f"It is {self.status}.")
        self.status, self.undone_at = ImportStatus.undone, at
