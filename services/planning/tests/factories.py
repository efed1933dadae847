"""Valid bodies of planning's requests; a test names only what it is about."""

from __future__ import annotations

from typing import Any

from libs.chassis.testing import Person


def a_goal(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Functional barangay health stations",
        "target_metric": "Share of barangay health stations fully functional",
        "unit": "percent",
        "baseline_value": "40.00",
        "target_value": "100.00",
        "priority": "high",
        **changes,
    }


def a_plan(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Health Sector Strategic Plan 2025 to 2030",
        "start_year": 2025,
        "end_year": 2030,
        "vision": "Healthy Bangsamoro communities",
        "mission": "Accessible care in every barangay",
        "goals": [a_goal(), a_goal(title="Fewer maternal deaths"), a_goal(title="Trained staff")],
        **changes,
    }


async def seed(person: Person, _database: object) -> dict[str, str]:
    """Make one record for every path parameter of planning, as `person`; return their ids."""
    plans = f"/api/v1/moa/{person.org}/planning/strategic-plans"
    plan = (await person.post(plans, json=a_plan())).json()
    return {"plan_id": plan["id"], "goal_id": plan["goals"][0]["id"]}
