"""MOH assesses needs; MOLE sees nothing; OCM counts it."""

from __future__ import annotations

from tests.e2e.system import System, eventually

ASSESSMENT = {
    "code": "NA-2026-001",
    "title": "Health needs of communities in Palimbang",
    "kind": "needs_assessment",
    "objectives": "Learn which services are out of reach",
    "level": "city_municipal",
    "region_psgc": "1200000000",
    "province_psgc": "1206500000",
    "municipality_psgc": "1206511000",
    "methodology": "survey",
    "priority": "high",
    "planned_start_on": "2026-03-01",
    "planned_end_on": "2026-06-30",
    "privacy_notice_approved": True,
}


def test_moh_assesses_and_ocm_counts_it(system: System) -> None:
    staff = system.person("staff", "MOH")
    created = staff.post(staff.at("mana/assessments"), json=ASSESSMENT)
    assert created.status_code == 201, created.text
    here = staff.at(f"mana/assessments/{created.json()['id']}")
    for stage in ("preparation", "data_collection"):
        moved = staff.act(here, "advance")
        assert moved.status_code == 200, moved.text
        assert moved.json()["status"] == stage

    mole = system.person("staff", "MOLE")
    assert mole.get(here.replace("/MOH/", "/MOLE/")).status_code == 404
    assert mole.get(mole.at("mana/assessments")).json()["items"] == []

    analyst = system.person("analyst", "OCM")

    def seen() -> None:
        told = analyst.get("/api/v1/ocm/needs", params={"fiscal_year": 2026}).json()
        moh = next(each for each in told["organizations"] if each["code"] == "MOH")
        assert moh["assessments_by_status"]["data_collection"] == 1

    eventually(seen)
