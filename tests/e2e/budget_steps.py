"""How the money of one allocation is spent, each step by whoever may do it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx

from libs.tenancy.rows import MANILA
from tests.e2e.system import System, Visitor, eventually

TODAY = datetime.now(MANILA).date()
YEAR = TODAY.year
"""The present fiscal year: no other journey is about it, and nothing is dated in another one."""

LINE = {
    "expense_class": "mooe",
    "object_code": "5020307000",
    "description": "Medicines for barangay health stations",
    "unit": "lot",
    "unit_cost_amount": "1250.33",
    "quantity": "100",
}
REQUESTED, GRANTED = "125033.00", "100000.01"
EQUIPMENT, EQUIPMENT_CODE = "7000.07", "5060405011"
CASH = "20000.01"
QUARTERS = ("25000.01", "25000.00", "25000.00", "25000.00")
OBLIGED, PAID = ("20000.33", "25000.00"), "12345.67"


def done(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def org_id_of(person: Visitor) -> str:
    return str(done(person.get("/api/v1/identity/me"))["organization"]["id"])


def spent(system: System, allocation: dict[str, Any], equipment: dict[str, Any]) -> None:
    """Allot by quarter, plan, oblige and pay, each by whoever may; more than is left is refused."""
    staff, officer = system.person("staff", "MOH"), system.person("budget_officer", "MOH")
    quarters = [
        allotted(system, allocation, each, amount) for each, amount in enumerate(QUARTERS, start=1)
    ]
    machines = allotted(system, equipment, 1, EQUIPMENT)
    plan = {
        "allocation_id": allocation["id"],
        "title": "Fill the stations",
        "unit": "station",
        "quantity": "120",
        "estimated_cost_amount": GRANTED,
        "target_completion_on": f"{YEAR}-12-31",
    }
    work = done(staff.post(staff.at("budgeting/work-items"), json=plan), 201)
    payee = {"name": "Cotabato Medical Supply", "payee_type": "supplier"}
    payee = done(staff.post(staff.at("budgeting/payees"), json=payee), 201)

    planned = {"work_item_id": work["id"]}
    wanted = [
        requested(staff, payee, quarters[at], amount, **planned)
        for at, amount in enumerate(OBLIGED)
    ]
    wanted.append(requested(staff, payee, machines, EQUIPMENT, EQUIPMENT_CODE))
    assert staff.act(wanted[0], "certify").status_code == 403
    for each in wanted:
        done(officer.act(each, "certify"))
        assert done(officer.act(each, "obligate"))["ors_number"]
    over = officer.act(requested(staff, payee, quarters[0], "4999.69", **planned), "certify")
    assert (over.status_code, over.json()["code"]) == (409, "balance_exceeded")
    assert "4999.68" in over.text
    done(officer.act(wanted[0], "deliver", {"delivered_on": str(TODAY)}))
    for each, amount in ((wanted[0], PAID), (wanted[2], EQUIPMENT)):
        paid(system, each.rpartition("/")[2], amount)
    here = staff.at(f"budgeting/work-items/{work['id']}")
    done(staff.act(here, "advance", {"accomplished_quantity": "30"}))


def requested(
    staff: Visitor,
    payee: dict[str, Any],
    allotment: dict[str, Any],
    amount: str,
    object_code: str = LINE["object_code"],
    **more: Any,
) -> str:
    """Ask for an obligation; return the address of the draft."""
    line = {"object_code": object_code, "description": "For the stations", "amount": amount}
    body = {
        "allotment_id": allotment["id"],
        "payee_id": payee["id"],
        "document_kind": "purchase_order",
        "obligation_on": str(TODAY),
        "lines": [line],
        **more,
    }
    made = done(staff.post(staff.at("budgeting/obligations"), json=body), 201)
    return staff.at(f"budgeting/obligations/{made['id']}")


def allotted(
    system: System, allocation: dict[str, Any], quarter: int, amount: str
) -> dict[str, Any]:
    """Ask, agree and release; the treasury releases the first quarter, the house the others."""
    staff, manager = system.person("staff", "MOH"), system.person("manager", "MOH")
    body = {"allocation_id": allocation["id"], "amount": amount, "quarter": quarter}
    made = done(staff.post(staff.at("budgeting/allotments"), json=body), 201)
    here = staff.at(f"budgeting/allotments/{made['id']}")
    assert staff.act(here, "approve").status_code == 403
    done(manager.act(here, "approve"))
    if amount != QUARTERS[0]:
        officer = system.person("budget_officer", "MOH")
        return done(officer.act(here, "release", {"released_on": str(TODAY)}))
    analyst, approver = (
        system.person("mfbm_analyst", "MFBM"),
        system.person("mfbm_approver", "MFBM"),
    )
    done(staff.act(here, "submit", {"release_org_id": org_id_of(analyst)}))
    release = {
        "allotment_id": made["id"],
        "released_on": str(TODAY),
        "reference": f"ARO {uuid4()}",
    }
    issued = done(analyst.post(analyst.at("budgeting/releases"), json=release), 201)
    there = analyst.at(f"budgeting/releases/{issued['id']}")
    assert analyst.act(there, "approve").status_code == 403
    done(approver.act(there, "approve"))

    def released() -> dict[str, Any]:
        seen = done(staff.get(here))
        assert seen["status"] == "released"
        return seen

    return eventually(released)


def paid(system: System, obligation_id: str, amount: str) -> None:
    """Prepare, certify, order and pay: nobody does the step of another."""
    staff = system.person("staff", "MOH")
    body = {
        "obligation_id": obligation_id,
        "gross_amount": amount,
        "withholding_tax_amount": "10.01",
        "payment_method": "lddap_ada",
    }
    made = done(staff.post(staff.at("budgeting/disbursements"), json=body), 201)
    here = staff.at(f"budgeting/disbursements/{made['id']}")
    done(staff.act(here, "submit"))
    steps = {"certify": "accountant", "approve": "manager", "pay": "disbursement_officer"}
    for verb, role in steps.items():
        told = {"paid_on": str(TODAY)} if verb == "pay" else None
        assert staff.act(here, verb, told).status_code == 403
        done(system.person(role, "MOH").act(here, verb, told))


def received_cash(system: System) -> None:
    """Enter a notice of cash for the present quarter; who entered it does not confirm it."""
    accountant, manager = system.person("accountant", "MOH"), system.person("manager", "MOH")
    notice = {
        "number": f"NCA {uuid4()}",
        "received_on": str(TODAY),
        "fiscal_year": YEAR,
        "quarter": (TODAY.month + 2) // 3,
        "funding_source": "block_grant",
        "amount": CASH,
    }
    made = done(accountant.post(accountant.at("budgeting/cash-allocations"), json=notice), 201)
    here = accountant.at(f"budgeting/cash-allocations/{made['id']}")
    assert accountant.act(here, "approve").status_code == 403
    done(manager.act(here, "approve"))
