"""The answer about coordination."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.chassis.shapes import Money, Percent, ReadShape
from services.ocm.figures.schemas import AnswerRead, OrganizationRead


class CoordinationFigures(ReadShape):
    led_by_status: Annotated[
        dict[str, int] | None, Field(description="C1: partnerships led, by state, after draft.")
    ]
    led_by_type: Annotated[dict[str, int] | None, Field(description="C1: by type.")]
    led_by_priority: Annotated[dict[str, int] | None, Field(description="C1: by priority.")]
    led_budget_amount: Annotated[
        Money | None, Field(description="C1: value of those led, as far as it is known.")
    ]
    joined_by_status: Annotated[
        dict[str, int] | None, Field(description="Taken part in as an accepted participant.")
    ]
    partners_count: Annotated[
        int | None,
        Field(
            description="C3: organizations that share an active partnership with it; in a total,"
            " organizations that have a partner."
        ),
    ]
    share_led: Annotated[
        Percent | None, Field(description="C3: led of all that it leads or takes part in.")
    ]


class OrganizationCoordination(OrganizationRead, CoordinationFigures):
    pass


class PairRead(ReadShape):
    """C2: how many active partnerships two organizations share, each pair once."""

    first_org_id: UUID
    first_code: str | None
    second_org_id: UUID
    second_code: str | None
    lead_participant: Annotated[int, Field(description="One of them leads.")]
    participant_participant: Annotated[int, Field(description="A third organization leads.")]


class CoordinationAnswer(AnswerRead):
    organizations: list[OrganizationCoordination]
    matrix: list[PairRead]
    totals: Annotated[CoordinationFigures, Field(description="Over all organizations listed.")]
    moa_totals: Annotated[CoordinationFigures, Field(description="Over the MOAs alone.")]
