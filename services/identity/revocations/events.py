"""What is announced of revocations; ids and instants, nothing about anyone."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from libs.outbox.event import Event


class RevocationMade(Event):
    """Rights were taken away; every service refuses the tokens that were issued before."""

    subject: ClassVar[str] = "identity.revocation.made.v1"

    id: UUID
    session_id: UUID | None
    user_id: UUID | None
    org_id: UUID | None
    issued_before: AwareDatetime
    expires_at: AwareDatetime
