"""Everything a person can do with a report."""

from __future__ import annotations

import asyncio

from libs.outbox.uow import UnitOfWork
from libs.tenancy.rows import MANILA
from services.budgeting.numbering.usecases import take_number
from services.budgeting.report_figures.model import Question, content_hash
from services.budgeting.report_figures.queries import get_figures
from services.budgeting.report_files.model import FileKind, compare, hashes_in, render
from services.budgeting.reports.events import ReportFinalised
from services.budgeting.reports.model import AsOfInFuture, FileOfNoReport, Report
from services.budgeting.reports.queries import find_report_of
from services.budgeting.reports.schemas import CheckRead, ReportCreate


async def create_report(uow: UnitOfWork, told: ReportCreate) -> Report:
    """Freeze what the ledger says as of a day; the figures never change from here on."""
    today = uow.now().astimezone(MANILA).date()
    as_of = told.as_of or today
    if as_of > today:
        raise AsOfInFuture(pointer="/body/as_of")
    question = Question(told.kind, told.fiscal_year, as_of, uow.now(), told.group_by)
    figures = (await get_figures(uow.session, question)).plain()
    organization = f"{uow.actor.org_code} {uow.actor.org_id}".strip()
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
    )
    uow.session.add(report)
    await uow.session.flush()
    uow.publish(ReportFinalised.about(report), of=report)
    return report


async def print_report(report: Report, kind: FileKind) -> bytes:
    """Return the report as a file that states filters, time, author, hash; the same every time."""
    return await asyncio.to_thread(render, report, kind)


async def check_report(uow: UnitOfWork, kind: FileKind, content: bytes) -> CheckRead:
    """Say whether a file is what the record prints, and whether the ledger still agrees."""
    found = await asyncio.to_thread(hashes_in, kind, content)
    report = await find_report_of(uow.session, found) if found else None
    if report is None:
        raise FileOfNoReport(pointer="/body")
    printed = await print_report(report, kind)
    lines = [] if printed == content else await asyncio.to_thread(compare, kind, content, printed)
    now = (await get_figures(uow.session, report.question)).plain()
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
