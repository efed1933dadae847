"""The catalogue of object codes, and what it says about a line (budgeting sheet, 4.3 and 13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from sqlalchemy import Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Invalid
from libs.tenancy.rows import check
from services.budgeting.db import Base
from services.budgeting.line_items.model import ExpenseClass

FULL_LENGTH = 10
GROUPS = {
    "501": ExpenseClass.ps,
    "502": ExpenseClass.mooe,
    "503": ExpenseClass.fe,
    "506": ExpenseClass.co,
}
"""The expense class of a code by its first three digits."""

GROUPS_SQL = ", ".join(f"('{group}', '{of}')" for group, of in GROUPS.items())
LISTED = "Choose one of those that object-codes lists for the fiscal year."


class ObjectClassDiffers(Invalid):
    """The code belongs to another expense class than the line."""

    title = "The object code belongs to another expense class."


class ObjectCodeUnknown(Invalid):
    """The catalogue has no such code."""

    title = "There is no such object code."


class ObjectCodeNotValid(Invalid):
    """The code was in use in other years."""

    title = "The object code is not valid in this fiscal year."


class SemiExpendable(Invalid):
    """What costs less than the threshold per unit is no capital outlay."""

    title = "At this unit cost it is semi-expendable, not a capital outlay."


class LinesOutdated(Conflict):
    """Lines that were entered before do not agree with the catalogue any more."""

    title = "Some lines do not agree with the object codes of the fiscal year."


class ObjectCode(Base):
    """One object of expenditure: its title, its class, the fiscal years in which it is used.

    `semi_expendable_code` is what takes its place below the threshold of capital outlays; land,
    infrastructure and buildings have none, because they are counted by area or length.
    """

    __tablename__ = "object_codes"
    __table_args__ = (
        check("code", "code ~ '^[0-9]{10}$'"),
        check("group", f"(left(code, 3), expense_class) IN ({GROUPS_SQL})"),
        check(
            "semi_expendable",
            "semi_expendable_code IS NULL"
            " OR semi_expendable_code ~ '^502[0-9]{7}$' AND left(code, 3) = '506'",
        ),
        check("valid", "valid_from <= valid_to"),
    )

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_to: Mapped[int | None]
    title: Mapped[str] = mapped_column(Text)
    expense_class: Mapped[str] = mapped_column(Text)
    semi_expendable_code: Mapped[str | None] = mapped_column(Text)
    is_sample: Mapped[bool]

    def is_valid_in(self, fiscal_year: int) -> bool:
        """Tell whether lines of the fiscal year may have it."""
        return self.valid_from <= fiscal_year <= (self.valid_to or fiscal_year)

    @property
    def label(self) -> str:
        """How a list names it: the code first, then the title."""
        return f"{self.code} {self.title}"


class CapitalThreshold(Base):
    """The least unit cost of a capital outlay in some fiscal years, and who says so."""

    __tablename__ = "capital_thresholds"
    __table_args__ = (
        check("amount", "amount BETWEEN 0 AND 9999999999999999.99"),
        check("valid", "valid_from <= valid_to"),
    )

    valid_from: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_to: Mapped[int | None]
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    source: Mapped[str] = mapped_column(Text)


class Classified(Protocol):
    """What the catalogue is asked about: a line, sent or stored."""

    @property
    def expense_class(self) -> str:
        """One of the four."""

    @property
    def object_code(self) -> str:
        """Eight or ten digits."""

    @property
    def unit_cost_amount(self) -> Decimal:
        """For one unit."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The codes that matter, by code in all their years, and the threshold of one fiscal year."""

    fiscal_year: int
    codes: dict[str, list[ObjectCode]]
    threshold: Decimal | None

    @classmethod
    def of(cls, year: int, rows: Iterable[ObjectCode], threshold: Decimal | None) -> Catalogue:
        """Arrange rows by code."""
        codes: dict[str, list[ObjectCode]] = {}
        for row in rows:
            codes.setdefault(row.code, []).append(row)
        return cls(year, codes, threshold)

    def check(self, line: Classified, pointer: str = "/body") -> None:
        """Refuse a line whose code is unknown, of other years or of another class, or too cheap."""
        told = ExpenseClass(line.expense_class)
        group = GROUPS.get(line.object_code[:3])
        if group is not None and group != told:
            raise ObjectClassDiffers(
                f"{line.object_code} is {group.upper()} and the line is {told.upper()}: change"
                f" expense_class to {group}, or choose a code of the class {told.upper()}.",
                pointer=f"{pointer}/object_code",
            )
        found = self._find(line.object_code, pointer)
        if found.semi_expendable_code is None or self.threshold is None:
            return
        if line.unit_cost_amount < self.threshold:
            raise SemiExpendable(
                f"Below {self.threshold} a unit, write expense_class mooe and object_code"
                f" {found.semi_expendable_code}; or correct the unit cost.",
                pointer=f"{pointer}/unit_cost_amount",
            )

    def check_charge(self, code: str, to: str, pointer: str) -> None:
        """Refuse to charge a code to an allotment of another class, or one not in use this year."""
        group = GROUPS.get(code[:3])
        if group is not None and group != to:
            raise ObjectClassDiffers(
                f"{code} is {group.upper()} and the allotment is {to.upper()}: choose a code of the"
                f" class {to.upper()}, or an allotment of the class {group.upper()}.",
                pointer=f"{pointer}/object_code",
            )
        self._find(code, pointer)

    def label_of(self, code: str) -> str:
        """Return a code as it is written with its title, if the catalogue knows it."""
        known = self.codes.get(full_code(code))
        return f"{code} {known[-1].title}" if known else code

    @property
    def labels(self) -> list[str]:
        """The codes of the fiscal year with their titles, in order."""
        rows = [row for some in self.codes.values() for row in some]
        return sorted(row.label for row in rows if row.is_valid_in(self.fiscal_year))

    def _find(self, told: str, pointer: str) -> ObjectCode:
        rows = self.codes.get(full_code(told), [])
        for row in rows:
            if row.is_valid_in(self.fiscal_year):
                return row
        if not rows:
            raise ObjectCodeUnknown(f"{told}: {LISTED}", pointer=f"{pointer}/object_code")
        years = ", ".join(f"{row.valid_from} to {row.valid_to or 'now'}" for row in rows)
        raise ObjectCodeNotValid(
            f"{told} is for {years}, not {self.fiscal_year}. {LISTED}",
            pointer=f"{pointer}/object_code",
        )


def full_code(told: str) -> str:
    """Return a code in all its ten digits: eight alone mean the account without a part of it."""
    return told.ljust(FULL_LENGTH, "0")
