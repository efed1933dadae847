"""Counters: one row a series and year; whoever takes a number holds it until the commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base


class NumberSeries(TenantOwned, Base):
    """The last number given out in one series of one year; a rollback gives it back."""

    __tablename__ = "number_series"
    __table_args__ = (
        UniqueConstraint("org_id", "series", "fiscal_year"),
        check("last_number", "last_number >= 1"),
    )
    noun: ClassVar[str] = "budgeting.number_series"

    series: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    last_number: Mapped[int]


@dataclass(frozen=True, slots=True)
class NextNumber:
    """The next number of a series behind a prefix, for the statement that is to take it."""

    series: str
    fiscal_year: int
    prefix: str = ""
    kept_as: str = ""
    """The column in which a row that is saved with it keeps the number."""
