"""Everything an office of finance can do with a release, and what it does elsewhere."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.allotments.model import AllotmentOutOfStep
from services.budgeting.allotments.queries import get_locked_allotment
from services.budgeting.allotments.schemas import AllotmentRelease
from services.budgeting.allotments.usecases import RELEASES, issue_allotment
from services.budgeting.known_organizations.usecases import check_organizations
from services.budgeting.numbering.usecases import take_number
from services.budgeting.releases.events import ReleaseAnnounced
from services.budgeting.releases.model import Release, ReleaseStatus
from services.budgeting.releases.queries import get_release, get_submitted_allotment
from services.budgeting.releases.schemas import ReleaseCreate


async def create_release(uow: UnitOfWork, told: ReleaseCreate) -> Release:
    """Prepare the release of an allotment that its organization submitted; nothing changes yet."""
    me = uow.actor.org_id
    allotment = await get_submitted_allotment(uow.session, told.allotment_id, to=me)
    await check_organizations(uow, [("/body/allotment_id", allotment.org_id)])
    release = Release(
        **dict(told),
        for_org_id=allotment.org_id,
        fiscal_year=allotment.fiscal_year,
        expense_class=allotment.expense_class,
        funding_source=allotment.funding_source,
        quarter=allotment.quarter,
        amount=allotment.amount,
        status=ReleaseStatus.draft,
    )
    uow.session.add(release)
    return release


async def approve_release(uow: UnitOfWork, release_id: UUID) -> Release:
    """Issue a release that someone else prepared, under the next number; it takes effect there."""
    release = await get_release(uow.session, release_id, lock=True)
    uow.expect(release)
    release.check_draft(by=uow.actor.user_id)
    await check_organizations(uow, [("/path/release_id", release.for_org_id)])
    release.number = await take_number(uow, "release", release.fiscal_year)
    release.status = ReleaseStatus.issued
    release.approved_by, release.approved_at = uow.actor.user_id, uow.now()
    uow.publish(ReleaseAnnounced.about(release), of=release)
    return release


async def follow_issued_release(
    uow: UnitOfWork, allotment_id: UUID, told: AllotmentRelease, *, amount: Decimal, issuer: UUID
) -> None:
    """Release the own allotment as the office that was asked to has issued it."""
    allotment = await get_locked_allotment(uow.session, uow.actor.org_id, allotment_id)
    if allotment.release_org_id != issuer or allotment.amount != amount:
        raise AllotmentOutOfStep("It was not submitted to this office with this amount.")
    number = await take_number(uow, RELEASES, allotment.fiscal_year)
    await issue_allotment(uow, allotment, told, number)


def as_told(released_on: date, reference: str) -> AllotmentRelease:
    """Return what an issued release says of the allotment."""
    return AllotmentRelease(released_on=released_on, release_reference=reference)
