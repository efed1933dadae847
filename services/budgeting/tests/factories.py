"""Valid bodies of budgeting's requests, and drafts in memory; a test names what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from libs.chassis.files import XLSX
from libs.chassis.testing import Person, org_id_of
from libs.tenancy.rows import MANILA
from services.budgeting.line_items.model import LineItem
from services.budgeting.programs.model import ZERO, Program
from services.budgeting.proposal_states.model import ProposalKind, ProposalStatus
from services.budgeting.proposals.model import Proposal

PROPOSALS = "/api/v1/moa/{}/budgeting/proposals"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@cache
def this_year() -> int:
    """The fiscal year that stays open whenever a test runs, also around midnight in Manila.

    It is one year for the whole run, which may begin in one and end in another.
    """
    return (datetime.now(MANILA) + timedelta(days=1)).year


def a_line(**changes: Any) -> dict[str, Any]:
    return {
        "expense_class": "mooe",
        "object_code": "5020301000",
        "description": "Drugs and medicines for barangay health stations",
        "unit": "lot",
        "unit_cost_amount": "1250.50",
        "quantity": "12",
        **changes,
    }


def a_program(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Primary care in every barangay",
        "justification": "Half of the stations ran out of medicines last year.",
        "expected_outcomes": "No stock-out longer than a week",
        "line_items": [a_line(), a_line(expense_class="co", object_code="50604010")],
        **changes,
    }


def a_proposal(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Health budget",
        "fiscal_year": this_year(),
        "programs": [a_program(), a_program(title="Maternal health")],
        **changes,
    }


def a_draft(by: UUID | None = None, *amounts: str) -> Proposal:
    """Return a complete draft in memory: one program with a line of each amount."""
    author = by or uuid7()
    lines = [
        LineItem(
            id=uuid7(),
            display_order=position,
            expense_class="mooe",
            unit_cost_amount=Decimal(amount),
            quantity=Decimal(1),
        )
        for position, amount in enumerate(amounts or ("100.00",), start=1)
    ]
    for line in lines:
        line.price()
    program = Program(
        id=uuid7(),
        title="Care",
        justification="Needed",
        priority_rank=1,
        requested_amount=ZERO,
        line_items=lines,
    )
    proposal = Proposal(
        id=uuid7(),
        title="Budget",
        fiscal_year=2026,
        kind=ProposalKind.annual,
        status=ProposalStatus.draft,
        revision=0,
        remarks="",
        total_requested_amount=ZERO,
        preparers=[author],
        created_by=author,
        programs=[program],
    )
    proposal.recount("/body")
    return proposal


async def seed(person: Person, _database: object) -> dict[str, str]:
    """Make one record for every path parameter of budgeting, as `person`; return their ids."""
    # What it imports stands on these bodies.
    from services.budgeting.tests.neighbours import know_register

    await know_register(person._transport.app.state.database)  # type: ignore[attr-defined]
    # What is spent stands on these bodies; they would import each other at the top.
    from services.budgeting.tests.seeding import seed_authority, seed_spending

    # Its year has an issued call, so that this one stays a draft whoever tries to open it.
    call = await make(person, "budget-calls", a_call(fiscal_year=this_year() + 2))
    ceiling = await make(person, "ceilings", {"budget_call_id": call["id"], "amount": "1.00"})
    act = await make(person, "appropriations", an_act())
    return {
        **await _seed_proposal(person),
        "scenario_id": (await make(person, "scenarios", a_scenario()))["id"],
        "other_scenario_id": (await make(person, "scenarios", a_scenario()))["id"],
        "appropriation_id": act["id"],
        "act_item_id": act["items"][0]["id"],
        **await seed_authority(person),
        "budget_call_id": call["id"],
        "ceiling_id": ceiling["id"],
        "review_id": (await a_review(person))["id"],
        **await seed_spending(person),
    }


async def _seed_proposal(person: Person) -> dict[str, str]:
    proposals = PROPOSALS.format(person.org)
    made = (await person.post(proposals, json=a_proposal(kind="supplemental"))).json()
    here = f"{proposals}/{made['id']}"
    blank = (await person.get(f"{here}/line-items.xlsx")).content
    preview = await person.post(
        f"{here}/line-item-imports", content=blank, headers={"Content-Type": XLSX}
    )
    asked = await make(person, f"proposals/{made['id']}/endorsement-requests", a_request())
    answer = await person.post(f"{here}/submit", headers={"If-Match": f'"{made["version"]}"'})
    assert answer.status_code == 200, answer.text
    submissions = (await person.get(f"{here}/submissions")).json()["items"]
    return {
        "proposal_id": made["id"],
        "endorsement_request_id": asked["id"],
        "program_id": made["programs"][0]["id"],
        "line_item_id": made["programs"][0]["line_items"][0]["id"],
        "submission_id": submissions[0]["id"],
        "import_id": preview.json()["id"],
    }


def a_scenario(**changes: Any) -> dict[str, Any]:
    told = {"title": "What if", "fiscal_year": this_year(), "total_amount": "1000.00"}
    return {**told, **changes}


def a_call(**changes: Any) -> dict[str, Any]:
    today = datetime.now(MANILA).date()
    return {
        "fiscal_year": this_year(),
        "title": "Budget call",
        "opens_on": str(today - timedelta(days=2)),
        "deadline_on": str(today + timedelta(days=30)),
        "calendar": [{"name": "Hearings", "starts_on": str(today), "ends_on": str(today)}],
        **changes,
    }


def there(person: Person, path: str) -> str:
    return f"/api/v1/moa/{person.org}/budgeting/{path}"


def an_act(**changes: Any) -> dict[str, Any]:
    year = this_year()
    return {
        "fiscal_year": year,
        "act_reference": f"BAA {uuid7()}",
        "title": "General appropriations",
        "enacted_on": f"{year}-01-02",
        "valid_until": f"{year}-12-31",
        "items": [an_act_item()],
        **changes,
    }


def an_act_item(org: str = "MOH", **changes: Any) -> dict[str, Any]:
    return {
        "for_org_id": str(org_id_of(org)),
        "program_title": "Primary care",
        "expense_class": "mooe",
        "funding_source": "block_grant",
        "amount": "1000.00",
        **changes,
    }


async def a_review(person: Person) -> dict[str, Any]:
    """Let an organization be issuer, preparer, head and reviewer of a supplemental proposal."""
    year = this_year() + 2
    issued = await person.get(there(person, f"budget-calls?fiscal_year={year}&status=open"))
    if not issued.json()["items"]:
        await an_open_call(person, fiscal_year=year)
    proposal = await created(person, kind="supplemental", fiscal_year=year)
    head = person.another()
    await spoken_for(person, proposal)
    for somebody, verb in ((head, "endorse"), (person, "submit")):
        answer = await step(somebody, f"proposals/{proposal['id']}", verb)
        assert answer.status_code == 200, answer.text
    await head.aclose()
    received = await person.get(there(person, f"submissions?fiscal_year={year}"))
    submission = next(
        each for each in received.json()["items"] if each["proposal_id"] == proposal["id"]
    )
    return await make(person, "reviews", {"submission_id": submission["id"]})


async def make(person: Person, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await person.post(there(person, path), json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def step(person: Person, path: str, verb: str, **body: Any) -> Any:
    """Read the record for its ETag, then post the verb."""
    seen = await person.get(there(person, path))
    assert seen.status_code == 200, seen.text
    match = {"If-Match": seen.headers["ETag"]}
    return await person.post(f"{there(person, path)}/{verb}", json=body or None, headers=match)


async def an_open_call(issuer: Person, **changes: Any) -> dict[str, Any]:
    call = await make(issuer, "budget-calls", a_call(**changes))
    answer = await step(issuer, f"budget-calls/{call['id']}", "open")
    assert answer.status_code == 200, answer.text
    opened: dict[str, Any] = answer.json()
    return opened


async def endorsed_and_submitted(preparer: Person, head: Person, **changes: Any) -> dict[str, Any]:
    proposal = await created(preparer, **changes)
    await spoken_for(preparer, proposal)
    for person, verb in ((head, "endorse"), (preparer, "submit")):
        answer = await step(person, f"proposals/{proposal['id']}", verb)
        assert answer.status_code == 200, answer.text
    submitted: dict[str, Any] = answer.json()
    return submitted


async def spoken_for(preparer: Person, proposal: dict[str, Any]) -> None:
    """Record the word of every office that the proposal needs and has not got."""
    here = there(preparer, f"proposals/{proposal['id']}/endorsements")
    for each in (await preparer.get(here)).json()["required"]:
        if each["standing"] != "endorsed":
            answer = await preparer.post(here, json=an_endorsement(endorser=each["endorser"]))
            assert answer.status_code == 201, answer.text


def an_endorsement(**changes: Any) -> dict[str, Any]:
    told = {"endorser": "bpda", "decision": "endorsed", "document_reference": "Letter 12"}
    return {**told, "document_on": "2026-03-02", **changes}


def a_request(**changes: Any) -> dict[str, Any]:
    return {"endorser": "bpda", "to_org_id": str(org_id_of("MAFAR")), **changes}


def proposals_of(person: Person) -> str:
    return PROPOSALS.format(person.org)


async def created(person: Person, **changes: Any) -> dict[str, Any]:
    answer = await person.post(proposals_of(person), json=a_proposal(**changes))
    assert answer.status_code == 201, answer.text
    proposal: dict[str, Any] = answer.json()
    return proposal


async def act(person: Person, proposal: dict[str, Any], verb: str, **body: Any) -> Any:
    """Read the proposal for its ETag, then post the verb."""
    here = f"{proposals_of(person)}/{proposal['id']}"
    seen = await person.get(here)
    return await person.post(
        f"{here}/{verb}", json=body or None, headers={"If-Match": seen.headers["ETag"]}
    )
