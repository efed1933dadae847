"""Valid bodies and rows of mana; a test names only what it is about."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from libs.chassis.testing import Person
from services.mana.assessments.model import Assessment


def an_assessment(**changes: Any) -> dict[str, Any]:
    return {
        "code": "NA-2026-001",
        "title": "Health needs of Bangsamoro communities in Palimbang",
        "kind": "needs_assessment",
        "objectives": "Learn which services are out of reach",
        "level": "city_municipal",
        "region_psgc": "1200000000",
        "province_psgc": "1206500000",
        "municipality_psgc": "1206511000",
        "methodology": "mixed",
        "secondary_methodologies": ["survey", "kii"],
        "priority": "high",
        "planned_start_on": "2026-03-01",
        "planned_end_on": "2026-03-31",
        "estimated_budget_amount": "250000.00",
        **changes,
    }


def an_assessment_row(**changes: Any) -> Assessment:
    told = {
        "province_psgc": None,
        "municipality_psgc": None,
        "barangay_psgc": None,
        **an_assessment(),
        "planned_start_on": date(2026, 3, 1),
        "planned_end_on": date(2026, 3, 31),
        "actual_start_on": None,
        "actual_end_on": None,
        "privacy_notice_approved": True,
        "consent_procedure": "",
        "findings": "",
        "status": "planning",
        "status_reason": "",
    }
    return Assessment(**{**told, **changes})


async def seed(person: Person, _database: object) -> dict[str, str]:
    """Make one record for every path parameter of mana, as `person`; return their ids."""
    assessments = f"/api/v1/moa/{person.org}/mana/assessments"
    answer = await person.post(
        assessments, json=an_assessment(code=f"NA-{uuid4().hex[:8]}".upper())
    )
    return {"assessment_id": answer.json()["id"]}
