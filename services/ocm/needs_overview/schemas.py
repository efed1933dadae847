"""The answer about needs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from libs.chassis.shapes import Money, ReadShape
from services.ocm.figures.schemas import AnswerRead, OrganizationRead


class NeedsFigures(ReadShape):
    assessments_by_status: dict[str, int] | None
    assessments_by_level: dict[str, int] | None
    assessments_overdue: Annotated[
        int | None, Field(description="Open, and their planned end has passed in Manila.")
    ]
    estimated_budget_amount: Annotated[
        Money | None, Field(description="Sum of the estimates that are known, without cancelled.")
    ]


class OrganizationNeeds(OrganizationRead, NeedsFigures):
    pass


class NeedsAnswer(AnswerRead):
    organizations: list[OrganizationNeeds]
    totals: Annotated[NeedsFigures, Field(description="Over all organizations listed.")]
    moa_totals: Annotated[NeedsFigures, Field(description="Over the MOAs alone.")]
