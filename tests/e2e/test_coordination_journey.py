"""MOH leads a partnership with MOLE; MAFAR, who was not asked, sees nothing; OCM sees the pair."""

from __future__ import annotations

from tests.e2e.system import System, Visitor, eventually

PARTNERSHIP = {
    "title": "Healthy workplaces",
    "partnership_type": "bilateral",
    "objectives": "Safe and healthy workplaces in every province",
    "priority": "high",
    "starts_on": "2026-01-01",
    "ends_on": "2027-12-31",
}
PARTNERSHIPS = "coordination/inter-moa-partnerships"


def seen_by(visitor: Visitor, partnership_id: str) -> int:
    return visitor.get(visitor.at(f"{PARTNERSHIPS}/{partnership_id}")).status_code


def test_moh_and_mole_work_together_and_mafar_sees_nothing(system: System) -> None:
    staff, manager = system.person("staff", "MOH"), system.person("manager", "MOH")
    mole, mafar = system.person("manager", "MOLE"), system.person("manager", "MAFAR")

    created = staff.post(staff.at(PARTNERSHIPS), json=PARTNERSHIP)
    assert created.status_code == 201, created.text
    partnership_id = created.json()["id"]
    here = staff.at(f"{PARTNERSHIPS}/{partnership_id}")
    invited = manager.post(
        f"{here}/invite",
        json={"organization_code": "MOLE", "message": "Join us", "asked_commitment": "Inspectors"},
    )
    assert invited.status_code == 200, invited.text
    assert seen_by(mole, partnership_id) == 404, "a draft is nobody else's business"
    assert manager.act(here, "submit").json()["status"] == "pending_approval"

    there = mole.at(f"{PARTNERSHIPS}/{partnership_id}")
    summary = mole.get(there).json()
    assert summary["view"] == "summary"
    assert "expected_outcomes" not in summary
    assert mole.act(there, "accept").status_code == 200
    assert mole.get(there).json()["view"] == "full"
    active = manager.act(here, "activate")
    assert active.status_code == 200, active.text
    assert active.json()["status"] == "active"

    assert seen_by(mafar, partnership_id) == 404
    assert mafar.get(mafar.at(PARTNERSHIPS)).json()["items"] == []
    assert mafar.get(mafar.at("coordination/invitations")).json()["items"] == []
    assert mole.patch(there, json={"title": "Ours"}, headers={"If-Match": '"1"'}).status_code in (
        403,
        404,
    )

    analyst = system.person("analyst", "OCM")

    def seen() -> None:
        told = analyst.get("/api/v1/ocm/coordination", params={"fiscal_year": 2026}).json()
        moh = next(each for each in told["organizations"] if each["code"] == "MOH")
        assert moh["led_by_status"] == {"active": 1}
        assert moh["partners_count"] == 1

    eventually(seen, seconds=2)
