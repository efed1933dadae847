"""The answer about budgets."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from libs.chassis.shapes import Decimal2, Money, Percent, ReadShape
from services.ocm.figures.schemas import AnswerRead, OrganizationRead


class ClassFigures(ReadShape):
    expense_class: str
    proposed_amount: Money
    approved_amount: Money
    appropriated_amount: Money
    allotted_amount: Money
    obligated_amount: Money
    disbursed_amount: Money


class QuarterFigures(ReadShape):
    quarter: Annotated[int, Field(ge=1, le=4)]
    allotted_amount: Money
    obligated_amount: Money
    disbursed_amount: Money


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
    appropriated_amount: Annotated[
        Money | None, Field(description="B5: enacted, adjustments included.")
    ]
    allotted_amount: Annotated[Money | None, Field(description="B6: released, net of withdrawals.")]
    obligated_amount: Annotated[
        Money | None, Field(description="B7: bound by obligations that stand.")
    ]
    disbursed_amount: Annotated[Money | None, Field(description="B8: paid, gross, void ones out.")]
    allotment_rate_of_approved: Annotated[Percent | None, Field(description="B9: B6 of B2.")]
    obligation_rate_of_allotted: Annotated[Percent | None, Field(description="B9: B7 of B6.")]
    disbursement_rate_of_obligated: Annotated[Percent | None, Field(description="B9: B8 of B7.")]
    utilisation_of_allotted: Annotated[Percent | None, Field(description="B10: B8 of B6.")]
    utilisation_of_appropriated: Annotated[Percent | None, Field(description="B8 of B5.")]
    absorption_of_approved: Annotated[Percent | None, Field(description="B10: B8 of B2.")]
    unobligated_amount: Annotated[Decimal2 | None, Field(description="B11: B6 less B7.")]
    unpaid_amount: Annotated[Decimal2 | None, Field(description="B11: B7 less B8.")]
    programmed_amount: Annotated[
        Money | None,
        Field(description="The cash programme to date: cash received for periods that have begun."),
    ]
    programme_variance_amount: Annotated[
        Decimal2 | None, Field(description="B12: B8 less the cash programme to date.")
    ]
    programme_variance_of_programmed: Annotated[
        Percent | None, Field(description="B12 of the cash programme to date.")
    ]
    breaches: Annotated[
        list[str] | None,
        Field(description="Pairs out of order in B8 <= B7 <= B6 <= B5; never capped."),
    ]
    by_class: Annotated[
        list[ClassFigures] | None, Field(description="B14: B1, B2 and B5 to B8 by expense class.")
    ]
    by_quarter: Annotated[
        list[QuarterFigures] | None, Field(description="B14: B6 to B8 by quarter.")
    ]


class OrganizationBudget(OrganizationRead, BudgetFigures):
    median_days_to_obligate: Annotated[
        Decimal2 | None, Field(description="B15: from release to obligation.")
    ]
    median_days_to_pay: Annotated[
        Decimal2 | None, Field(description="B15: from obligation to payment.")
    ]


class BudgetAnswer(AnswerRead):
    organizations: list[OrganizationBudget]
    forecast_disbursed_amount: Annotated[
        Money | None,
        Field(description="B13, an estimate: B8 of all over the share of the year that is past."),
    ]
    totals: Annotated[BudgetFigures, Field(description="Over all organizations listed.")]
    moa_totals: Annotated[BudgetFigures, Field(description="Over the MOAs alone.")]
