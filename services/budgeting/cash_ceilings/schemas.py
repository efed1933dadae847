"""Shapes of the cash ceiling over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictBool

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape, Remarks, Shape


class CashCeilingCreate(Shape):
    is_enforced: Annotated[
        StrictBool, Field(description="Whether every payment must find cash received for it.")
    ]
    reason: Remarks


class CashCeilingRead(ReadShape):
    id: UUID
    is_enforced: bool
    reason: str
    created_by: UUID
    created_at: AwareDatetime


class CashCeilingPage(Page[CashCeilingRead]):
    pass


class CashCeilingFilter(ListParams):
    sort: Literal["created_at", "-created_at"] = "-created_at"
