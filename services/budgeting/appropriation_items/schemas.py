"""Shapes of appropriation items over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import Money, RecordRead
from services.budgeting.appropriation_items.model import ItemStatus
from services.budgeting.fiscal_years.schemas import YearAsked
from services.budgeting.line_items.model import ExpenseClass


class AppropriationItemRead(RecordRead):
    issuer_org_id: UUID
    appropriation_id: UUID
    act_item_id: UUID
    act_reference: str
    kind: str
    fiscal_year: int
    program_title: str
    prexc_code: str
    expense_class: ExpenseClass
    funding_source: str
    special_provision: str
    is_for_later_release: bool
    is_lump_sum: bool
    valid_until: date
    status: ItemStatus
    enacted_amount: Money
    appropriated_amount: Money
    allocated_amount: Money
    unallocated_amount: Money


class AppropriationItemPage(Page[AppropriationItemRead]):
    pass


class AppropriationItemFilter(ListParams):
    fiscal_year: YearAsked = None
    expense_class: ExpenseClass | None = None
    status: ItemStatus | None = None
    sort: Literal["created_at", "-created_at", "valid_until", "-valid_until"] = "created_at"
