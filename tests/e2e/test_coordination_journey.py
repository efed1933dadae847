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


def invite_mole(staff: Visitor, manager: Visitor) -> str:
    """Make MOH's draft and ask MOLE to join; return the partnership's id."""
    created = staff.post(staff.at(PARTNERSHIPS), json=PARTNERSHIP)
    assert created.status_code == 201, created.text
    partnership_id: str = created.json()["id"]
    invited = manager.post(
        manager.at(f"{PARTNERSHIPS}/{partnership_id}/invite"),
        json={"organization_code": "MOLE", "message": "Join us", "asked_commitment": "Inspectors"},
    )
    assert invited.status_code == 200, invited.text
    return partnership_id


def test_moh_and_mole_work_together_and_mafar_sees_nothing(system: System) -> None:
    manager, mole = system.person("manager", "MOH"), system.person("manager", "MOLE")
    mafar = system.person("manager", "MAFAR")
    partnership_id = invite_mole(system.person("staff", "MOH"), manager)
    here = manager.at(f"{PARTNERSHIPS}/{partnership_id}")
    there = mole.at(f"{PARTNERSHIPS}/{partnership_id}")

    assert seen_by(mole, partnership_id) == 404, "a draft is nobody else's business"
    assert manager.act(here, "submit").json()["status"] == "pending_approval"
    summary = mole.get(there).json()
    assert summary["view"] == "summary"
    assert "expected_outcomes" not in summary
    assert mole.act(there, "accept").status_code == 200
    assert mole.get(there).json()["view"] == "full"
    active = manager.act(here, "activate")
    assert active.json()["status"] == "active", active.text
    theirs = mole.patch(there, json={"title": "Ours"}, headers={"If-Match": '"1"'})
    assert theirs.status_code in (403, 404)

    assert seen_by(mafar, partnership_id) == 404
    assert mafar.get(mafar.at(PARTNERSHIPS)).json()["items"] == []
    assert mafar.get(mafar.at("coordination/invitations")).json()["items"] == []
    eventually(lambda: ocm_sees_the_pair(system))


def ocm_sees_the_pair(system: System) -> None:
    analyst = system.person("analyst", "OCM")
    told = analyst.get("/api/v1/ocm/coordination", params={"fiscal_year": 2026}).json()
    moh = next(each for each in told["organizations"] if each["code"] == "MOH")
    assert moh["led_by_status"] == {"active": 1}
    assert moh["partners_count"] == 1
