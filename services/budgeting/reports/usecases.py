"""Everything a person can do with a report."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

from sqlalchemy.orm.attributes import set_committed_value

from libs.outbox.uow import UnitOfWork
from services.budgeting.numbering.usecases import take_number
from services.budgeting.report_figures.model import Question, content_hash
from services.budgeting.report_files.model import FileKind, closest, hashes_in, render
from services.budgeting.report_prints.model import Paper
from services.budgeting.reports.events import ReportFinalised
from services.budgeting.reports.model import (
    AsOfInFuture,
    Capacity,
    FileOfNoReport,
    Report,
    ReportSignature,
    SubmittedInFuture,
)
from services.budgeting.reports.queries import find_report_of, get_figures_of, get_report
from services.budgeting.reports.schemas import CheckRead, ReportCreate, ReportSign, ReportSubmit


async def create_report(uow: UnitOfWork, told: ReportCreate) -> Report:
    """Freeze what the ledger says as of a day; the figures never change from here on."""
    today = uow.today()
    as_of = told.as_of or today
    if as_of > today:
        raise AsOfInFuture(pointer="/body/as_of")
    organization = f"{uow.actor.org_code} {uow.actor.org_id}".strip()
    question = Question(told.kind, told.fiscal_year, as_of, uow.now(), told.group_by, organization)
    figures = (await get_figures_of(uow.session, question)).plain()
    report = Report(
        kind=told.kind,
        fiscal_year=told.fiscal_year,
        number=await take_number(uow, f"report {told.kind}", told.fiscal_year),
        as_of=as_of,
        known_at=uow.now(),
        group_by=told.group_by,
        organization=organization,
        figures=figures,
        content_hash=content_hash(organization=organization, question=question, content=figures),
        signatures=[],
    )
    uow.session.add(report)
    return report


async def certify_budget_report(uow: UnitOfWork, report_id: UUID, told: ReportSign) -> Report:
    """Put the budget officer's name under the figures; nobody takes it away again."""
    return await _signed(uow, report_id, Capacity.budget_officer, told)


async def certify_accounts_report(uow: UnitOfWork, report_id: UUID, told: ReportSign) -> Report:
    """Put the chief accountant's name under the figures; nobody takes it away again."""
    return await _signed(uow, report_id, Capacity.chief_accountant, told)


async def approve_report(uow: UnitOfWork, report_id: UUID, told: ReportSign) -> Report:
    """Make certified figures final, as head; the same asked again is a new version."""
    report = await _signed(uow, report_id, Capacity.head, told)
    uow.publish(ReportFinalised.about(report), of=report)
    return report


async def submit_report(uow: UnitOfWork, report_id: UUID, told: ReportSubmit) -> Report:
    """Note the day on which an approved report was handed in, and who did."""
    return await _signed(uow, report_id, Capacity.submitter, told, told.submitted_on)


async def _signed(
    uow: UnitOfWork, report_id: UUID, capacity: Capacity, told: ReportSign, on: date | None = None
) -> Report:
    report = await get_report(uow.session, report_id)
    report.check_signable(capacity, by=uow.actor.user_id)
    if on is not None and not report.as_of <= on <= report.today:
        raise SubmittedInFuture(pointer="/body/submitted_on")
    signature = ReportSignature(
        report_id=report.id,
        capacity=capacity,
        name=told.name,
        position=told.position,
        signed_on=on or report.today,
    )
    uow.session.add(signature)
    await uow.session.flush()
    # The report itself never changes, so the new signature is no change of it.
    set_committed_value(report, "signatures", [*report.signatures, signature])
    return report


async def print_report(report: Report, kind: FileKind, paper: Paper | None = None) -> bytes:
    """Return the report as a file that states filters, time, author, hash, and who signed."""
    return await asyncio.to_thread(render, report, kind, report.signatures, paper)


async def check_report(uow: UnitOfWork, kind: FileKind, content: bytes) -> CheckRead:
    """Say whether a file is what the record prints, and whether the ledger still agrees."""
    found = await asyncio.to_thread(hashes_in, kind, content)
    report = await find_report_of(uow.session, found) if found else None
    if report is None:
        raise FileOfNoReport(pointer="/body")
    lines = await asyncio.to_thread(closest, report, kind, report.signatures, content)
    now = (await get_figures_of(uow.session, report.question)).plain()
    rows = [
        " | ".join(cell or "" for cell in row)
        for side, other in ((report.figures, now), (now, report.figures))
        for row in side["rows"]
        if row not in other["rows"]
    ]
    return CheckRead(
        report_id=report.id,
        content_hash=report.content_hash,
        is_unchanged=not lines,
        is_current=not rows,
        differing_lines=lines,
        differing_rows=rows,
    )
