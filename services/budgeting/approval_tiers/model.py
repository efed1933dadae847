"""Tiers of approval by amount (budgeting sheet, section 6.4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Forbidden, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base


class ApprovalTierNotFound(NotFound):
    """There is no such tier for this organization."""

    title = "There is no such approval tier."


class AboveYourTier(Forbidden):
    """The amount needs the approval of someone else."""

    title = "Your roles do not reach to an amount like this."


class ApprovalTier(TenantOwned, Base):
    """Up to `up_to_amount`, whoever holds `role` may approve; without tiers, the right suffices."""

    __tablename__ = "approval_tiers"
    __table_args__ = (
        UniqueConstraint("org_id", "role"),
        check("up_to", "up_to_amount BETWEEN 0.01 AND 9999999999999999.99"),
        check("role", "role ~ '[^[:space:]]'"),
    )
    noun: ClassVar[str] = "budgeting.approval_tier"

    role: Mapped[str] = mapped_column(Text)
    up_to_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002 (the hook's contract)
        """Return the verbs that are always open."""
        return ("change", "delete")


def check_tier(tiers: Sequence[ApprovalTier], roles: Collection[str], amount: Decimal) -> None:
    """Refuse an approval above what the roles reach to, where there are tiers at all."""
    reach = max((each.up_to_amount for each in tiers if each.role in roles), default=None)
    if tiers and (reach is None or reach < amount):
        told = "none" if reach is None else str(reach)
        raise AboveYourTier(f"Your limit is {told}; this is {amount}.")
