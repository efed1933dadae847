"""Workbooks of line items over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from libs.chassis.access import requires
from libs.chassis.files import XLSX, OtherMediaType, file_answer, files, takes_file
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.line_item_imports import model, queries, schemas, usecases
from services.budgeting.line_item_imports.model import ImportNotFound, LineItemImport
from services.budgeting.line_item_sheets.model import NoSheet, SheetTooLong
from services.budgeting.line_items.model import AmountTooLarge
from services.budgeting.proposal_states.model import ProposalNotEditable, ProposalNotFound

PROPOSAL = "/api/v1/moa/{org_code}/budgeting/proposals/{proposal_id}"
IMPORT = "/line-item-imports/{import_id}"
MOST_BYTES = 8 << 20

router = slice_router(prefix=PROPOSAL, tag="line item imports")

CHANGE = (
    ImportNotFound,
    MatchMissing,
    ProposalNotFound,
    ProposalNotEditable,
    model.ImportOutdated,
    AmountTooLarge,
)


@router.get(
    "/line-items.xlsx",
    response_class=Response,
    dependencies=[requires("budgeting.proposal.read")],
    responses={**refuses(ProposalNotFound), **files(XLSX, summary="Workbook of the lines.")},
    summary="Export the lines as a workbook that can be filled in and imported",
)
async def get_line_item_sheet(proposal_id: UUID, uow: Uow) -> Response:
    content = await usecases.get_line_item_sheet(uow, proposal_id)
    return file_answer(content, media_type=XLSX, name=f"line-items-{proposal_id}.xlsx")


@router.get(
    "/line-item-imports",
    response_model=schemas.LineItemImportPage,
    dependencies=[requires("budgeting.line_item_import.read")],
    responses=refuses(ProposalNotFound),
    summary="List the imports of a proposal",
)
async def list_line_item_imports(
    proposal_id: UUID, params: Annotated[schemas.LineItemImportFilter, Query()], uow: Uow
) -> Rows[LineItemImport]:
    return await queries.list_line_item_imports(uow.session, proposal_id, params)


@router.post(
    "/line-item-imports",
    response_model=schemas.LineItemImportRead,
    status_code=201,
    dependencies=[requires("budgeting.line_item_import.create")],
    responses=refuses(
        ProposalNotFound,
        ProposalNotEditable,
        model.ImportOfAnother,
        NoSheet,
        SheetTooLong,
        OtherMediaType,
    ),
    summary="Upload a workbook and see what it would change; nothing changes yet",
)
async def create_line_item_import(
    proposal_id: UUID,
    uow: Uow,
    content: Annotated[bytes, takes_file(XLSX, most_bytes=MOST_BYTES)],
) -> LineItemImport:
    return await usecases.create_line_item_import(uow, proposal_id, content)


@router.get(
    IMPORT,
    response_model=schemas.LineItemImportRead,
    dependencies=[requires("budgeting.line_item_import.read")],
    responses=refuses(ImportNotFound),
    summary="Read an import with its differences and rejected rows",
)
async def get_line_item_import(proposal_id: UUID, import_id: UUID, uow: Uow) -> LineItemImport:
    return await queries.get_line_item_import(uow.session, proposal_id, import_id)


@router.get(
    IMPORT + "/rejected-rows.xlsx",
    response_class=Response,
    dependencies=[requires("budgeting.line_item_import.read")],
    responses={
        **refuses(ImportNotFound, ProposalNotFound),
        **files(XLSX, summary="The rows not taken, with the reason beside each."),
    },
    summary="Get the rejected rows back, each with its reason, to mend and upload again",
)
async def get_rejected_rows(proposal_id: UUID, import_id: UUID, uow: Uow) -> Response:
    content = await usecases.get_rejected_rows(uow, proposal_id, import_id)
    return file_answer(content, media_type=XLSX, name=f"rejected-rows-{import_id}.xlsx")


@router.post(
    IMPORT + "/apply",
    response_model=schemas.LineItemImportRead,
    dependencies=[requires("budgeting.line_item_import.apply"), match_required],
    responses=refuses(*CHANGE, model.ImportNotPreviewed),
    summary="Bring in every good row of a preview at once",
)
async def apply_line_items(proposal_id: UUID, import_id: UUID, uow: Uow) -> LineItemImport:
    return await usecases.apply_line_items(uow, proposal_id, import_id)


@router.post(
    IMPORT + "/undo",
    response_model=schemas.LineItemImportRead,
    dependencies=[requires("budgeting.line_item_import.undo"), match_required],
    responses=refuses(*CHANGE, model.ImportNotApplied),
    summary="Take a whole import back",
)
async def undo_line_items(proposal_id: UUID, import_id: UUID, uow: Uow) -> LineItemImport:
    return await usecases.undo_line_items(uow, proposal_id, import_id)
