"""Shapes of act items over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, StrictBool

from libs.chassis.shapes import ChangeShape, Money, RecordRead, Shape, Text, Title
from services.budgeting.funding_sources.model import FundingSource
from services.budgeting.line_items.model import ExpenseClass
from services.budgeting.programs.schemas import PrexcCode


def _some(amount: Decimal) -> Decimal:
    if amount == 0:
        raise ValueError("the amount must be more than 0")
    return amount


SomeMoney = Annotated[Money, AfterValidator(_some)]
"""PHP, more than nothing."""


class ActItemCreate(Shape):
    for_org_id: UUID
    program_title: Title
    prexc_code: PrexcCode = ""
    expense_class: ExpenseClass
    funding_source: FundingSource
    special_provision: Text = ""
    is_for_later_release: StrictBool = False
    is_lump_sum: StrictBool = False
    amount: SomeMoney


class ActItemChange(ChangeShape):
    program_title: Title = ""
    prexc_code: PrexcCode = ""
    expense_class: ExpenseClass = ExpenseClass.mooe
    funding_source: FundingSource = FundingSource.block_grant
    special_provision: Text = ""
    is_for_later_release: StrictBool = False
    is_lump_sum: StrictBool = False
    amount: SomeMoney = Decimal(0)


class ActItemRead(RecordRead):
    appropriation_id: UUID
    for_org_id: UUID
    program_title: str
    prexc_code: str
    expense_class: ExpenseClass
    funding_source: FundingSource
    special_provision: str
    is_for_later_release: bool
    is_lump_sum: bool
    amount: Money
