"""Shapes of scenarios over HTTP."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import (
    ChangeShape,
    Decimal2,
    Money,
    ReadShape,
    RecordRead,
    Remarks,
    Shape,
    Text,
    Title,
)
from services.budgeting.fiscal_years.schemas import Year, YearAsked
from services.budgeting.postings.schemas import PositiveMoney
from services.budgeting.scenario_rows.model import Method
from services.budgeting.scenario_rows.schemas import (
    ScenarioRowIn,
    ScenarioRowRead,
    SourceShareRead,
)
from services.budgeting.scenarios.model import ScenarioKind, ScenarioStatus

WEIGHT_PATTERN = r"^(1(\.00?)?|0(\.[0-9]{1,2})?)$"


def _weight(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not re.fullmatch(WEIGHT_PATTERN, value):
        raise ValueError('write the weight as a string from "0" to "1", such as "0.40"')
    return Decimal(value)


Weight = Annotated[
    Decimal,
    BeforeValidator(_weight),
    PlainSerializer(lambda value: f"{value:.2f}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": WEIGHT_PATTERN, "examples": ["0.40"]}),
]


class WeightsIn(Shape):
    """How much needs, communities and goals count; together exactly 1."""

    need: Weight = Decimal("0.40")
    coverage: Weight = Decimal("0.30")
    goals: Weight = Decimal("0.30")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (whole := self.need + self.coverage + self.goals) != 1:
            raise ValueError(f"the weights must add up to 1; they make {whole}")
        return self


class WeightsRead(ReadShape):
    need: Weight
    coverage: Weight
    goals: Weight


def _each_once(rows: list[ScenarioRowIn]) -> list[ScenarioRowIn]:
    if len({row.ppa_id for row in rows}) < len(rows):
        raise ValueError("name each PPA once")
    return rows


Rows = Annotated[
    list[ScenarioRowIn],
    Field(max_length=500, default_factory=list, description="All of them, one for each PPA."),
    AfterValidator(_each_once),
]


class ScenarioCreate(Shape):
    title: Title
    fiscal_year: Year
    kind: ScenarioKind = ScenarioKind.custom
    description: Text = ""
    weights: Annotated[WeightsIn, Field(default_factory=WeightsIn)]
    total_amount: Annotated[PositiveMoney, Field(description="What there is to share.")]
    rows: Rows


class ScenarioChange(ChangeShape):
    title: Title = ""
    kind: ScenarioKind = ScenarioKind.custom
    description: Text = ""
    weights: Annotated[WeightsIn, Field(default_factory=WeightsIn)]
    total_amount: PositiveMoney = Decimal(0)
    rows: Rows


class ScenarioReturn(Shape):
    remarks: Remarks


class ScenarioApprove(Shape):
    rejected_ppa_ids: Annotated[
        list[UUID],
        Field(max_length=500, default_factory=list, description="PPAs that are turned down."),
    ]


class ScenarioSummary(RecordRead):
    title: str
    fiscal_year: int
    kind: ScenarioKind
    status: ScenarioStatus
    total_amount: Money
    allocated_amount: Annotated[Money, Field(description="The sum of the rows that count.")]
    decided_by: UUID | None
    decided_at: AwareDatetime | None
    applied_proposal_id: Annotated[
        UUID | None, Field(description="The draft that it was last applied to.")
    ]


class ScenarioRead(ScenarioSummary):
    description: str
    remarks: str
    weights: WeightsRead
    rows: list[ScenarioRowRead]
    funding_mix: list[SourceShareRead]


class ScenarioPage(Page[ScenarioSummary]):
    pass


class ScenarioFilter(ListParams):
    fiscal_year: YearAsked = None
    kind: ScenarioKind | None = None
    status: ScenarioStatus | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"


class SuggestionAsked(Shape):
    method: Annotated[
        Method,
        Field(
            description="efficiency: whole PPAs, the best score for the peso first;"
            " proportion: each cut alike, or given of what it lacks."
        ),
    ] = Method.efficiency
    total_amount: Annotated[
        Money | None, Field(description="What to share; the scenario's total when left out.")
    ] = None


class SuggestedRowRead(ReadShape):
    ppa_id: UUID
    title: str
    score: Decimal2
    cost_amount: Money
    amount: Annotated[Money, Field(description="As it is now.")]
    suggested_amount: Money


class SuggestionRead(ReadShape):
    """What each PPA could get; nothing is changed by it."""

    method: Method
    total_amount: Money
    allocated_amount: Annotated[Money, Field(description="The sum of what is suggested.")]
    left_amount: Money
    rows: list[SuggestedRowRead]


class ScenarioSideRead(ReadShape):
    scenario_id: UUID
    title: str
    kind: ScenarioKind
    status: ScenarioStatus
    weights: WeightsRead
    total_amount: Money
    allocated_amount: Money
    funding_mix: list[SourceShareRead]


class ComparedRowRead(ReadShape):
    """One PPA of either; null where the other one does not have it, or has turned it down."""

    ppa_id: UUID
    title: str
    amount: Money | None
    other_amount: Money | None
    difference_amount: Decimal2
    score: Decimal2 | None
    other_score: Decimal2 | None


class ScenarioComparisonRead(ReadShape):
    scenario: ScenarioSideRead
    other: ScenarioSideRead
    difference_amount: Annotated[Decimal2, Field(description="The other one less this one.")]
    rows: list[ComparedRowRead]
