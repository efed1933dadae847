"""MOH plans 2025 to 2030; MOLE sees nothing of it; the Chief Minister's office sees it."""

from __future__ import annotations

from deploy.cli.people import Gateway
from deploy.cli.pilot_programs import make_programs, take_options
from tests.e2e.system import System, eventually

GOAL = {"target_metric": "share of facilities", "unit": "percent", "target_value": "100"}
PLAN = {
    "title": "Health Sector Strategic Plan 2025 to 2030",
    "start_year": 2025,
    "end_year": 2030,
    "vision": "Healthy Bangsamoro communities",
    "mission": "Accessible care in every barangay",
    "goals": [
        {"title": "Functional barangay health stations", **GOAL},
        {"title": "Functional rural health units", **GOAL},
        {"title": "Functional hospitals", **GOAL},
    ],
}


def test_moh_plans_and_ocm_sees_it(system: System) -> None:
    staff, manager = system.person("staff", "MOH"), system.person("manager", "MOH")
    created = staff.post(staff.at("planning/strategic-plans"), json=PLAN)
    assert created.status_code == 201, created.text
    plan_id = created.json()["id"]
    here = staff.at(f"planning/strategic-plans/{plan_id}")

    assert staff.act(here, "submit").json()["status"] == "submitted"
    assert staff.act(here, "approve").status_code == 403
    assert manager.act(here, "approve").json()["status"] == "approved"
    assert manager.act(here, "activate").json()["status"] == "active"

    mole = system.person("manager", "MOLE")
    assert mole.get(mole.at(f"planning/strategic-plans/{plan_id}")).status_code == 404
    assert mole.get(here).status_code == 403

    analyst = system.person("analyst", "OCM")

    def seen() -> None:
        answer = analyst.get("/api/v1/ocm/planning", params={"fiscal_year": 2026})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["as_of"] is not None
        moh = next(o for o in told["organizations"] if o["code"] == "MOH")
        assert moh["has_plan"] is True

    eventually(seen)


def test_the_pilots_get_made_up_programs_through_planning_and_once(system: System) -> None:
    asked, others = take_options(["--programs", "2", "--year", "2031", "--moa", "MAFAR"])
    assert others == ["--moa", "MAFAR"]
    with Gateway(system.settings) as gateway:
        for new in (2, 0):
            assert make_programs(gateway, asked.moa, asked.programs, asked.year) == new
        found = gateway.person("staff", "MAFAR").get("/api/v1/moa/MAFAR/planning/ppas")
    assert {"PILOT-2031-001", "PILOT-2031-002"} <= {each["code"] for each in found.json()["items"]}


def test_nobody_writes_through_ocm(system: System) -> None:
    people = [
        ("admin", "MOH"),
        ("manager", "MOH"),
        ("analyst", "OCM"),
        ("platform_administrator", "OOBC"),
    ]
    for role, org in people:
        visitor = system.person(role, org)
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for page in ("overview", "planning", "budget", "needs", "coordination"):
                answer = visitor.request(method, f"/api/v1/ocm/{page}", json={})
                assert answer.status_code == 405, f"{role} {method} {page}"
    moh = system.person("manager", "MOH")
    assert moh.get("/api/v1/ocm/overview").status_code == 403
