"""A person's own consents over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.problems import refuses
from services.identity.consents import queries, schemas, usecases
from services.identity.consents.model import Consent, ConsentNotFound

router = slice_router(prefix="/api/v1/identity/me/consents", tag="me")


@router.get("", response_model=schemas.ConsentPage, summary="List what you consent to")
async def list_consents(
    params: Annotated[schemas.ConsentListParams, Query()], uow: Uow
) -> Rows[Consent]:  # type: ignore[type-var]
    return await queries.page_of_consents(uow.session, uow.actor.user_id, params)


@router.post(
    "/{consent_id}/withdraw",
    response_model=schemas.ConsentRead,
    responses=refuses(ConsentNotFound),
    summary="Take a consent back, and with it what the client was given",
)
async def withdraw_consent(consent_id: UUID, uow: Uow) -> Consent:
    return await usecases.withdraw_consent(uow, user_id=uow.actor.user_id, consent_id=consent_id)
