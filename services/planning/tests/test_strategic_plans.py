"""Strategic plans: the rules, then the story over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from libs.chassis.testing import Person, org_id_of
from libs.tenancy.actor import Actor
from services.planning.strategic_plans.model import StrategicPlan
from services.planning.tests.factories import a_goal, a_plan

PLANS = "/api/v1/moa/{}/planning/strategic-plans"


def plans(person: Person) -> str:
    return PLANS.format(person.org)


async def created(person: Person, **changes: Any) -> dict[str, Any]:
    answer = await person.post(plans(person), json=a_plan(**changes))
    assert answer.status_code == 201, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


async def act(person: Person, plan: dict[str, Any], verb: str, **body: Any) -> Any:
    current = await person.get(f"{plans(person)}/{plan['id']}")
    return await person.post(
        f"{plans(person)}/{plan['id']}/{verb}",
        json=body or None,
        headers={"If-Match": current.headers["ETag"]},
    )


async def test_a_plan_goes_from_draft_to_active(person: Callable[..., Person]) -> None:
    staff, manager = person("MOH"), person("MOH")
    weighed = [a_goal(title=weight, weight=weight) for weight in ("40", "30", "30")]
    plan = await created(staff, goals=weighed)
    assert plan["plan_years"] == 6
    assert plan["overall_progress"] == "0.00"
    assert (await act(staff, plan, "submit")).json()["status"] == "submitted"
    assert (await act(manager, plan, "approve")).json()["status"] == "approved"
    active = (await act(manager, plan, "activate")).json()
    assert active["status"] == "active"
    # It is completed after its last year.
    assert active["allowed_actions"] == ["record"]


async def test_the_preparer_never_approves(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    plan = await created(staff)
    submitted = (await act(staff, plan, "submit")).json()
    assert "approve" not in submitted["allowed_actions"]
    answer = await act(staff, plan, "approve")
    assert answer.status_code == 403
    assert answer.json()["code"] == "preparer_may_not_approve"


async def test_who_edited_a_plan_does_not_approve_it(person: Callable[..., Person]) -> None:
    staff, editor = person("MOH"), person("MOH")
    plan = await created(staff)
    goal = plan["goals"][0]
    edited = await editor.patch(
        f"{plans(staff)}/{plan['id']}/goals/{goal['id']}",
        json={"unit": "stations"},
        headers={"If-Match": '"1"'},
    )
    assert edited.json()["allowed_actions"] == ["change"]
    await act(staff, plan, "submit")
    assert (await act(editor, plan, "approve")).status_code == 403


async def test_the_database_refuses_a_preparer_as_approver(
    person: Callable[..., Person], app: FastAPI
) -> None:
    staff = person("MOH")
    plan = await created(staff)
    await act(staff, plan, "submit")
    actor = Actor(staff.user_id, org_id_of("MOH"), "MOH")
    with pytest.raises(IntegrityError, match="ck_strategic_plans_approver"):
        async with app.state.database.unit_of_work(actor) as uow:
            await uow.session.execute(update(StrategicPlan).values(approved_by=staff.user_id))


async def test_a_draft_is_deleted_with_its_goals_and_a_goal_alone(
    person: Callable[..., Person],
) -> None:
    staff = person("MOH")
    plan = await created(staff)
    here, goal = f"{plans(staff)}/{plan['id']}", plan["goals"][0]
    match = {"If-Match": '"1"'}
    assert (await staff.delete(f"{here}/goals/{goal['id']}", headers=match)).status_code == 204
    left = await staff.get(here)
    assert left.json()["goals_count"] == 2
    deleted = await staff.delete(here, headers={"If-Match": left.headers["ETag"]})
    assert deleted.status_code == 204, deleted.text
    assert (await staff.get(here)).status_code == 404


async def test_another_organization_sees_nothing(person: Callable[..., Person]) -> None:
    plan = await created(person("MOH"))
    stranger = person("MOLE")
    foreign = await stranger.get(f"{plans(stranger)}/{plan['id']}")
    unknown = await stranger.get(f"{plans(stranger)}/00000000-0000-7000-8000-000000000000")
    assert foreign.status_code == unknown.status_code == 404
    assert {**foreign.json(), "trace_id": ""} == {**unknown.json(), "trace_id": ""}
    assert (await stranger.get(f"{PLANS.format('MOH')}/{plan['id']}")).status_code == 403
    assert (await stranger.get(plans(stranger))).json()["items"] == []


async def test_a_stale_etag_is_refused_and_a_missing_one_too(
    person: Callable[..., Person],
) -> None:
    staff = person("MOH")
    plan = await created(staff)
    url = f"{plans(staff)}/{plan['id']}"
    assert (await staff.patch(url, json={"title": "New"})).status_code == 428
    first = await staff.patch(url, json={"title": "New"}, headers={"If-Match": '"1"'})
    assert first.status_code == 200, first.text
    assert first.headers["ETag"] == '"2"'
    again = await staff.patch(url, json={"title": "Newer"}, headers={"If-Match": '"1"'})
    assert again.status_code == 412
    assert (await staff.get(url)).json()["title"] == "New"


async def test_a_plan_without_vision_is_not_submitted(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    plan = await created(staff, vision="", goals=[a_goal(target_value=None)])
    assert plan["warnings"][0] == "Before it is submitted it needs vision."
    answer = await act(staff, plan, "submit")
    assert answer.status_code == 409
    assert "vision" in answer.json()["detail"]
    assert "metric and target" in answer.json()["detail"]


async def test_only_one_plan_is_active_in_any_year(person: Callable[..., Person]) -> None:
    staff, manager = person("MOH"), person("MOH")
    first, second = await created(staff), await created(staff, start_year=2030, end_year=2034)
    for plan in (first, second):
        await act(staff, plan, "submit")
        await act(manager, plan, "approve")
    assert (await act(manager, first, "activate")).status_code == 200
    answer = await act(manager, second, "activate")
    assert answer.status_code == 409
    assert answer.json()["code"] == "plan_overlaps"


async def test_the_same_key_and_body_create_once(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    once = {"Idempotency-Key": "a-key"}
    first = await staff.post(plans(staff), json=a_plan(), headers=once)
    again = await staff.post(plans(staff), json=a_plan(), headers=once)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.headers["ETag"] == again.headers["ETag"]
    other = await staff.post(plans(staff), json=a_plan(title="Other"), headers=once)
    assert other.status_code == 422
    assert other.json()["code"] == "key_reused"
    assert len((await staff.get(plans(staff))).json()["items"]) == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"title": ""}, "/body/title"),
        ({"start_year": "2025"}, "/body/start_year"),
        ({"end_year": 2025}, "/body/end_year"),
        ({"colour": "green"}, "/body/colour"),
        ({"goals": [{"title": "x", "target_value": 5.0}]}, "/body/goals/0/target_value"),
        ({"goals": [{"title": "x", "target_value": "NaN"}]}, "/body/goals/0/target_value"),
    ],
)
async def test_bad_input_names_the_field(
    person: Callable[..., Person], changes: dict[str, Any], pointer: str
) -> None:
    staff = person("MOH")
    answer = await staff.post(plans(staff), json=a_plan(**changes))
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert (await staff.get(plans(staff))).json()["items"] == []


async def test_readings_move_the_progress(person: Callable[..., Person]) -> None:
    staff, manager = person("MOH"), person("MOH")
    plan = await created(staff, goals=[a_goal()])
    await act(staff, plan, "submit")
    await act(manager, plan, "approve")
    await act(manager, plan, "activate")
    goal = plan["goals"][0]
    readings = f"{plans(staff)}/{plan['id']}/goals/{goal['id']}/readings"
    answer = await staff.post(readings, json={"measured_on": "2026-01-31", "value": "70.00"})
    assert answer.status_code == 201, answer.text
    now = (await staff.get(f"{plans(staff)}/{plan['id']}")).json()
    assert now["goals"][0]["progress"] == "50.00"
    assert now["goals"][0]["status"] == "in_progress"
    assert now["overall_progress"] == "50.00"
    assert [r["value"] for r in (await staff.get(readings)).json()["items"]] == ["70.00"]


async def test_a_list_pages_by_cursor_and_refuses_unknown_parameters(
    person: Callable[..., Person],
) -> None:
    staff = person("MOH")
    titles = [f"Plan {number}" for number in range(5)]
    for title in titles:
        await created(staff, title=title)
    found: list[str] = []
    params: dict[str, Any] = {"limit": 2, "sort": "title"}
    while True:
        page = (await staff.get(plans(staff), params=params)).json()
        found += [plan["title"] for plan in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert found == titles
    assert (await staff.get(plans(staff), params={"colour": "red"})).status_code == 422
    assert (await staff.get(plans(staff), params={"cursor": "nonsense"})).status_code == 422
    assert (await staff.get(plans(staff), params={"count": "exact"})).json()["total"] == 5


async def test_validate_only_writes_nothing(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    answer = await staff.post(plans(staff), json=a_plan(), params={"validate_only": "true"})
    assert answer.status_code == 201
    assert (await staff.get(plans(staff))).json()["items"] == []
