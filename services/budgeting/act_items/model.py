"""Items of acts as their issuer enters them (budgeting sheet, section 5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Conflict, NotFound
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base
from services.budgeting.funding_sources.model import SOURCES_SQL


class ActItemNotFound(NotFound):
    """The act has no such item."""

    title = "This appropriation has no such item."


class ActItemExists(Conflict):
    """An act gives an organization one amount for the same program, class and source."""

    title = "The act has an item for this organization, program, class and source already."


class ActItem(TenantOwned, Base):
    """The authority that an act gives; in the organization it concerns it becomes an item there."""

    __tablename__ = "act_items"
    __table_args__ = (
        tenant_fk("appropriation_id", "budgeting.appropriations"),
        check("expense_class", "expense_class IN ('ps', 'mooe', 'fe', 'co')"),
        check("funding_source", f"funding_source IN ({SOURCES_SQL})"),
        check("amount", "amount BETWEEN 0.01 AND 9999999999999999.99"),
        Index(
            "uq_act_items_key",
            "org_id",
            "appropriation_id",
            "for_org_id",
            "program_title",
            "prexc_code",
            "expense_class",
            "funding_source",
            unique=True,
        ),
    )
    noun: ClassVar[str] = "budgeting.appropriation"

    appropriation_id: Mapped[UUID] = mapped_column(Uuid)
    for_org_id: Mapped[UUID] = mapped_column(Uuid)
    program_title: Mapped[str] = mapped_column(Text)
    prexc_code: Mapped[str] = mapped_column(Text)
    expense_class: Mapped[str] = mapped_column(Text)
    funding_source: Mapped[str] = mapped_column(Text)
    special_provision: Mapped[str] = mapped_column(Text)
    is_for_later_release: Mapped[bool]
    is_lump_sum: Mapped[bool]
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    appropriation: Mapped[Any] = relationship("Appropriation", lazy="raise", back_populates="items")
