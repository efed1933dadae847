"""The page of an invitation."""

from __future__ import annotations

from fastapi import APIRouter, Response

from libs.refusals import Invalid
from services.identity.invitations.model import InvitationNotOpen
from services.identity.pages.schemas import InvitationPage, NewPasswordPage, Problem
from services.identity.web import PageRoute, Visit, Visiting
from services.identity.welcomes import usecases

router = APIRouter(prefix="/account", include_in_schema=False, route_class=PageRoute)


@router.get("/invitation")
async def show_invitation(visit: Visiting) -> Response:
    return await _form(visit, visit.request.query_params.get("secret", ""))


@router.post("/invitation")
async def accept_invitation(visit: Visiting) -> Response:
    secret = visit.field("secret", 100)
    try:
        async with visit.transaction() as uow:
            await usecases.join(uow, secret, visit.field("new_password", 2000) or None)
    except InvitationNotOpen as refusal:
        return await _over(visit, refusal)
    except Invalid as refusal:
        return await _form(visit, secret, *visit.problem(refusal, "new_password"))
    return await visit.tell("invitation.done", link="/account/sign-in")


async def _form(visit: Visit, secret: str, *problems: Problem) -> Response:
    try:
        async with visit.transaction() as uow:
            found = await usecases.find_welcome(uow, secret)
    except InvitationNotOpen as refusal:
        return await _over(visit, refusal)
    if visit.cookies.language not in visit.request.cookies:
        visit.keep_language(found.language)
    organization = f"{found.organization_name} ({found.organization_code})"
    if not found.needs_password:
        return await visit.show(
            InvitationPage(
                lead=visit.say("invitation.accept.lead", organization=organization), secret=secret
            )
        )
    page = NewPasswordPage(
        action="/account/invitation",
        title=visit.say("invitation.title"),
        lead=visit.say("invitation.lead", organization=organization),
        email=found.email,
        secret=secret,
        problems=problems,
    )
    return await visit.show(page, 422 if problems else 200)


async def _over(visit: Visit, refusal: InvitationNotOpen) -> Response:
    return await visit.tell("invitation_not_open", status=refusal.status, link="/account/sign-in")
