"""Shapes of assessments over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import (
    ChangeShape,
    Money,
    Percent,
    RecordRead,
    Remarks,
    Shape,
    Text,
)
from services.mana.areas.model import PSGC_FORMS, AreaLevel
from services.mana.assessments.model import (
    AssessmentKind,
    AssessmentPriority,
    AssessmentStatus,
    Methodology,
)

EARLIEST = date(2020, 1, 1)
LATEST = date(2050, 12, 31)

Code = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9/-]{0,29}$"),
    Field(examples=["NA-2026-001"], description="Unique in the organization and year."),
]
AssessmentTitle = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
Day = Annotated[date, Field(ge=EARLIEST, le=LATEST)]
RegionCode = Annotated[str, Field(pattern=PSGC_FORMS["region_psgc"], examples=["1200000000"])]
ProvinceCode = Annotated[str, Field(pattern=PSGC_FORMS["province_psgc"], examples=["1206500000"])]
MunicipalityCode = Annotated[
    str, Field(pattern=PSGC_FORMS["municipality_psgc"], examples=["1206511000"])
]
BarangayCode = Annotated[str, Field(pattern=PSGC_FORMS["barangay_psgc"], examples=["1206511012"])]


def _once_each(told: list[Methodology]) -> list[Methodology]:
    if len(set(told)) < len(told):
        raise ValueError("name each methodology once")
    return told


Methodologies = Annotated[list[Methodology], Field(max_length=8), AfterValidator(_once_each)]


class AssessmentCreate(Shape):
    code: Code
    title: AssessmentTitle
    kind: AssessmentKind
    description: Text = ""
    objectives: Text = ""
    level: AreaLevel
    region_psgc: RegionCode
    province_psgc: ProvinceCode | None = None
    municipality_psgc: MunicipalityCode | None = None
    barangay_psgc: BarangayCode | None = None
    methodology: Methodology
    secondary_methodologies: Methodologies = Field(default_factory=list)
    priority: AssessmentPriority = AssessmentPriority.medium
    planned_start_on: Day
    planned_end_on: Day
    estimated_budget_amount: Money | None = None
    privacy_notice_approved: bool = False
    consent_procedure: Text = ""


class AssessmentChange(ChangeShape):
    code: Code = ""
    title: AssessmentTitle = ""
    kind: AssessmentKind = AssessmentKind.needs_assessment
    description: Text = ""
    objectives: Text = ""
    level: AreaLevel = AreaLevel.regional
    region_psgc: RegionCode = ""
    province_psgc: ProvinceCode | None = None
    municipality_psgc: MunicipalityCode | None = None
    barangay_psgc: BarangayCode | None = None
    methodology: Methodology = Methodology.other
    secondary_methodologies: Methodologies = Field(default_factory=list)
    priority: AssessmentPriority = AssessmentPriority.medium
    planned_start_on: Day = EARLIEST
    planned_end_on: Day = EARLIEST
    estimated_budget_amount: Money | None = None
    privacy_notice_approved: bool = False
    consent_procedure: Text = ""
    findings: Text = ""
    recommendations: Text = ""


class AssessmentCancel(Shape):
    reason: Remarks


class AssessmentSummary(RecordRead):
    code: str
    fiscal_year: int
    title: str
    kind: AssessmentKind
    level: AreaLevel
    region_psgc: str
    province_psgc: str | None
    municipality_psgc: str | None
    barangay_psgc: str | None
    priority: AssessmentPriority
    status: AssessmentStatus
    planned_start_on: date
    planned_end_on: date
    actual_start_on: date | None
    actual_end_on: date | None
    estimated_budget_amount: Money | None
    duration_days: Annotated[int, Field(description="Days planned, both ends counted.")]
    is_overdue: Annotated[bool, Field(description="Open after its planned end, in Manila.")]
    progress: Annotated[
        Percent | None,
        Field(description="Percent by stage: 0, 20, 40, 60, 80, 100; null when cancelled."),
    ]


class AssessmentRead(AssessmentSummary):
    description: str
    objectives: str
    methodology: Methodology
    secondary_methodologies: list[Methodology]
    privacy_notice_approved: bool
    consent_procedure: str
    findings: str
    recommendations: str
    status_reason: str


class AssessmentPage(Page[AssessmentSummary]):
    pass


class AssessmentFilter(ListParams):
    status: AssessmentStatus | None = None
    kind: AssessmentKind | None = None
    level: AreaLevel | None = None
    priority: AssessmentPriority | None = None
    fiscal_year: Annotated[int | None, Field(ge=EARLIEST.year, le=LATEST.year)] = None
    region_psgc: RegionCode | None = None
    sort: Literal[
        "created_at",
        "-created_at",
        "title",
        "-title",
        "planned_start_on",
        "-planned_start_on",
        "planned_end_on",
        "-planned_end_on",
    ] = "-created_at"
