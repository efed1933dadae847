"""What every answer about all organizations has."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.chassis.shapes import ReadShape
from services.ocm.source_freshness.schemas import SourceRead

FiscalYear = Annotated[
    int | None,
    Field(ge=2000, le=2100, description="A calendar year; the present one in Manila if absent."),
]


class Coverage(ReadShape):
    """How many have reported anything for the year: n of N."""

    reported: Annotated[int, Field(description="MOAs with at least one record of the year.")]
    of: Annotated[
        int, Field(description="MOAs that are active, or were and have records of the year.")
    ]
    others_reported: Annotated[int, Field(description="The same of those that are no MOA.")]
    others_of: int


class OrganizationRead(ReadShape):
    """One organization; a figure that is null was not reported and is not zero."""

    org_id: UUID
    code: Annotated[
        str | None, Field(description="Null while the register has not told of it yet.")
    ]
    name: str | None
    org_type: str | None
    is_moa: bool
    is_active: bool
    reported: Annotated[bool, Field(description="Whether it has any record of the year here.")]


class AnswerRead(ReadShape):
    """The frame of an answer: the year, how far it is known, and who is in it."""

    fiscal_year: int
    as_of: Annotated[
        datetime | None,
        Field(description="All that happened up to then is counted; null when not yet confirmed."),
    ]
    sources: list[SourceRead]
    coverage: Coverage
