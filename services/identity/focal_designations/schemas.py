"""Shapes of focal designations."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import RecordRead, Remarks, Shape


class FocalDesignationCreate(Shape):
    """Which member speaks for the organization."""

    membership_id: UUID


class FocalDesignationEnd(Shape):
    """Why someone is focal person no more."""

    reason: Remarks


class FocalDesignationRead(RecordRead):
    """One member's time as focal person."""

    membership_id: UUID
    user_id: UUID
    from_on: date
    to_on: date | None
    ended_reason: str


class FocalDesignationPage(Page[FocalDesignationRead]):
    """One page of designations."""


class FocalDesignationListParams(ListParams):
    """Which designations, and in which order."""

    standing: bool | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
