"""Imports that wait, run, or are over, with every fault that was found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.identity.db import Base

MOST_ROWS = 10_000
MOST_FAULTS = 1_000

REQUIRED = ("email", "first_name", "last_name", "organization", "role")
OPTIONAL = ("phone", "department", "position", "username", "language")
APPROVALS = ("can_approve_plans", "can_approve_budgets")
COLUMNS = (*REQUIRED, *OPTIONAL, *APPROVALS)

ROLE_MAP: dict[str, tuple[str, tuple[str, ...]]] = {
    "pilot_admin": ("admin", ()),
    "planner": ("staff", ("planning_officer",)),
    "budget_officer": ("staff", ("budget_officer",)),
    "me_officer": ("staff", ("me_officer",)),
    "viewer": ("viewer", ()),
}
"""What the roles of the pilot's files are here (identity sheet, section 10)."""


class ImportStatus(StrEnum):
    """Where an import stands."""

    queued = "queued"
    running = "running"
    finished = "finished"
    cancelled = "cancelled"


class ImportNotFound(NotFound):
    """No import of this organization has this id."""

    title = "There is no such import."


class ImportNotRunning(Conflict):
    """What is over cannot be stopped."""

    title = "The import is already over."


class ImportFileUnreadable(Invalid):
    """The file is no table with the columns that are needed; no row was looked at."""

    title = "The file cannot be read."


class Import(TenantOwned, Base):
    """One file, how it is to be taken, how far it is, and what was wrong with it."""

    __tablename__ = "imports"
    noun = "identity.import"

    status: Mapped[str] = mapped_column(Text, default=ImportStatus.queued.value)
    dry_run: Mapped[bool]
    partial: Mapped[bool]
    send_emails: Mapped[bool]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    invited: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    is_applied: Mapped[bool] = mapped_column(default=False)
    is_stopping: Mapped[bool] = mapped_column(default=False)
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    beat_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["org_id"], ["identity.organizations.id"]),
        Index(None, "org_id", "created_at"),
        check("status", "status IN ('queued', 'running', 'finished', 'cancelled')"),
        check("wiped", "(status IN ('queued', 'running')) = (sealed IS NOT NULL)"),
        check("settled", "(status IN ('queued', 'running')) = (settled_at IS NULL)"),
    )

    @property
    def place(self) -> str:
        """Where the sealed file stands; it can be unsealed for this import alone."""
        return f"imports.sealed.{self.id}"

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen."""
        return self.status in (ImportStatus.finished, ImportStatus.cancelled)

    def open_actions(self, _actor: Actor) -> Iterable[str]:
        """Return `cancel` until it is over."""
        return () if self.is_over else ("cancel",)

    def requester(self, org_code: str) -> Actor:
        """Return the one who asked, with the rights of that moment: the file gets no others."""
        return Actor(self.created_by, self.org_id, org_code, permissions=tuple(self.permissions))

    def cancel(self, at: datetime) -> None:
        """Stop it: at once when it waits, before the next rows when it runs."""
        if self.is_over:
            raise ImportNotRunning
        if self.status == ImportStatus.queued:
            self.settle(ImportStatus.cancelled, at)
        self.is_stopping = True

    def settle(self, status: ImportStatus, at: datetime) -> None:
        """End it and wipe the file, which is full of people's names."""
        self.status = status.value
        self.sealed = None
        self.settled_at = at
