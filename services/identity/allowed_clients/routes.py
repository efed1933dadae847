"""The page on which a person sees and takes back what they allowed."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from services.identity.consents.queries import list_consents
from services.identity.consents.usecases import withdraw_consent
from services.identity.languages.model import in_manila
from services.identity.pages.schemas import Held, ListPage
from services.identity.web import PageRoute, Visiting

router = APIRouter(prefix="/account/consents", include_in_schema=False, route_class=PageRoute)


@router.get("")
async def show_consents(visit: Visiting) -> Response:
    session = await visit.person()
    async with visit.transaction(session.user.as_person()) as uow:
        found = await list_consents(uow.session, session.user_id)
    rows = tuple(
        Held(
            id=str(row.id),
            name=row.client.name,
            lines=(
                visit.say("consents.since", at=in_manila(row.given_at)),
                visit.say("consents.scope", scope=", ".join(row.scopes)),
            ),
        )
        for row in found
    )
    return await visit.show(ListPage(kind="consents", rows=rows))


@router.post("/{consent_id}/end")
async def withdraw(visit: Visiting, consent_id: UUID) -> Response:
    session = await visit.person()
    async with visit.transaction(session.user.as_person()) as uow:
        await withdraw_consent(uow, user_id=session.user_id, consent_id=consent_id)
    return visit.go("/account/consents")
