"""Everything an office of finance can do with a release, and what it does elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.allotment_transfers.model import AllotmentTransfer
from services.budgeting.allotment_transfers.queries import get_transfer
from services.budgeting.allotment_transfers.usecases import give_transfer
from services.budgeting.allotments.model import Allotment, AllotmentOutOfStep
from services.budgeting.allotments.queries import get_locked_allotment
from services.budgeting.allotments.schemas import AllotmentRelease
from services.budgeting.allotments.usecases import RELEASES, issue_allotment
from services.budgeting.known_organizations.usecases import check_organizations
from services.budgeting.numbering.usecases import take_number
from services.budgeting.releases.events import ReleaseAnnounced
from services.budgeting.releases.model import Release, ReleaseStatus
from services.budgeting.releases.queries import (
    get_release,
    get_submitted_allotment,
    get_submitted_transfer,
)
from services.budgeting.releases.schemas import ReleaseCreate


@dataclass(frozen=True, slots=True)
class Issued:
    """Which office issued a release, who there approved it, and of how much."""

    issuer: UUID
    by: UUID
    amount: Decimal


async def create_release(uow: UnitOfWork, told: ReleaseCreate) -> Release:
    """Prepare the release of what its organization submitted; nothing changes yet."""
    me, plain = uow.actor.org_id, dict(told)
    asked: Allotment | AllotmentTransfer
    if told.allotment_transfer_id is not None:
        asked = await get_submitted_transfer(uow.session, told.allotment_transfer_id, to=me)
        pointer = "/body/allotment_transfer_id"
        plain["allotment_id"] = asked.allotment_id
        plain |= {"to_org_id": asked.to_org_id, "act_item_id": asked.act_item_id}
    else:
        allotment_id = cast("UUID", told.allotment_id)
        asked = await get_submitted_allotment(uow.session, allotment_id, to=me)
        pointer = "/body/allotment_id"
    release = Release(
        **plain,
        for_org_id=asked.org_id,
        fiscal_year=asked.fiscal_year,
        expense_class=asked.expense_class,
        funding_source=asked.funding_source,
        quarter=asked.quarter,
        amount=asked.amount,
        status=ReleaseStatus.draft,
    )
    await check_organizations(uow, [(pointer, each) for each in release.concerned])
    uow.session.add(release)
    return release


async def approve_release(uow: UnitOfWork, release_id: UUID) -> Release:
    """Issue a release that someone else prepared, under the next number; it takes effect there."""
    release = await get_release(uow.session, release_id, lock=True)
    uow.expect(release)
    release.check_draft(by=uow.actor.user_id)
    await check_organizations(uow, [("/path/release_id", each) for each in release.concerned])
    release.number = await take_number(uow, "release", release.fiscal_year)
    release.status = ReleaseStatus.issued
    release.approved_by, release.approved_at = uow.actor.user_id, uow.now()
    uow.publish(ReleaseAnnounced.about(release), of=release)
    return release


async def follow_issued_release(
    uow: UnitOfWork, allotment_id: UUID, told: AllotmentRelease, issued: Issued
) -> None:
    """Release the own allotment as the office that was asked to has issued it."""
    allotment = await get_locked_allotment(uow.session, uow.actor.org_id, allotment_id)
    if allotment.release_org_id != issued.issuer or allotment.amount != issued.amount:
        raise AllotmentOutOfStep("It was not submitted to this office with this amount.")
    number = await take_number(uow, RELEASES, allotment.fiscal_year)
    await issue_allotment(uow, allotment, told, number)


async def follow_released_transfer(
    uow: UnitOfWork, transfer_id: UUID, told: AllotmentRelease, issued: Issued
) -> None:
    """Give the own money to the other organization as the act's issuer has released it."""
    transfer = await get_transfer(uow.session, transfer_id, lock=True)
    transfer.check_released(issuer=issued.issuer, amount=issued.amount)
    await give_transfer(
        uow, transfer, on=told.released_on, reference=told.release_reference, by=issued.by
    )


def as_told(released_on: date, reference: str) -> AllotmentRelease:
    """Return what an issued release says of the allotment."""
    return AllotmentRelease(released_on=released_on, release_reference=reference)
