"""Every SELECT of alerts: what is open, and what the tables say today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from libs.tenancy.rows import MANILA
from services.budgeting.alerts import model
from services.budgeting.alerts.model import Alert, AlertType, Finding, severity_of
from services.budgeting.alerts.schemas import AlertFilter
from services.budgeting.allocations.model import Allocation
from services.budgeting.allotments.model import Allotment
from services.budgeting.appropriation_items.model import AppropriationItem
from services.budgeting.ceilings.model import Ceiling
from services.budgeting.ceilings.queries import fill_in_use
from services.budgeting.known_organizations.model import RETIRED, KnownOrganization
from services.budgeting.obligations.model import Obligation
from services.budgeting.proposals.model import Proposal
from services.budgeting.realignments.model import Realignment
from services.budgeting.reviews.model import Review
from services.budgeting.work_items.model import WorkItem


async def list_alerts(session: AsyncSession, params: AlertFilter) -> Rows[Alert]:
    is_open = Alert.cleared_at.is_(None)
    statement: Select[Alert] = select(Alert).where(is_open if params.is_open else ~is_open)
    if params.alert_type is not None:
        statement = statement.where(Alert.alert_type == params.alert_type)
    if params.severity is not None:
        statement = statement.where(Alert.severity == params.severity)
    return await page(session, statement, Alert, params)


async def hold_open_alerts(session: AsyncSession, org_id: UUID) -> list[Alert]:
    """Return the open alerts; another check of the organization waits until the commit."""
    key = func.hashtextextended(f"alerts {org_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))
    found: Select[Alert] = select(Alert).where(Alert.cleared_at.is_(None), Alert.org_id == org_id)
    return list(await session.scalars(found))


async def list_live_organizations(session: AsyncSession) -> list[UUID]:
    statement = select(KnownOrganization.org_id).where(KnownOrganization.status != RETIRED)
    return list(await session.scalars(statement.order_by(KnownOrganization.org_id)))


async def list_findings(session: AsyncSession, org_id: UUID, today: date) -> list[Finding]:
    """Return all that should be looked at in one organization; a fixed number of statements."""
    return [
        *await _ceilings(session, today),
        *await _stuck(session, org_id, today),
        *await _unreleased(session, org_id, today),
        *await _lapsing(session, org_id, today),
        *await _unpaid(session, org_id, today),
        *await _late(session, org_id, today),
    ]


async def _ceilings(session: AsyncSession, today: date) -> list[Finding]:
    statement: Select[Ceiling] = select(Ceiling).where(Ceiling.fiscal_year >= today.year)
    ceilings = (await session.scalars(statement)).all()
    await fill_in_use(session, ceilings)
    return [
        Finding(
            AlertType.ceiling,
            severity_of(is_critical=each.level != "near"),
            "ceiling",
            each.id,
            f"{each.words()}, {each.fiscal_year}",
            f"{each.used_amount} of {each.amount} is used.",
        )
        for each in ceilings
        if each.level not in (None, "ok")
    ]


async def _stuck(session: AsyncSession, org_id: UUID, today: date) -> list[Finding]:
    """Return what waits for somebody's decision for too long, wherever it waits."""
    return [
        each
        for kind, statement in _waiting(org_id, _days_before(today, model.STUCK_DAYS))
        for each in _stuck_rows(kind, await session.execute(statement), today)
    ]


def _waiting(org_id: UUID, before: datetime) -> Iterator[tuple[str, Any]]:
    proposal, review = Proposal, Review
    since = func.coalesce(proposal.reviewed_at, proposal.submitted_at)
    yield (
        "proposal",
        select(proposal.id, proposal.title, proposal.status, since).where(
            proposal.org_id == org_id,
            proposal.status.in_(("submitted", "under_review")),
            since < before,
        ),
    )
    yield (
        "review",
        select(review.id, review.title, review.status, review.updated_at).where(
            review.org_id == org_id,
            review.status.in_(("open", "recommended")),
            review.updated_at < before,
        ),
    )
    yield from _waiting_money(org_id, before)


def _waiting_money(org_id: UUID, before: datetime) -> Iterator[tuple[str, Any]]:
    realignment, allotment = Realignment, Allotment
    yield (
        "realignment",
        select(
            realignment.id, realignment.reason, realignment.status, realignment.updated_at
        ).where(
            realignment.org_id == org_id,
            realignment.status == "submitted",
            realignment.updated_at < before,
        ),
    )
    yield (
        "allotment",
        select(allotment.id, Allocation.program_title, allotment.status, allotment.updated_at)
        .join(
            Allocation,
            (Allocation.org_id == allotment.org_id) & (Allocation.id == allotment.allocation_id),
        )
        .where(
            allotment.org_id == org_id,
            allotment.status == "pending",
            allotment.updated_at < before,
        ),
    )


