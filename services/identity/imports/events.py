"""What imports announce: numbers, never names."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from libs.outbox.event import Event


class ImportFinished(Event):
    """A file of people was taken in or refused; the invited may now accept."""

    subject: ClassVar[str] = "identity.import.finished.v1"

    id: UUID
    rows_total: int
    invited: int
    known: int
    failed: int
    is_applied: bool
    dry_run: bool
    partial: bool
