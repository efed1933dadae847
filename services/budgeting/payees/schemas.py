"""Shapes of payees over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict, StringConstraints

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, RecordRead, Shape, Title
from services.budgeting.payees.model import PayeeType

Tin = Annotated[
    str,
    StringConstraints(pattern=r"^([0-9]{9}|[0-9]{12}|[0-9]{14})$"),
    Field(description="Digits only, with or without the branch code.", examples=["123456789000"]),
]
Address = Annotated[str, StringConstraints(max_length=500)]


class PayeeCreate(Shape):
    name: Title
    payee_type: PayeeType
    tin: Tin | None = None
    address: Address = ""


class PayeeChange(ChangeShape):
    name: Title = ""
    payee_type: PayeeType = PayeeType.other
    tin: Tin | None = None
    address: Address = ""
    is_active: Annotated[bool, Strict()] = True


class PayeeRead(RecordRead):
    name: str
    payee_type: PayeeType
    tin: Annotated[
        str | None,
        Field(
            validation_alias="shown_tin",
            description="Masked but for its last digits without `budgeting.payee.read_tin`.",
        ),
    ]
    address: str
    is_active: bool


class PayeePage(Page[PayeeRead]):
    pass


class PayeeFilter(ListParams):
    payee_type: PayeeType | None = None
    name: Annotated[
        str | None, Field(max_length=100, description="Part of the name, any case.")
    ] = None
    sort: Literal["created_at", "-created_at", "name", "-name"] = "name"
