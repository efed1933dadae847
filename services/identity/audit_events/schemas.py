"""Shapes of audit events."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape


class AuditFilter(ListParams):
    """Which acts, and in which order."""

    person: Annotated[UUID | None, Field(description="Who did it, or whom it was done to.")] = None
    action: Annotated[str | None, Field(max_length=80, examples=["membership.changed"])] = None
    entity: Annotated[str | None, Field(max_length=60, examples=["membership"])] = None
    entity_id: UUID | None = None
    since: Annotated[AwareDatetime | None, Field(description="From this instant on.")] = None
    until: Annotated[AwareDatetime | None, Field(description="Before this instant.")] = None
    sort: Literal["created_at", "-created_at"] = "-created_at"


class AuditEventRead(ReadShape):
    """One act of the trail."""

    id: UUID
    at: Annotated[AwareDatetime, Field(validation_alias="created_at")]
    actor_id: Annotated[UUID, Field(validation_alias="created_by")]
    actor_org_id: UUID
    person_id: UUID | None
    action: str
    entity: str
    entity_id: UUID | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str
    trace_id: str
    address: str


class AuditEventPage(Page[AuditEventRead]):
    """One page of a trail."""