def _stuck_rows(kind: str, rows: Any, today: date) -> Iterator[Finding]:
    for subject_id, title, status, since in rows:
        days = (today - since.astimezone(MANILA).date()).days
        yield Finding(
            AlertType.approval_stuck,
            severity_of(is_critical=days > model.LONG_STUCK_DAYS),
            kind,
            subject_id,
            title,
            f"It is {status} since {since.astimezone(MANILA).date()}.",
        )


async def _unreleased(session: AsyncSession, org_id: UUID, today: date) -> list[Finding]:
    """Return the allocations of which the quarter that runs has got nothing yet."""
    if not model.release_is_due(today):
        return []
    quarter, began = model.quarter_of(today)
    released = exists().where(
        Allotment.org_id == Allocation.org_id,
        Allotment.allocation_id == Allocation.id,
        Allotment.status == "released",
        Allotment.released_on <= today,
        func.coalesce(Allotment.quarter, quarter) == quarter,
    )
    statement = select(Allocation.id, Allocation.program_title, Allocation.expense_class).where(
        Allocation.org_id == org_id,
        Allocation.fiscal_year == today.year,
        Allocation.stored_status == "approved",
        Allocation.allotted_amount < Allocation.allocated_amount,
        ~released,
    )
    return [
        Finding(
            AlertType.release_overdue,
            severity_of(is_critical=False),
            "allocation",
            allocation_id,
            f"{title}, {expense_class.upper()}",
            f"Quarter {quarter} began on {began} and nothing was released for it.",
        )
        for allocation_id, title, expense_class in await session.execute(statement)
    ]


async def _lapsing(session: AsyncSession, org_id: UUID, today: date) -> list[Finding]:
    item = AppropriationItem
    obligated = (
        select(func.coalesce(func.sum(Allocation.obligated_amount), 0))
        .where(Allocation.org_id == item.org_id, Allocation.appropriation_item_id == item.id)
        .scalar_subquery()
    )
    rest = item.appropriated_amount - obligated
    statement = select(
        item.id, item.program_title, item.expense_class, item.valid_until, rest
    ).where(
        item.org_id == org_id,
        item.status == "current",
        item.valid_until <= today + timedelta(days=model.LAPSING_DAYS),
        rest > 0,
    )
    return [
        Finding(
            AlertType.lapsing,
            severity_of(is_critical=(valid_until - today).days <= model.SOON_LAPSING_DAYS),
            "appropriation_item",
            item_id,
            f"{title}, {expense_class.upper()}",
            f"{left} is not obligated, and it is valid until {valid_until}.",
        )
        for item_id, title, expense_class, valid_until, left in await session.execute(statement)
    ]


async def _unpaid(session: AsyncSession, org_id: UUID, today: date) -> list[Finding]:
    obligation = Obligation
    rest = obligation.obligated_amount - obligation.disbursed_amount
    long_ago = today - timedelta(days=model.LONG_UNPAID_DAYS)
    statement = select(obligation.id, obligation.ors_number, obligation.delivered_on, rest).where(
        obligation.org_id == org_id,
        obligation.delivered_on < today - timedelta(days=model.UNPAID_DAYS),
        rest > 0,
    )
    return [
        Finding(
            AlertType.unpaid_due,
            severity_of(is_critical=since is not None and since < long_ago),
            "obligation",
            obligation_id,
            number or "",
            f"{left} is due and unpaid since {since}.",
        )
        for obligation_id, number, since, left in await session.execute(statement)
    ]


async def _late(session: AsyncSession, org_id: UUID, today: date) -> list[Finding]:
    item = WorkItem
    statement = select(item.id, item.title, item.target_completion_on).where(
        item.org_id == org_id,
        item.status.in_(("planned", "in_progress")),
        item.target_completion_on < today,
    )
    return [
        Finding(
            AlertType.work_item_late,
            severity_of(is_critical=False),
            "work_item",
            item_id,
            title,
            f"It was to be completed on {target}.",
        )
        for item_id, title, target in await session.execute(statement)
    ]


def _days_before(today: date, days: int) -> datetime:
    return datetime.combine(today - timedelta(days=days), time(), MANILA).astimezone(UTC)
