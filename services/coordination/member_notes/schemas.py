"""Shapes of private notes over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import RecordRead, Shape


class NoteCreate(Shape):
    text: Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"\S")]


class NoteRead(RecordRead):
    partnership_id: UUID
    text: str


class NotePage(Page[NoteRead]):
    pass


class NoteFilter(ListParams):
    sort: Literal["created_at", "-created_at"] = "-created_at"
