"""Indicators of PPAs, and how a published target is read (planning sheet, section 7)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.planning.db import Base
from services.planning.spellings.model import title_keys

MOST_DIGITS = 15
MOST_DECIMALS = 6

_NUMBER = r"((?:0|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]*)(?:\.[0-9]+)?)"
_PERCENT = re.compile(rf"{_NUMBER} ?%")
# A bare P is a peso sign only before an amount: "P1,000" or "P5.00", but "P5" may be a class.
_PHP = re.compile(rf"(?:PHP ?|₱ ?|P(?=[0-9,]*[,.])){_NUMBER}", re.IGNORECASE)
_PLAIN = re.compile(_NUMBER)


class IndicatorKind(StrEnum):
    """Whether an indicator measures the effect of a PPA or what it delivers."""

    outcome = "outcome"
    output = "output"


class TargetUnit(StrEnum):
    """What a target's number counts."""

    percent = "percent"
    number = "number"
    php = "php"


class Target(NamedTuple):
    """A target as a number with its unit; both None when the text says more than a number."""

    value: Decimal | None
    unit: TargetUnit | None


NO_TARGET = Target(None, None)


def read_target(text: str) -> Target:
    """Read "100%", "138", "3,000", "244.259" or "PHP 5,000.00"; anything else stays text."""
    told = text.strip()
    for pattern, unit in (
        (_PERCENT, TargetUnit.percent),
        (_PHP, TargetUnit.php),
        (_PLAIN, TargetUnit.number),
    ):
        found = pattern.fullmatch(told)
        if found is not None:
            digits = found.group(1).replace(",", "")
            return Target(Decimal(digits), unit) if _is_storable(digits) else NO_TARGET
    return NO_TARGET


def _is_storable(digits: str) -> bool:
    whole, _, decimals = digits.partition(".")
    return len(whole) <= MOST_DIGITS and len(decimals) <= MOST_DECIMALS


class IndicatorTold(NamedTuple):
    """An indicator as a person or a file gives it."""

    kind: IndicatorKind
    text: str
    target_text: str


def indicator_keys(told: Sequence[IndicatorTold]) -> list[str]:
    """Return what identifies each indicator within its PPA: kind and text, numbered if repeated."""
    return title_keys(f"{each.kind} {each.text}" for each in told)


class Indicator(TenantOwned, Base):
    """An indicator of one PPA: the target as published, and as a number where it is one."""

    __tablename__ = "ppa_indicators"
    __table_args__ = (
        tenant_fk("ppa_id", "planning.ppas"),
        check("kind", "kind IN ('outcome', 'output')"),
        check("target_unit", "target_unit IN ('percent', 'number', 'php')"),
        check("target_whole", "(target_value IS NULL) = (target_unit IS NULL)"),
        Index(None, "org_id", "ppa_id", "position"),
    )
    noun: ClassVar[str] = "planning.ppa"

    ppa_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(Text)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    target_text: Mapped[str] = mapped_column(Text)
    target_value: Mapped[Decimal | None] = mapped_column(Numeric(21, 6))
    target_unit: Mapped[str | None] = mapped_column(Text)

    @property
    def told(self) -> IndicatorTold:
        """What was told of it, without what follows from that."""
        return IndicatorTold(IndicatorKind(self.kind), self.text, self.target_text)

    def put(self, told: IndicatorTold, position: int) -> None:
        """Take what is told; value and unit follow from the text of the target."""
        self.kind, self.text, self.target_text = told
        self.position = position
        self.target_value, self.target_unit = read_target(told.target_text)
