"""What an organization does to have the word of another on its proposal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.endorsement_requests.model import EndorsementRequest, RequestToOneself
from services.budgeting.endorsement_requests.schemas import EndorsementRequestCreate
from services.budgeting.endorsements.model import Requirement
from services.budgeting.endorsements.usecases import find_matter
from services.budgeting.known_organizations.usecases import check_organizations
from services.budgeting.programs.model import Program
from services.budgeting.programs.schemas import ProgramRead

SHOWN = {"id", "title", "justification", "expected_outcomes", "location", "sector", "tags"}
SHOWN_OF_LINES = {
    "id",
    "expense_class",
    "object_code",
    "description",
    "unit",
    "unit_cost_amount",
    "quantity",
    "justification",
    "requested_amount",
}


async def create_endorsement_request(
    uow: UnitOfWork, proposal_id: UUID, told: EndorsementRequestCreate
) -> EndorsementRequest:
    """Show an organization the lines that are its matter, as they are now, and ask for its word."""
    proposal, about = await find_matter(uow, proposal_id, told.endorser)
    if told.to_org_id == uow.actor.org_id:
        raise RequestToOneself(pointer="/body/to_org_id")
    await check_organizations(uow, [("/body/to_org_id", told.to_org_id)])
    request = EndorsementRequest(
        **dict(told),
        proposal_id=proposal.id,
        kind=about.kind,
        title=about.title,
        fiscal_year=proposal.fiscal_year,
        proposal_title=proposal.title,
        covered_amount=about.amount,
        covered_digest=about.digest,
        content=_content(about),
    )
    uow.session.add(request)
    return request


def _content(about: Requirement) -> list[dict[str, Any]]:
    programs: dict[UUID, Program] = {program.id: program for program, _ in about.lines}
    concerned = {str(line.id) for _, line in about.lines}
    shown = {"__all__": SHOWN_OF_LINES}
    told = [
        ProgramRead.model_validate(each).model_dump(
            mode="json", include={**dict.fromkeys(SHOWN, True), "line_items": shown}
        )
        for each in programs.values()
    ]
    for each in told:
        each["line_items"] = [line for line in each["line_items"] if line["id"] in concerned]
    return told
