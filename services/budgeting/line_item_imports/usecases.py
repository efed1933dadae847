"""Everything a person can do with a workbook of line items, one function a verb."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from anyio import to_thread
from uuid_utils.compat import uuid7

from libs.outbox.uow import UnitOfWork
from services.budgeting.line_item_differences.usecases import (
    Comparison,
    as_cells,
    compare_rows,
    line_cells,
    line_values,
    program_label,
)
from services.budgeting.line_item_imports.model import (
    ImportOfAnother,
    ImportStatus,
    LineItemImport,
)
from services.budgeting.line_item_imports.queries import get_line_item_import
from services.budgeting.line_item_sheets.model import (
    BLANK_ROWS,
    Heading,
    read_sheet,
    write_sheet,
)
from services.budgeting.line_items.model import LineItem
from services.budgeting.line_items.schemas import LineItemCreate
from services.budgeting.object_codes.model import Catalogue
from services.budgeting.object_codes.queries import get_catalogue
from services.budgeting.proposals.model import Proposal
from services.budgeting.proposals.queries import get_proposal


async def get_line_item_sheet(uow: UnitOfWork, proposal_id: UUID) -> bytes:
    """Return the lines of a proposal as the workbook that can be filled in and sent back."""
    proposal = await get_proposal(uow.session, proposal_id)
    catalogue = await get_catalogue(uow.session, proposal.fiscal_year)
    rows = [
        line_cells(line, each, catalogue) for each in proposal.programs for line in each.line_items
    ]
    heading = _heading(proposal, catalogue)
    return await to_thread.run_sync(lambda: write_sheet(heading, rows, spare=BLANK_ROWS))


async def create_line_item_import(
    uow: UnitOfWork, proposal_id: UUID, content: bytes
) -> LineItemImport:
    """Say what a workbook would change, cell by cell, and keep that; no line is touched."""
    proposal = await get_proposal(uow.session, proposal_id)
    proposal.check_editable()
    named, rows = await to_thread.run_sync(read_sheet, content)
    if named != str(proposal_id):
        raise ImportOfAnother("Export the workbook of this proposal and fill in that one.")
    catalogue = await get_catalogue(uow.session, proposal.fiscal_year)
    found = compare_rows(proposal, rows, catalogue)
    preview = _preview(proposal, found, hashlib.sha256(content).hexdigest(), len(rows))
    uow.session.add(preview)
    return preview


async def apply_line_items(uow: UnitOfWork, proposal_id: UUID, import_id: UUID) -> LineItemImport:
    """Bring in every good row of a preview at once; it can be undone until the next change."""
    proposal = await get_proposal(uow.session, proposal_id, lock=True)
    told = await get_line_item_import(uow.session, proposal_id, import_id, lock=True)
    uow.expect(told)
    told.apply(uow.now())
    told.check_current(proposal.version, since=told.seen_version)
    proposal.prepare(by=uow.actor.user_id, at=uow.now())
    told.before = _carry_out(proposal, told.steps, uow)
    proposal.recount("/body")
    await uow.session.flush()
    told.applied_version = proposal.version
    return told


async def undo_line_items(uow: UnitOfWork, proposal_id: UUID, import_id: UUID) -> LineItemImport:
    """Take a whole import back: the lines are again what they were before it."""
    proposal = await get_proposal(uow.session, proposal_id, lock=True)
    told = await get_line_item_import(uow.session, proposal_id, import_id, lock=True)
    uow.expect(told)
    told.undo(uow.now())
    told.check_current(proposal.version, since=told.applied_version)
    proposal.prepare(by=uow.actor.user_id, at=uow.now())
    _restore(proposal, told.before, uow)
    proposal.recount("/body")
    return told


async def get_rejected_rows(uow: UnitOfWork, proposal_id: UUID, import_id: UUID) -> bytes:
    """Return the rows that were not taken as a workbook with the reason beside each."""
    proposal = await get_proposal(uow.session, proposal_id)
    told = await get_line_item_import(uow.session, proposal_id, import_id)
    rows = [
        {**as_cells(each["cells"]), "reason": f"{each['column']}: {each['reason']}"}
        for each in told.rejections
    ]
    heading = _heading(proposal, await get_catalogue(uow.session, proposal.fiscal_year))
    return await to_thread.run_sync(lambda: write_sheet(heading, rows, spare=0))


def _heading(proposal: Proposal, catalogue: Catalogue) -> Heading:
    return Heading(
        title=f"{proposal.title}, fiscal year {proposal.fiscal_year}",
        proposal_id=str(proposal.id),
        programs=[program_label(each) for each in proposal.programs],
        object_codes=catalogue.labels,
    )


def _preview(proposal: Proposal, found: Comparison, digest: str, read: int) -> LineItemImport:
    return LineItemImport(
        proposal_id=proposal.id,
        file_digest=digest,
        status=ImportStatus.previewed,
        seen_version=proposal.version,
        rows_read=read,
        rows_added=found.count("add"),
        rows_changed=found.count("change"),
        rows_removed=found.count("remove"),
        rows_unchanged=found.unchanged,
        rows_rejected=len(found.rejections),
        steps=found.steps,
        differences=found.differences,
        rejections=found.rejections,
        before={},
    )


def _carry_out(proposal: Proposal, steps: list[dict[str, Any]], uow: UnitOfWork) -> dict[str, Any]:
    """Add, change and remove as the steps say; return what undoing needs to know."""
    programs = {str(each.id): each for each in proposal.programs}
    lines = {str(line.id): line for each in proposal.programs for line in each.line_items}
    last = {
        key: max((line.display_order for line in each.line_items), default=0)
        for key, each in programs.items()
    }
    before: dict[str, Any] = {"added": [], "changed": [], "removed": []}
    gone: set[LineItem] = set()
    for step in steps:
        key = step["program_id"]
        if step["action"] == "add":
            last[key] += 1
            line = _line(step["values"], last[key])
            programs[key].line_items.append(line)
            before["added"].append(str(line.id))
            continue
        line = lines[step["line_item_id"]]
        kind = "removed" if step["action"] == "remove" else "changed"
        before[kind].append(_remember(line))
        if kind == "removed":
            gone.add(line)
        else:
            _fill(line, step["values"])
    for key in {step["program_id"] for step in steps}:
        program = programs[key]
        program.line_items[:] = [line for line in program.line_items if line not in gone]
        program.touch(uow.now())
    return before


def _restore(proposal: Proposal, before: dict[str, Any], uow: UnitOfWork) -> None:
    programs = {str(each.id): each for each in proposal.programs}
    lines = {str(line.id): line for each in proposal.programs for line in each.line_items}
    for told in before["changed"]:
        _fill(lines[told["id"]], told["values"])
    for told in before["removed"]:
        line = _line(told["values"], told["display_order"])
        line.id = UUID(told["id"])
        programs[told["program_id"]].line_items.append(line)
    added = set(before["added"])
    for program in proposal.programs:
        program.line_items[:] = [line for line in program.line_items if str(line.id) not in added]
        program.touch(uow.now())


def _remember(line: LineItem) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "program_id": str(line.program_id),
        "display_order": line.display_order,
        "values": line_values(line),
    }


def _line(values: dict[str, Any], display_order: int) -> LineItem:
    shape = LineItemCreate.model_validate(values)
    line = LineItem(**dict(shape), id=uuid7(), display_order=display_order)
    line.price()
    return line


def _fill(line: LineItem, values: dict[str, Any]) -> None:
    for name, value in dict(LineItemCreate.model_validate(values)).items():
        setattr(line, name, value)
    line.price()
