"""Everything a person can do with a PPA, one function a verb."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.planning.indicators.model import IndicatorTold
from services.planning.ppas.events import (
    PpaAdvanced,
    PpaCancelled,
    PpaChanged,
    PpaCompleted,
    PpaDeleted,
    PpaHeld,
    PpaRegistered,
    PpaReopened,
    PpaResumed,
)
from services.planning.ppas.model import Ppa, PpaCodeTaken, PpaStatus
from services.planning.ppas.queries import find_ppa_code, get_last_number, get_ppa
from services.planning.ppas.schemas import IndicatorIn, PpaChange, PpaCreate


async def create_ppa(uow: UnitOfWork, told: PpaCreate) -> Ppa:
    """Put a PPA into the register, in planning; from now on its code is taken."""
    code = told.code
    if code is None:
        number = await get_last_number(uow.session, uow.actor.org_id, told.fiscal_year)
        code = ppa_code(told.fiscal_year, number + 1)
    elif await find_ppa_code(uow.session, told.fiscal_year, code) is not None:
        raise PpaCodeTaken(pointer="/body/code")
    ppa = Ppa(
        code=code,
        title=told.title,
        description=told.description,
        fiscal_year=told.fiscal_year,
        status=PpaStatus.planning,
        status_reason="",
        approved_budget_amount=told.approved_budget_amount,
        indicators=[],
    )
    ppa.put_indicators(_told(told.indicators))
    uow.session.add(ppa)
    await uow.session.flush()
    uow.publish(PpaRegistered.about(ppa), of=ppa)
    return ppa


async def change_ppa(uow: UnitOfWork, ppa_id: UUID, told: PpaChange) -> Ppa:
    """Edit a PPA in planning; indicators, when sent, replace all that were."""
    ppa = await _locked(uow, ppa_id)
    ppa.check_in_planning()
    changes = told.changes()
    if "indicators" in changes and ppa.put_indicators(_told(changes.pop("indicators"))):
        ppa.touch(uow.now())
    for name, value in changes.items():
        setattr(ppa, name, value)
    if uow.session.is_modified(ppa):
        uow.publish(PpaChanged.about(ppa), of=ppa)
    return ppa


async def delete_ppa(uow: UnitOfWork, ppa_id: UUID) -> None:
    """Take a PPA in planning out of the register, with its indicators."""
    ppa = await _locked(uow, ppa_id)
    ppa.check_in_planning()
    # Its last version is newer than any announced before, so that no listener takes it for old.
    ppa.touch(uow.now())
    await uow.session.flush()
    uow.publish(PpaDeleted.about(ppa), of=ppa)
    await uow.session.delete(ppa)


async def advance_ppa(uow: UnitOfWork, ppa_id: UUID) -> Ppa:
    """Begin work on a funded PPA in its fiscal year; it can no longer be edited."""
    ppa = await _locked(uow, ppa_id)
    ppa.advance()
    uow.publish(PpaAdvanced.about(ppa), of=ppa)
    return ppa


async def hold_ppa(uow: UnitOfWork, ppa_id: UUID, reason: str) -> Ppa:
    """Interrupt ongoing work, with a reason; it cannot be completed until it is resumed."""
    ppa = await _locked(uow, ppa_id)
    ppa.hold(reason=reason)
    uow.publish(PpaHeld.about(ppa), of=ppa)
    return ppa


async def resume_ppa(uow: UnitOfWork, ppa_id: UUID) -> Ppa:
    """Go on with work that was on hold."""
    ppa = await _locked(uow, ppa_id)
    ppa.resume()
    uow.publish(PpaResumed.about(ppa), of=ppa)
    return ppa


async def complete_ppa(uow: UnitOfWork, ppa_id: UUID, actual_end_on: date) -> Ppa:
    """Record that ongoing work is done, and when; only reopening leads back."""
    ppa = await _locked(uow, ppa_id)
    ppa.complete(actual_end_on=actual_end_on)
    uow.publish(PpaCompleted.about(ppa), of=ppa)
    return ppa


async def reopen_ppa(uow: UnitOfWork, ppa_id: UUID, reason: str) -> Ppa:
    """Take completed work up again, with a reason."""
    ppa = await _locked(uow, ppa_id)
    ppa.reopen(reason=reason)
    uow.publish(PpaReopened.about(ppa), of=ppa)
    return ppa


async def cancel_ppa(uow: UnitOfWork, ppa_id: UUID, reason: str) -> Ppa:
    """Give a PPA up, with a reason; it stays readable and nothing can follow."""
    ppa = await _locked(uow, ppa_id)
    ppa.cancel(reason=reason)
    uow.publish(PpaCancelled.about(ppa), of=ppa)
    return ppa


def ppa_code(fiscal_year: int, number: int) -> str:
    """Return the code that the register gives to a PPA that comes without one."""
    return f"PPA-{fiscal_year}-{number:03d}"


async def _locked(uow: UnitOfWork, ppa_id: UUID) -> Ppa:
    ppa = await get_ppa(uow.session, ppa_id, lock=True)
    uow.expect(ppa)
    return ppa


def _told(indicators: list[IndicatorIn]) -> list[IndicatorTold]:
    return [IndicatorTold(each.kind, each.text, each.target_text) for each in indicators]
