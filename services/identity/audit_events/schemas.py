"""Shapes of audit events."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.csv_tables import csv_of
from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape
from services.identity.audit_events.model import AuditEvent


class AuditFilter(ListParams):
    """Which acts, and in which order."""

    person: Annotated[UUID | None, Field(description="Who did it, or whom it was done to.")] = None
    action: Annotated[str | None, Field(max_length=80, examples=["membership.changed"])] = None
    entity: Annotated[str | None, Field(max_length=60, examples=["membership"])] = None
    entity_id: UUID | None = None
    since: Annotated[AwareDatetime | None, Field(description="From this instant on.")] = None
    until: Annotated[AwareDatetime | None, Field(description="Before this instant.")] = None
    sort: Literal["created_at", "-created_at"] = "-created_at"


class PlatformAuditFilter(AuditFilter):
    """The same over any one trail of the platform."""

    organization_id: Annotated[
        UUID | None, Field(description="Whose trail; without it, the platform's own.")
    ] = None


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


COLUMNS = (
    *("id", "at", "actor_id", "actor_org_id", "person_id", "action", "entity", "entity_id"),
    *("before", "after", "reason", "trace_id", "address"),
)


def as_csv(events: Iterable[AuditEvent]) -> str:
    """Return events as a table for a spreadsheet, in which no cell can begin a formula."""
    told = (AuditEventRead.model_validate(event).model_dump(mode="json") for event in events)
    return csv_of(COLUMNS, ([_cell(each[name]) for name in COLUMNS] for each in told))


def _cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
