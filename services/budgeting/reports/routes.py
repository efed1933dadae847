"""Reports over HTTP: frozen figures, their files, and whether a file is still true."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from libs.chassis.access import requires
from libs.chassis.csv_tables import CSV
from libs.chassis.files import XLSX, OtherMediaType, file_answer, files, takes_file
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.problems import refuses
from services.budgeting.report_files.model import PDF, FileKind, FileNotReadable, kind_of
from services.budgeting.report_prints.model import Paper
from services.budgeting.reports import queries, schemas, usecases
from services.budgeting.reports.model import (
    AsOfInFuture,
    FileOfNoReport,
    Report,
    ReportNotApproved,
    ReportNotCertified,
    ReportNotFound,
    ReportSigned,
    SignerTwice,
    SubmittedInFuture,
)

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/reports", tag="reports")

READ = [requires("budgeting.report.read")]
MOST_BYTES = 16 << 20
SIGN = refuses(ReportNotFound, ReportSigned, SignerTwice)

PaperChoice = Annotated[
    Paper | None, Query(description="The smallest that it can be read on when left out.")
]


@router.get("", response_model=schemas.ReportPage, dependencies=READ, summary="List reports")
async def list_reports(params: Annotated[schemas.ReportFilter, Query()], uow: Uow) -> Rows[Report]:
    return await queries.list_reports(uow.session, params)


@router.post(
    "",
    response_model=schemas.ReportRead,
    status_code=201,
    dependencies=[requires("budgeting.report.create")],
    responses=refuses(AsOfInFuture),
    summary="Freeze what the ledger says as of a day",
)
async def create_report(body: schemas.ReportCreate, uow: Uow) -> Report:
    return await usecases.create_report(uow, body)


@router.get(
    "/{report_id}",
    response_model=schemas.ReportRead,
    dependencies=READ,
    responses=refuses(ReportNotFound),
    summary="Read a report with its figures",
)
async def get_report(report_id: UUID, uow: Uow) -> Report:
    return await queries.get_report(uow.session, report_id)


@router.get(
    "/{report_id}/report.xlsx",
    response_class=Response,
    dependencies=READ,
    responses={**refuses(ReportNotFound), **files(XLSX, summary="The report as a workbook.")},
    summary="Get a report as a workbook",
)
async def get_workbook(report_id: UUID, uow: Uow) -> Response:
    report = await queries.get_report(uow.session, report_id)
    content = await usecases.print_report(report, FileKind.xlsx)
    return file_answer(content, media_type=XLSX, name=f"{report.kind}-{report.as_of}.xlsx")


@router.get(
    "/{report_id}/report.pdf",
    response_class=Response,
    dependencies=READ,
    responses={**refuses(ReportNotFound), **files(PDF, summary="The report for printing.")},
    summary="Get a report for printing",
)
async def get_print(report_id: UUID, uow: Uow, paper: PaperChoice = None) -> Response:
    report = await queries.get_report(uow.session, report_id)
    content = await usecases.print_report(report, FileKind.pdf, paper)
    return file_answer(content, media_type=PDF, name=f"{report.kind}-{report.as_of}.pdf")


@router.get(
    "/{report_id}/report.csv",
    response_class=Response,
    dependencies=READ,
    responses={**refuses(ReportNotFound), **files(CSV, summary="The table, no cell a formula.")},
    summary="Get a report as CSV",
)
async def get_csv(report_id: UUID, uow: Uow) -> Response:
    report = await queries.get_report(uow.session, report_id)
    content = await usecases.print_report(report, FileKind.csv)
    return file_answer(content, media_type=CSV, name=f"{report.kind}-{report.as_of}.csv")


@router.post(
    "/{report_id}/certify-budget",
    response_model=schemas.ReportRead,
    dependencies=[requires("budgeting.report.certify_budget")],
    responses=SIGN,
    summary="Certify a report as budget officer",
)
async def certify_budget_report(report_id: UUID, body: schemas.ReportSign, uow: Uow) -> Report:
    return await usecases.certify_budget_report(uow, report_id, body)


@router.post(
    "/{report_id}/certify-accounts",
    response_model=schemas.ReportRead,
    dependencies=[requires("budgeting.report.certify_accounts")],
    responses=SIGN,
    summary="Certify a report as chief accountant",
)
async def certify_accounts_report(report_id: UUID, body: schemas.ReportSign, uow: Uow) -> Report:
    return await usecases.certify_accounts_report(uow, report_id, body)


@router.post(
    "/{report_id}/approve",
    response_model=schemas.ReportRead,
    dependencies=[requires("budgeting.report.approve")],
    responses=refuses(ReportNotFound, ReportSigned, ReportNotCertified, SignerTwice),
    summary="Approve a certified report as head; it is final",
)
async def approve_report(report_id: UUID, body: schemas.ReportSign, uow: Uow) -> Report:
    return await usecases.approve_report(uow, report_id, body)


@router.post(
    "/{report_id}/submit",
    response_model=schemas.ReportRead,
    dependencies=[requires("budgeting.report.submit")],
    responses=refuses(ReportNotFound, ReportSigned, ReportNotApproved, SubmittedInFuture),
    summary="Note when an approved report was handed in",
)
async def submit_report(report_id: UUID, body: schemas.ReportSubmit, uow: Uow) -> Report:
    return await usecases.submit_report(uow, report_id, body)


@router.post(
    "/check",
    response_model=schemas.CheckRead,
    dependencies=[requires("budgeting.report.check")],
    responses=refuses(OtherMediaType, FileOfNoReport, FileNotReadable),
    summary="Say whether a file of a report still equals the record",
)
async def check_report(
    uow: Uow, content: Annotated[bytes, takes_file(XLSX, PDF, CSV, most_bytes=MOST_BYTES)]
) -> schemas.CheckRead:
    return await usecases.check_report(uow, kind_of(content), content)
