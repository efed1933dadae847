"""The chain of money, from the call of the treasury to what an organization may spend.

Three people of MOH with different rights, and two of the treasury, who act in their own
organization and see nothing that MOH has not submitted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from libs.tenancy.rows import MANILA
from tests.e2e.system import System, Visitor, eventually

TODAY = datetime.now(MANILA).date()
YEAR = TODAY.year + 3
"""A fiscal year that no other journey is about."""

LINE = {
    "expense_class": "mooe",
    "object_code": "5020307000",
    "description": "Medicines for barangay health stations",
    "unit": "lot",
    "unit_cost_amount": "1250.33",
    "quantity": "100",
}
REQUESTED, GRANTED = "125033.00", "100000.01"


def done(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_from_the_call_to_the_allocation(system: System) -> None:
    analyst, approver = (
        system.person("mfbm_analyst", "MFBM"),
        system.person("mfbm_approver", "MFBM"),
    )
    staff, manager = system.person("staff", "MOH"), system.person("manager", "MOH")
    moh_id = org_id_of(staff)

    call = opened_call(analyst)
    ceiling = {"budget_call_id": call["id"], "for_org_id": moh_id, "amount": REQUESTED}
    done(analyst.post(analyst.at("budgeting/ceilings"), json=ceiling), 201)

    proposal = submitted(staff, manager)
    assert proposal["reviewer_org_id"] == call["issuer_org_id"]
    assert analyst.get(analyst.at(f"budgeting/proposals/{proposal['id']}")).status_code == 404

    decided(analyst, approver, proposal)
    here = staff.at(f"budgeting/proposals/{proposal['id']}")

    def granted() -> dict[str, Any]:
        seen = done(staff.get(here))
        assert seen["status"] == "approved"
        return seen

    assert eventually(granted)["total_approved_amount"] == GRANTED

    item = enacted(analyst, approver, staff, moh_id)
    assert item["appropriated_amount"] == GRANTED
    allocation = allocated(staff, manager, item, proposal["programs"][0]["id"])
    assert allocation["unallotted_amount"] == GRANTED
    assert (
        done(staff.get(staff.at(f"budgeting/appropriation-items/{item['id']}")))[
            "unallocated_amount"
        ]
        == "0.00"
    )


def oversight_sees_the_same(system: System) -> None:
    """Both sides agree to the centavo, once oversight has heard everything."""
    oversight = system.person("analyst", "OCM")

    def compared() -> None:
        answer = done(oversight.get(f"/api/v1/ocm/budget?fiscal_year={YEAR}"))
        moh = next(each for each in answer["organizations"] if each["code"] == "MOH")
        assert moh["approved_amount"] == moh["appropriated_amount"] == GRANTED
        assert moh["proposed_amount"] == REQUESTED
        assert answer["totals"]["appropriated_amount"] == GRANTED

    eventually(compared)


def test_staff_of_an_organization_open_no_call_and_enact_nothing(system: System) -> None:
    manager = system.person("manager", "MOH")
    for path in ("budget-calls", "ceilings", "appropriations", "reviews"):
        answer = manager.post(manager.at(f"budgeting/{path}"), json={})
        assert answer.status_code in (403, 422), answer.text
        assert answer.json()["code"] in ("not_permitted", "invalid_request")


def org_id_of(person: Visitor) -> str:
    return str(done(person.get("/api/v1/identity/me"))["organization"]["id"])


def opened_call(analyst: Visitor) -> dict[str, Any]:

    call = {
        "fiscal_year": YEAR,
        "title": f"Budget call {YEAR}",
        "opens_on": str(TODAY - timedelta(days=2)),
        "deadline_on": str(TODAY + timedelta(days=30)),
    }
    made = done(analyst.post(analyst.at("budgeting/budget-calls"), json=call), 201)
    return done(analyst.act(analyst.at(f"budgeting/budget-calls/{made['id']}"), "open"))


def submitted(staff: Visitor, head: Visitor) -> dict[str, Any]:
    """Prepare, have the head endorse, and submit; more than the ceiling is refused first."""
    program = {"title": "Primary care", "justification": "Needed", "line_items": [LINE]}
    body = {"title": f"Health {YEAR}", "fiscal_year": YEAR, "programs": [program]}
    made = done(staff.post(staff.at("budgeting/proposals"), json=body), 201)
    here = staff.at(f"budgeting/proposals/{made['id']}")
    assert staff.act(here, "submit").json()["code"] == "not_endorsed"
    line = f"{here}/programs/{made['programs'][0]['id']}/line-items"
    more = done(staff.post(line, json={**LINE, "quantity": "0.001"}), 201)
    done(head.act(here, "endorse"))
    over = staff.act(here, "submit")
    assert (over.status_code, over.json()["code"]) == (409, "ceiling_exceeded")
    match = {"If-Match": f'"{more["version"]}"'}
    assert staff.delete(f"{line}/{more['id']}", headers=match).status_code == 204
    done(head.act(here, "endorse"))
    told = done(staff.act(here, "submit"))
    assert told["total_requested_amount"] == REQUESTED
    return told


def decided(analyst: Visitor, approver: Visitor, proposal: dict[str, Any]) -> None:
    received = done(analyst.get(analyst.at(f"budgeting/submissions?fiscal_year={YEAR}")))["items"]
    submission = next(each for each in received if each["proposal_id"] == proposal["id"])
    reviews = analyst.at("budgeting/reviews")
    review = done(analyst.post(reviews, json={"submission_id": submission["id"]}), 201)
    here = f"{reviews}/{review['id']}"
    given = [{"program_id": proposal["programs"][0]["id"], "recommended_amount": GRANTED}]
    done(analyst.act(here, "recommend", {"programs": given}))
    assert analyst.act(here, "approve").status_code == 403
    done(approver.act(here, "approve"))


def enacted(analyst: Visitor, approver: Visitor, staff: Visitor, for_org_id: str) -> dict[str, Any]:
    item = {
        "for_org_id": for_org_id,
        "program_title": "Primary care",
        "expense_class": "mooe",
        "funding_source": "block_grant",
        "amount": GRANTED,
    }
    act = {
        "fiscal_year": YEAR,
        "act_reference": f"BAA {uuid4()}",
        "title": f"General appropriations {YEAR}",
        "enacted_on": str(TODAY),
        "valid_until": f"{YEAR}-12-31",
        "items": [item],
    }
    made = done(analyst.post(analyst.at("budgeting/appropriations"), json=act), 201)
    here = analyst.at(f"budgeting/appropriations/{made['id']}")
    assert analyst.act(here, "enact").status_code == 403
    done(approver.act(here, "enact"))

    def received() -> dict[str, Any]:
        items = done(staff.get(staff.at(f"budgeting/appropriation-items?fiscal_year={YEAR}")))
        found: dict[str, Any] = next(
            (each for each in items["items"] if each["appropriation_id"] == made["id"]), {}
        )
        assert found
        return found

    return eventually(received)


def allocated(
    staff: Visitor, manager: Visitor, item: dict[str, Any], program_id: str
) -> dict[str, Any]:
    body = {"appropriation_item_id": item["id"], "program_id": program_id, "amount": GRANTED}
    made = done(staff.post(staff.at("budgeting/allocations"), json=body), 201)
    here = staff.at(f"budgeting/allocations/{made['id']}")
    assert staff.act(here, "approve").status_code == 403
    return done(manager.act(here, "approve"))
