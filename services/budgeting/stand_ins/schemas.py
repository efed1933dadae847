"""Shapes of stand-ins over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape


class StandInRead(ReadShape):
    id: UUID
    permission: Annotated[str, Field(description="What was done, such as approving an allotment.")]
    subject_id: Annotated[UUID, Field(description="The record that it was done to.")]
    for_user_id: Annotated[UUID, Field(description="Who was away, and had delegated it.")]
    created_by: Annotated[UUID, Field(description="Who decided in their place.")]
    created_at: AwareDatetime


class StandInPage(Page[StandInRead]):
    pass


class StandInFilter(ListParams):
    subject_id: UUID | None = None
    for_user_id: UUID | None = None
    created_by: UUID | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
