"""Shapes of scenario rows over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, Strict

from libs.chassis.shapes import Decimal2, Money, Percent, ReadShape, Shape
from services.budgeting.funding_sources.model import FundingSource
from services.budgeting.postings.schemas import PositiveMoney
from services.budgeting.scenario_rows.model import MOST_COUNTED, RowStatus

Counted = Annotated[int, Strict(), Field(ge=0, le=MOST_COUNTED)]


class ScenarioRowIn(Shape):
    ppa_id: UUID
    cost_amount: Annotated[PositiveMoney, Field(description="What the whole of it costs.")]
    amount: Annotated[Money, Field(description="What it gets; never more than it costs.")] = (
        Decimal("0.00")
    )
    funding_source: FundingSource | None = None
    needs: Annotated[Counted, Field(description="Assessed needs that it answers.")] = 0
    communities: Annotated[Counted, Field(description="Communities that it reaches.")] = 0
    goals: Annotated[Counted, Field(description="Strategic goals that it serves.")] = 0


class ScenarioRowRead(ReadShape):
    ppa_id: UUID
    ppa_code: str
    title: str
    funding_source: FundingSource | None
    cost_amount: Money
    amount: Money
    needs: int
    communities: int
    goals: int
    status: RowStatus
    score: Annotated[
        Decimal2,
        Field(
            description="need weight x 10 x needs + coverage weight x 5 x communities"
            " + goals weight x 15 x goals."
        ),
    ]


class SourceShareRead(ReadShape):
    funding_source: Annotated[FundingSource | None, Field(description="Null: not named yet.")]
    amount: Money
    share_percent: Annotated[
        Percent | None, Field(description="Of the allocated amount; null when that is 0.00.")
    ]
