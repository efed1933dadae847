"""The chain of money, from the call of the treasury to the payment and what oversight sees of it.

People of MOH with different rights, and two of the treasury, who act in their own organization
and see nothing that MOH has not submitted.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from libs.chassis.files import XLSX
from tests.e2e.budget_steps import (
    CASH,
    EQUIPMENT,
    GRANTED,
    LINE,
    OBLIGED,
    PAID,
    REQUESTED,
    TODAY,
    YEAR,
    done,
    org_id_of,
    received_cash,
    spent,
)
from tests.e2e.system import ROOT, System, Visitor, eventually


def test_from_the_call_to_the_payment_and_oversight(system: System, tmp_path: Path) -> None:
    analyst, approver = (
        system.person("mfbm_analyst", "MFBM"),
        system.person("mfbm_approver", "MFBM"),
    )
    staff, manager = system.person("staff", "MOH"), system.person("manager", "MOH")
    moh_id = org_id_of(staff)

    call = opened_call(analyst)
    ceiling = {"budget_call_id": call["id"], "for_org_id": moh_id, "amount": REQUESTED}
    # Budgeting hears of the organizations from identity's register, some moments after it is up.
    set_here = analyst.at("budgeting/ceilings")
    eventually(lambda: done(analyst.post(set_here, json=ceiling), 201))

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

    items = enacted(analyst, approver, staff, moh_id)
    item = items["mooe"]
    assert item["appropriated_amount"] == GRANTED
    allocation = allocated(staff, manager, item, GRANTED, proposal["programs"][0]["id"])
    assert allocation["unallotted_amount"] == GRANTED
    left = done(staff.get(staff.at(f"budgeting/appropriation-items/{item['id']}")))
    assert left["unallocated_amount"] == "0.00"
    equipment = allocated(staff, manager, items["co"], EQUIPMENT)

    spent(system, allocation, equipment)
    told = reported(system, tmp_path)
    oversight_sees_the_same(system, told)


def reported(system: System, folder: Path) -> dict[str, dict[str, Decimal]]:
    """Freeze the statement; return its sums by class. Its workbook is known as the record's."""
    staff = system.person("staff", "MOH")
    asked = {"kind": "saaodb", "fiscal_year": YEAR}
    report = done(staff.post(staff.at("budgeting/reports"), json=asked), 201)
    here = staff.at(f"budgeting/reports/{report['id']}")
    file = folder / "far-1.xlsx"
    file.write_bytes(staff.get(f"{here}/report.xlsx").content)
    checked = staff.post(
        staff.at("budgeting/reports/check"),
        content=file.read_bytes(),
        headers={"Content-Type": XLSX},
    )
    told = done(checked)
    assert (told["is_unchanged"], told["is_current"]) == (True, True)
    signed(system, here)
    if system.is_embedded:
        for words in (("report", "check", str(file)), ("budget", "prove")):
            command(system, *words)
    keys = [column["key"] for column in report["figures"]["columns"]]
    sums: dict[str, dict[str, Decimal]] = {}
    for row in report["figures"]["rows"]:
        line = dict(zip(keys, row, strict=True))
        held = sums.setdefault(line["expense_class"], dict.fromkeys(MEASURES, Decimal(0)))
        for measure, key in MEASURES.items():
            held[measure] += Decimal(line[key])
    return sums


def signed(system: System, report: str) -> None:
    """Certify, approve and hand in: three people, each with the right of their role alone."""
    steps = {
        "certify-budget": "budget_officer",
        "certify-accounts": "accountant",
        "approve": "manager",
        "submit": "budget_officer",
    }
    for verb, role in steps.items():
        told = {"name": role.replace("_", " ").title(), "position": "Officer"}
        assert system.person("viewer", "MOH").act(report, verb, told).status_code == 403
        seen = done(system.person(role, "MOH").act(report, verb, told))
    assert seen["state"] == "submitted"


MEASURES = {
    "appropriated_amount": "adjusted",
    "allotted_amount": "allotments",
    "obligated_amount": "obligated",
    "disbursed_amount": "disbursed",
}
"""B5 to B8 as oversight names them, and as the organization's own statement does."""


