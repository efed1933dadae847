"""Switching the cash ceiling on or off."""

from __future__ import annotations

from libs.outbox.uow import UnitOfWork
from services.budgeting.cash_ceilings.model import CashCeiling
from services.budgeting.cash_ceilings.schemas import CashCeilingCreate


async def create_cash_ceiling(uow: UnitOfWork, told: CashCeilingCreate) -> CashCeiling:
    """Hold payments to the cash received from now on, or no longer, and say why."""
    ceiling = CashCeiling(**dict(told))
    uow.session.add(ceiling)
    return ceiling
