"""Shapes of deliveries over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape
from services.budgeting.deliveries.model import DeliveryStatus


class DeliveryRead(ReadShape):
    id: UUID
    org_id: Annotated[UUID, Field(description="The organization that it concerns.")]
    issuer_org_id: UUID
    subject: str
    about_id: UUID
    status: DeliveryStatus
    reason: str
    created_at: AwareDatetime


class DeliveryPage(Page[DeliveryRead]):
    pass


class DeliveryFilter(ListParams):
    about_id: UUID | None = None
    status: DeliveryStatus | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
