"""What an issuer does with ceilings, and what they do to proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.budget_calls.queries import get_own_budget_call
from services.budgeting.ceilings.events import CeilingChanged, CeilingNeared, CeilingWasExceeded
from services.budgeting.ceilings.model import (
    Ceiling,
    CeilingBelowUse,
    CeilingExceeded,
    CeilingExists,
    Enforcement,
)
from services.budgeting.ceilings.queries import (
    fill_in_use,
    find_same_ceiling,
    get_own_ceiling,
    hold_ceilings_over,
)
from services.budgeting.ceilings.schemas import CeilingChange, CeilingCreate
from services.budgeting.known_organizations.usecases import check_organizations


async def create_ceiling(uow: UnitOfWork, told: CeilingCreate) -> Ceiling:
    """Set the most that may be proposed; proposals submitted from here on keep to it."""
    call = await get_own_budget_call(uow.session, uow.actor.org_id, told.budget_call_id)
    if told.for_org_id is not None:
        await check_organizations(uow, [("/body/for_org_id", told.for_org_id)])
    ceiling = Ceiling(**dict(told), fiscal_year=call.fiscal_year)
    if await find_same_ceiling(uow.session, ceiling) is not None:
        raise CeilingExists
    uow.session.add(ceiling)
    await uow.session.flush()
    await fill_in_use(uow.session, [ceiling])
    _check_amount(ceiling)
    uow.publish(CeilingChanged.about(ceiling), of=ceiling)
    return ceiling


async def change_ceiling(uow: UnitOfWork, ceiling_id: UUID, told: CeilingChange) -> Ceiling:
    """Move a ceiling; a hard one never below what is submitted or approved under it."""
    ceiling = await get_own_ceiling(uow.session, uow.actor.org_id, ceiling_id)
    uow.expect(ceiling)
    for name, value in told.changes().items():
        setattr(ceiling, name, value)
    _check_amount(ceiling)
    await uow.session.flush()
    uow.publish(CeilingChanged.about(ceiling), of=ceiling)
    return ceiling


async def delete_ceiling(uow: UnitOfWork, ceiling_id: UUID) -> None:
    """Take a ceiling away; nothing keeps to it from here on."""
    ceiling = await get_own_ceiling(uow.session, uow.actor.org_id, ceiling_id)
    uow.expect(ceiling)
    await uow.session.delete(ceiling)


async def keep_to_ceilings(
    uow: UnitOfWork,
    budget_call_id: UUID,
    proposal_id: UUID,
    totals: Sequence[Mapping[str, Any]],
) -> list[str]:
    """Refuse a submission over a hard ceiling of its organization; return the warnings."""
    over = await hold_ceilings_over(uow.session, budget_call_id, uow.actor.org_id)
    await fill_in_use(uow.session, over, without=proposal_id)
    warnings = []
    for ceiling in over:
        wanted, used = ceiling.covered(totals), ceiling.used_amount or Decimal("0.00")
        remaining = max(ceiling.amount - used, Decimal("0.00"))
        if wanted > remaining and ceiling.enforcement == Enforcement.hard:
            raise CeilingExceeded(f"{remaining} remains for {ceiling.words()}; {wanted} is asked.")
        if not wanted:
            continue
        ceiling.used_amount = used + wanted
        if ceiling.level == "exceeded":
            warnings.append(f"{wanted - remaining} over the ceiling for {ceiling.words()}")
            uow.publish(CeilingWasExceeded.about(ceiling), of=ceiling)
        elif ceiling.level != "ok":
            uow.publish(CeilingNeared.about(ceiling), of=ceiling)
    return warnings


async def keep_to_shared_ceilings(
    uow: UnitOfWork,
    budget_call_id: UUID,
    proposal_id: UUID,
    totals: Sequence[Mapping[str, Any]],
) -> None:
    """Refuse an approval over a hard ceiling of all organizations together."""
    over = await hold_ceilings_over(uow.session, budget_call_id, None)
    await fill_in_use(uow.session, over, without=proposal_id, approved_only=True)
    for ceiling in over:
        wanted, used = ceiling.covered(totals), ceiling.used_amount or Decimal("0.00")
        remaining = max(ceiling.amount - used, Decimal("0.00"))
        if wanted > remaining and ceiling.enforcement == Enforcement.hard:
            raise CeilingExceeded(f"{remaining} remains for {ceiling.words()}; {wanted} is given.")


def _check_amount(ceiling: Ceiling) -> None:
    used = ceiling.used_amount or Decimal("0.00")
    if ceiling.enforcement == Enforcement.hard and ceiling.amount < used:
        raise CeilingBelowUse(
            f"{used} is submitted or approved for {ceiling.words()}.", pointer="/body/amount"
        )
