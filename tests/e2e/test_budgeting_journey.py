"""MOH asks for money; someone else approves it; OCM sees it to the centavo, MOLE nothing."""

from __future__ import annotations

from typing import Any

from tests.e2e.budget_steps import YEAR
from tests.e2e.system import System, eventually

NEXT = YEAR + 1
"""Another fiscal year than that of the other journeys."""

LINES: list[dict[str, Any]] = [
    {
        "expense_class": "mooe",
        "object_code": "50203070",
        "description": "Medicines for barangay health stations",
        "unit": "lot",
        "unit_cost_amount": "1250.33",
        "quantity": "1052",
        "justification": "One lot for each station",
    },
    {
        "expense_class": "co",
        "object_code": "50604050",
        "description": "Medical equipment",
        "unit": "set",
        "unit_cost_amount": "85000.00",
        "quantity": "295",
        "justification": "Stations without equipment",
    },
]
PROPOSAL: dict[str, Any] = {
    "title": f"Health budget {NEXT}",
    "fiscal_year": NEXT,
    "programs": [
        {
            "title": "Tiyakap Bangsamoro Kalusugan Program",
            "justification": "Stations must be fully functional",
            "expected_outcomes": "All stations fully functional",
            "priority_rank": 1,
            "line_items": LINES,
        }
    ],
}
TOTAL = "26390347.16"
"""1,052 x 1,250.33 + 295 x 85,000.00, in PHP."""


def test_moh_proposes_and_ocm_sees_it_to_the_centavo(system: System) -> None:
    staff, manager = system.person("staff", "MOH"), system.person("manager", "MOH")
    created = staff.post(staff.at("budgeting/proposals"), json=PROPOSAL)
    assert created.status_code == 201, created.text
    assert created.json()["total_requested_amount"] == TOTAL
    here = staff.at(f"budgeting/proposals/{created.json()['id']}")

    assert staff.act(here, "submit").json()["status"] == "submitted"
    assert staff.act(here, "approve").status_code == 403
    approved = manager.act(here, "approve").json()
    assert approved["status"] == "approved"
    assert approved["total_approved_amount"] == TOTAL

    mole = system.person("manager", "MOLE")
    assert mole.get(here.replace("/MOH/", "/MOLE/")).status_code == 404
    assert mole.get(here).status_code == 403

    analyst = system.person("analyst", "OCM")

    def seen() -> None:
        told = analyst.get("/api/v1/ocm/budget", params={"fiscal_year": NEXT}).json()
        moh = next(each for each in told["organizations"] if each["code"] == "MOH")
        assert moh["proposed_amount"] == TOTAL
        assert moh["approved_amount"] == TOTAL
        mole_row = next(each for each in told["organizations"] if each["code"] == "MOLE")
        assert mole_row["proposed_amount"] is None

    eventually(seen)