def command(system: System, *words: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "deploy.cli.main", *words],
        cwd=ROOT,
        env={**os.environ, "BMMS_HOME": str(system.home)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def oversight_sees_the_same(system: System, own: dict[str, dict[str, Decimal]]) -> None:
    """Both sides agree to the centavo in every class, once oversight has heard everything."""
    received_cash(system)
    oversight = system.person("analyst", "OCM")
    paid_out = Decimal(PAID) + Decimal(EQUIPMENT)
    assert sum(each["disbursed_amount"] for each in own.values()) == paid_out
    assert own["mooe"]["obligated_amount"] == sum(map(Decimal, OBLIGED))

    def compared() -> None:
        answer = done(oversight.get(f"/api/v1/ocm/budget?fiscal_year={YEAR}"))
        moh = next(each for each in answer["organizations"] if each["code"] == "MOH")
        assert moh["approved_amount"] == GRANTED
        assert moh["proposed_amount"] == REQUESTED
        seen = {
            each["expense_class"]: {name: Decimal(each[name]) for name in MEASURES}
            for each in moh["by_class"]
        }
        assert {key: each for key, each in seen.items() if any(each.values())} == own
        for name in MEASURES:
            whole = sum(each[name] for each in own.values())
            assert Decimal(moh[name]) == Decimal(answer["totals"][name]) == whole
        assert moh["breaches"] == []
        assert moh["programmed_amount"] == CASH
        assert Decimal(moh["programme_variance_amount"]) == paid_out - Decimal(CASH)

    eventually(compared)


def test_staff_of_an_organization_open_no_call_and_enact_nothing(system: System) -> None:
    manager = system.person("manager", "MOH")
    for path in ("budget-calls", "ceilings", "appropriations", "reviews"):
        answer = manager.post(manager.at(f"budgeting/{path}"), json={})
        assert answer.status_code in (403, 422), answer.text
        assert answer.json()["code"] in ("not_permitted", "invalid_request")


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
    said = {
        "endorser": "bpda",
        "decision": "endorsed",
        "document_reference": "Certificate of alignment 1",
        "document_on": str(TODAY),
    }
    assert staff.act(here, "submit").json()["code"] == "endorsements_missing"
    done(staff.post(f"{here}/endorsements", json=said), 201)
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


def enacted(
    analyst: Visitor, approver: Visitor, staff: Visitor, for_org_id: str
) -> dict[str, dict[str, Any]]:
    """Enter an act that another person enacts; return what it became in MOH, by class."""
    items = [
        {
            "for_org_id": for_org_id,
            "program_title": "Primary care",
            "expense_class": expense_class,
            "funding_source": "block_grant",
            "amount": amount,
        }
        for expense_class, amount in (("mooe", GRANTED), ("co", EQUIPMENT))
    ]
    act = {
        "fiscal_year": YEAR,
        "act_reference": f"BAA {uuid4()}",
        "title": f"General appropriations {YEAR}",
        "enacted_on": str(TODAY),
        "valid_until": f"{YEAR}-12-31",
        "items": items,
    }
    made = done(analyst.post(analyst.at("budgeting/appropriations"), json=act), 201)
    here = analyst.at(f"budgeting/appropriations/{made['id']}")
    assert analyst.act(here, "enact").status_code == 403
    done(approver.act(here, "enact"))

    def received() -> dict[str, dict[str, Any]]:
        told = done(staff.get(staff.at(f"budgeting/appropriation-items?fiscal_year={YEAR}")))
        found = {
            each["expense_class"]: each
            for each in told["items"]
            if each["appropriation_id"] == made["id"]
        }
        assert len(found) == len(items)
        return found

    return eventually(received)


def allocated(
    staff: Visitor,
    manager: Visitor,
    item: dict[str, Any],
    amount: str,
    program_id: str | None = None,
) -> dict[str, Any]:
    program = {"program_id": program_id} if program_id else {"program_title": "Equipment"}
    body = {"appropriation_item_id": item["id"], "amount": amount, **program}
    made = done(staff.post(staff.at("budgeting/allocations"), json=body), 201)
    here = staff.at(f"budgeting/allocations/{made['id']}")
    assert staff.act(here, "approve").status_code == 403
    return done(manager.act(here, "approve"))
