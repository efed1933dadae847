"""Shapes of decisions on many reviews at once."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, Strict

from libs.chassis.shapes import ReadShape, Shape, Text


class ReviewToDecide(Shape):
    review_id: UUID
    version: Annotated[int, Strict(), Field(ge=1, description="As it was when it was read.")]
    remarks: Annotated[Text, Field(max_length=2_000)] = ""


class BulkReview(Shape):
    decision: Literal["approved", "rejected"]
    reviews: Annotated[list[ReviewToDecide], Field(min_length=1, max_length=100)]


class BulkOutcome(ReadShape):
    review_id: UUID
    is_done: bool
    code: Annotated[str | None, Field(description="The refusal's code where it was refused.")]
    detail: str | None


class BulkOutcomes(ReadShape):
    results: list[BulkOutcome]
