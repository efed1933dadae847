"""Shapes of approval tiers over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, Money, RecordRead, Shape
from services.budgeting.postings.schemas import PositiveMoney

Role = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z_]{0,49}$"),
    Field(description="A role as the access token names it.", examples=["manager"]),
]


class ApprovalTierCreate(Shape):
    role: Role
    up_to_amount: PositiveMoney


class ApprovalTierChange(ChangeShape):
    up_to_amount: PositiveMoney


class ApprovalTierRead(RecordRead):
    role: str
    up_to_amount: Money


class ApprovalTierPage(Page[ApprovalTierRead]):
    pass


class ApprovalTierFilter(ListParams):
    sort: Literal["up_to_amount", "-up_to_amount"] = "up_to_amount"
