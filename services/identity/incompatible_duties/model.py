"""Separation of duties as data (identity sheet, section 5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from uuid import UUID

from sqlalchemy import String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from libs.refusals import Conflict
from libs.tenancy.actor import DENIAL
from libs.tenancy.rows import check
from services.identity.db import Base, Versioned
from services.identity.permissions.model import Entry, covered, covers_pattern


class Effect(StrEnum):
    """What happens when someone would hold both."""

    refuse = "refuse"
    warn = "warn"


class DutiesIncompatible(Conflict):
    """One person would prepare and pay, or prepare and approve."""

    title = "One person may not hold both of these rights."


class IncompatibleDuty(Versioned, Base):
    """Two permissions that do not belong in one hand, and why."""

    __tablename__ = "incompatible_duties"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    first: Mapped[str] = mapped_column(String(100))
    second: Mapped[str] = mapped_column(String(100))
    effect: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("first", "second"),
        check("effect", "effect IN ('refuse', 'warn')"),
        check("two", "first <> second"),
    )

    @property
    def sides(self) -> tuple[str, str]:
        """The two permissions."""
        return self.first, self.second


def conflicts(
    duties: Iterable[IncompatibleDuty], known: Iterable[Entry], added: Collection[Entry]
) -> list[IncompatibleDuty]:
    """Return the pairs that someone with the `known` entries would hold once `added` is theirs.

    Held together is what the rights amount to, or what the given roles and grants were meant for:
    two roles that cancel each other out are a conflict too.
    """
    gained = [entry for entry in added if not entry.is_denial]
    every = [*known, *gained, *(entry for entry in added if entry.is_denial)]
    effective = [f"{DENIAL if one.is_denial else ''}{one.pattern}" for one in every]
    meant = [one.pattern for one in every if not one.is_denial and not one.is_basic]
    return [
        duty
        for duty in duties
        if any(covers_pattern(one.pattern, side) for one in gained for side in duty.sides)
        and any(all(covered(held, side) for side in duty.sides) for held in (effective, meant))
    ]
