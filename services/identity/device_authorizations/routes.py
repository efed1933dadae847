"""The page on which a person answers a device."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.identity.authorizations.usecases import Choice
from services.identity.device_authorizations import usecases
from services.identity.device_authorizations.model import (
    DeviceRequestAnswered,
    DeviceRequestNotFound,
    as_typed,
    shown,
)
from services.identity.device_authorizations.schemas import DevicePage
from services.identity.pages.schemas import Problem
from services.identity.sessions.model import SignInSession
from services.identity.web import PageRoute, Visit, Visiting

router = APIRouter(prefix="/device", include_in_schema=False, route_class=PageRoute)


@router.get("")
async def ask(visit: Visiting) -> Response:
    await visit.person()
    # A code in the address is only filled in: the person compares and sends it (RFC 8628, 5.4).
    code = visit.request.query_params.get("user_code", "")[:30]
    return await visit.show(DevicePage(user_code=_shown(code)))


@router.post("")
async def decide(visit: Visiting) -> Response:
    session = await visit.person()
    try:
        return await _decided(visit, session)
    except (DeviceRequestNotFound, DeviceRequestAnswered):
        problem = Problem(text=visit.say("device.unknown"), field="user_code")
        page = DevicePage(user_code=_shown(visit.field("user_code", 30)), problems=(problem,))
        return await visit.show(page, 404)


async def _decided(visit: Visit, session: SignInSession) -> Response:
    choice = Choice(visit.settings.only_organization, visit.settings.allows_choice)
    code, decision = visit.field("user_code", 30), visit.field("decision", 10)
    async with visit.transaction(session.user.as_person()) as uow:
        if decision == "deny":
            await usecases.deny(uow, code)
        elif decision == "allow":
            chosen = visit.field("organization", 20)
            await usecases.allow(uow, session, code, chosen, choice)
        else:
            device = await usecases.find_pending(uow, code)
            open_to = await usecases.list_choices(uow, session, choice)
            page = DevicePage(
                user_code=_shown(code),
                client_name=device.client.name,
                organizations=tuple((row.code, row.name) for row in open_to),
            )
            return await visit.show(page)
    return await visit.tell("device.denied" if decision == "deny" else "device.allowed")


def _shown(typed: str) -> str:
    code = as_typed(typed)
    return shown(code) if code else ""
