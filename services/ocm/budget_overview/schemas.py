"""The answer about budgets."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from libs.chassis.shapes import Money, Percent, ReadShape
from services.ocm.figures.schemas import AnswerRead, OrganizationRead


class ClassFigures(ReadShape):
    expense_class: str
    proposed_amount: Money
    approved_amount: Money


class BudgetFigures(ReadShape):
    proposals_by_status: dict[str, int] | None
    proposed_amount: Annotated[
        Money | None, Field(description="B1: requested, submitted, under review or approved.")
    ]
    approved_amount: Annotated[Money | None, Field(description="B2: granted to approved ones.")]
    proposals_decided: Annotated[
        int | None, Field(description="Approved or rejected: the denominator of B4.")
    ]
    decided_requested_amount: Annotated[
        Money | None, Field(description="What the decided ones asked for: the denominator of B3.")
    ]
    approval_rate_by_value: Annotated[
        Percent | None, Field(description="B3: granted of what the decided proposals asked for.")
    ]
    approval_rate_by_count: Annotated[
        Percent | None, Field(description="B4: approved of the decided proposals.")
    ]
    by_class: Annotated[
        list[ClassFigures] | None, Field(description="B14: B1 and B2 by expense class.")
    ]


class OrganizationBudget(OrganizationRead, BudgetFigures):
    pass


class BudgetAnswer(AnswerRead):
    organizations: list[OrganizationBudget]
    totals: Annotated[BudgetFigures, Field(description="Over all organizations listed.")]
    moa_totals: Annotated[BudgetFigures, Field(description="Over the MOAs alone.")]
