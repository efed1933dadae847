"""Shapes of system grants."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime

from libs.chassis.shapes import ReadShape, Remarks, Shape
from services.identity.system_grants.model import Grant


class SystemGrantRead(ReadShape):
    """A system-wide right of one person, held within one organization."""

    id: UUID
    org_id: UUID
    user_id: UUID
    kind: Grant
    reason: str
    created_at: AwareDatetime
    created_by: UUID
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    version: int


class SystemGrantList(ReadShape):
    """All of them in one organization, with those that were taken back."""

    grants: list[SystemGrantRead]


class SystemGrantRevoke(Shape):
    """Why it is taken back."""

    reason: Remarks
