"""Private notes over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.coordination.member_notes import queries, schemas, usecases
from services.coordination.member_notes.model import NoteNotFound, PartnershipNote
from services.coordination.partnership_states.model import NotInvited, PartnershipNotFound

router = slice_router(
    prefix="/api/v1/moa/{org_code}/coordination/inter-moa-partnerships/{partnership_id}/notes",
    tag="private notes",
)


def _may(verb: str) -> list[Any]:
    return [requires(f"coordination.partnership_note.{verb}")]


@router.get(
    "",
    response_model=schemas.NotePage,
    dependencies=_may("read"),
    responses=refuses(PartnershipNotFound),
    summary="List the notes that your organization keeps for itself",
)
async def list_notes(
    partnership_id: UUID, params: Annotated[schemas.NoteFilter, Query()], uow: Uow
) -> Rows[PartnershipNote]:
    return await queries.list_notes(uow.session, partnership_id, params)


@router.post(
    "",
    response_model=schemas.NoteRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(PartnershipNotFound, NotInvited),
    summary="Write a note for your organization alone",
)
async def create_note(partnership_id: UUID, body: schemas.NoteCreate, uow: Uow) -> PartnershipNote:
    return await usecases.create_note(uow, partnership_id, body)


@router.delete(
    "/{note_id}",
    status_code=204,
    dependencies=[*_may("delete"), match_required],
    responses=refuses(PartnershipNotFound, NoteNotFound, MatchMissing, Stale),
    summary="Throw a note of your organization away",
)
async def delete_note(partnership_id: UUID, note_id: UUID, uow: Uow) -> None:
    await usecases.delete_note(uow, partnership_id, note_id)
