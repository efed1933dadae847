"""Shapes of act items over HTTP."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from pydantic import StrictBool

from libs.chassis.shapes import ChangeShape, Money, RecordRead, Shape, Text, Title
from services.budgeting.funding_sources.model import FundingSource
from services.budgeting.line_items.model import ExpenseClass
from services.budgeting.postings.schemas import PositiveMoney
from services.budgeting.programs.schemas import PrexcCode


class ActItemCreate(Shape):
    for_org_id: UUID
    program_title: Title
    prexc_code: PrexcCode = ""
    expense_class: ExpenseClass
    funding_source: FundingSource
    special_provision: Text = ""
    is_for_later_release: StrictBool = False
    is_lump_sum: StrictBool = False
    amount: PositiveMoney


class ActItemChange(ChangeShape):
    program_title: Title = ""
    prexc_code: PrexcCode = ""
    expense_class: ExpenseClass = ExpenseClass.mooe
    funding_source: FundingSource = FundingSource.block_grant
    special_provision: Text = ""
    is_for_later_release: StrictBool = False
    is_lump_sum: StrictBool = False
    amount: PositiveMoney = Decimal(0)


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
