"""Assessments over HTTP, and the same rules in the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from libs.chassis.testing import CountedStatements, Person, ServiceDatabase
from services.mana.tests.factories import an_assessment

ASSESSMENTS = "/api/v1/moa/{}/mana/assessments"
STAGES = ["preparation", "data_collection", "analysis", "reporting", "completed"]


def assessments(person: Person) -> str:
    return ASSESSMENTS.format(person.org)


async def created(person: Person, **changes: Any) -> dict[str, Any]:
    answer = await person.post(assessments(person), json=an_assessment(**changes))
    assert answer.status_code == 201, answer.text
    assessment: dict[str, Any] = answer.json()
    return assessment


async def act(person: Person, assessment: dict[str, Any], verb: str, **body: Any) -> Any:
    url = f"{assessments(person)}/{assessment['id']}"
    etag = (await person.get(url)).headers["ETag"]
    if verb == "change":
        return await person.patch(url, json=body, headers={"If-Match": etag})
    return await person.post(f"{url}/{verb}", json=body or None, headers={"If-Match": etag})


async def announced(database: ServiceDatabase) -> list[Any]:
    engine = create_async_engine(database.admin)
    async with engine.connect() as connection:
        found = await connection.execute(
            text("SELECT subject, aggregate_version, data FROM mana.outbox ORDER BY position")
        )
        rows = list(found)
    await engine.dispose()
    return rows


async def test_an_assessment_goes_from_plan_to_findings(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff = person("MOH")
    assessment = await created(staff)
    assert assessment["fiscal_year"] == 2026
    assert assessment["duration_days"] == 31
    assert assessment["progress"] == "0.00"
    assert assessment["allowed_actions"] == ["change", "advance", "cancel"]
    await act(staff, assessment, "change", privacy_notice_approved=True, findings="No water")
    for stage in STAGES:
        answer = await act(staff, assessment, "advance")
        assert answer.json()["status"] == stage, answer.text
    assert answer.json()["actual_end_on"] is not None
    assert answer.json()["allowed_actions"] == ["reopen"]
    reopened = (await act(staff, assessment, "reopen")).json()
    assert (reopened["status"], reopened["actual_end_on"]) == ("reporting", None)
    told = await announced(database)
    assert [row.subject.split(".")[2] for row in told] == [
        "registered", "changed", *["advanced"] * 4, "completed", "reopened",
    ]  # fmt: skip
    assert [row.aggregate_version for row in told] == list(range(1, 9))
    assert told[-2].data == {
        "assessment_id": assessment["id"],
        "code": "NA-2026-001",
        "title": "Health needs of Bangsamoro communities in Palimbang",
        "kind": "needs_assessment",
        "level": "city_municipal",
        "status": "completed",
        "priority": "high",
        "fiscal_year": 2026,
        "region_psgc": "1200000000",
        "province_psgc": "1206500000",
        "municipality_psgc": "1206511000",
        "planned_start_on": "2026-03-01",
        "planned_end_on": "2026-03-31",
        "actual_end_on": answer.json()["actual_end_on"],
        "estimated_budget_amount": "250000.00",
    }


async def test_cancelling_needs_a_reason_and_ends_it(person: Callable[..., Person]) -> None:
    manager = person("MOH")
    assessment = await created(manager)
    assert (await act(manager, assessment, "cancel", reason=" ")).status_code == 422
    answer = await act(manager, assessment, "cancel", reason="The road is closed")
    assert answer.json()["status"] == "cancelled"
    assert answer.json()["status_reason"] == "The road is closed"
    assert answer.json()["progress"] is None
    assert answer.json()["allowed_actions"] == []
    for verb, body in (("advance", {}), ("change", {"title": "x"}), ("reopen", {})):
        refused = await act(manager, assessment, verb, **body)
        assert refused.status_code == 409, (verb, refused.text)


async def test_what_a_stage_needed_is_not_taken_away_again(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    assessment = await created(staff, privacy_notice_approved=True)
    await act(staff, assessment, "advance")
    await act(staff, assessment, "advance")
    for change in ({"privacy_notice_approved": False}, {"level": "community"}):
        answer = await act(staff, assessment, "change", **change)
        assert answer.status_code == 409, answer.text
        assert answer.json()["code"] == "stage_not_ready"


async def test_a_code_is_taken_once_a_year_in_an_organization(
    person: Callable[..., Person],
) -> None:
    staff = person("MOH")
    await created(staff)
    taken = await staff.post(assessments(staff), json=an_assessment())
    assert taken.status_code == 409
    assert taken.json()["code"] == "assessment_code_taken"
    later = await created(staff, planned_start_on="2027-01-10", planned_end_on="2027-02-10")
    assert later["fiscal_year"] == 2027
    moved = await act(
        staff, later, "change", planned_start_on="2026-01-10", planned_end_on="2026-02-10"
    )
    assert moved.status_code == 409
    await created(person("MOLE"))


async def test_another_organization_sees_and_touches_nothing(
    person: Callable[..., Person],
) -> None:
    assessment = await created(person("MOH"))
    stranger = person("MOLE")
    foreign = f"{assessments(stranger)}/{assessment['id']}"
    unknown = f"{assessments(stranger)}/00000000-0000-7000-8000-000000000000"
    for verb, body in (
        ("", None),
        ("/advance", None),
        ("/cancel", {"reason": "x"}),
        ("/reopen", None),
    ):
        method = "POST" if verb else "GET"
        sent = {"json": body, "headers": {"If-Match": '"1"'}}
        one = await stranger.request(method, foreign + verb, **sent)
        other = await stranger.request(method, unknown + verb, **sent)
        assert one.status_code == other.status_code == 404
        assert {**one.json(), "trace_id": ""} == {**other.json(), "trace_id": ""}
    patched = await stranger.patch(foreign, json={"title": "Ours"}, headers={"If-Match": '"1"'})
    assert patched.status_code == 404
    assert (await stranger.get(assessments(stranger))).json()["items"] == []
    assert (await stranger.get(ASSESSMENTS.format("MOH"))).status_code == 403
    assert (await person("MOH", modules=[]).get(ASSESSMENTS.format("MOH"))).status_code == 403


@pytest.mark.parametrize(
    ("permission", "verb", "body"),
    [
        ("mana.assessment.read", "advance", None),
        ("mana.assessment.advance", "cancel", {"reason": "x"}),
        ("mana.assessment.cancel", "reopen", None),
        ("mana.assessment.read", "change", {"title": "x"}),
    ],
)
async def test_each_verb_has_its_own_permission(
    person: Callable[..., Person], permission: str, verb: str, body: dict[str, Any] | None
) -> None:
    assessment = await created(person("MOH"))
    held = person("MOH", permissions=["mana.assessment.read", permission])
    answer = await act(held, assessment, verb, **(body or {}))
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_permitted"
    only_read = person("MOH", permissions=["mana.assessment.read"])
    seen = await only_read.get(f"{assessments(only_read)}/{assessment['id']}")
    assert seen.json()["allowed_actions"] == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"code": "na 1"}, "/body/code"),
        ({"title": "x" * 201}, "/body/title"),
        ({"kind": "census"}, "/body/kind"),
        ({"region_psgc": 1200000000}, "/body/region_psgc"),
        ({"region_psgc": "120000000"}, "/body/region_psgc"),
        ({"barangay_psgc": "1206511012"}, "/body/barangay_psgc"),
        ({"municipality_psgc": None}, "/body/municipality_psgc"),
        ({"planned_end_on": "2026-02-28"}, "/body/planned_end_on"),
        ({"planned_start_on": "1999-01-01"}, "/body/planned_start_on"),
        ({"estimated_budget_amount": 5.5}, "/body/estimated_budget_amount"),
        ({"estimated_budget_amount": "-1.00"}, "/body/estimated_budget_amount"),
        ({"secondary_methodologies": ["kii", "kii"]}, "/body/secondary_methodologies"),
        ({"community_name": "Sitio Malinao"}, "/body/community_name"),
    ],
)
async def test_bad_input_names_the_field_and_leaves_no_trace(
    person: Callable[..., Person],
    database: ServiceDatabase,
    changes: dict[str, Any],
    pointer: str,
) -> None:
    staff = person("MOH")
    answer = await staff.post(assessments(staff), json=an_assessment(**changes))
    assert answer.status_code == 422, answer.text
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert (await staff.get(assessments(staff))).json()["items"] == []
    assert await announced(database) == []


async def test_a_patch_keeps_what_it_does_not_name_and_clears_what_is_null(
    person: Callable[..., Person],
) -> None:
    staff = person("MOH")
    assessment = await created(staff)
    changed = (
        await act(staff, assessment, "change", title="New", estimated_budget_amount=None)
    ).json()
    assert changed["title"] == "New"
    assert changed["estimated_budget_amount"] is None
    assert changed["code"] == assessment["code"]
    assert changed["version"] == 2
    assert (await act(staff, assessment, "change", title=None)).status_code == 422
    url = f"{assessments(staff)}/{assessment['id']}"
    assert (await staff.patch(url, json={"title": "Old"})).status_code == 428
    stale = await staff.patch(url, json={"title": "Old"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412


async def test_a_list_filters_and_pages_with_one_statement(
    person: Callable[..., Person], app: FastAPI
) -> None:
    staff = person("MOH")
    for number in range(3):
        await created(staff, code=f"A-{number}", title=f"Title {number}")
    await created(staff, code="B-0", level="regional", province_psgc=None, municipality_psgc=None)
    for query, count in (
        ({"level": "regional"}, 1),
        ({"level": "city_municipal", "fiscal_year": 2026}, 3),
        ({"fiscal_year": 2027}, 0),
        ({"status": "planning", "kind": "needs_assessment", "priority": "high"}, 4),
        ({"region_psgc": "1100000000"}, 0),
    ):
        found = (await staff.get(assessments(staff), params=query)).json()["items"]
        assert len(found) == count, query
    titles: list[str] = []
    params: dict[str, Any] = {"limit": 2, "sort": "-title", "level": "city_municipal"}
    with CountedStatements(app.state.database.engine) as counted:
        page = (await staff.get(assessments(staff), params=params)).json()
    assert len(counted.statements) <= 3, counted.statements
    titles += [item["title"] for item in page["items"]]
    page = (await staff.get(assessments(staff), params={**params, "cursor": page["next"]})).json()
    titles += [item["title"] for item in page["items"]]
    assert titles == ["Title 2", "Title 1", "Title 0"]
    assert (await staff.get(assessments(staff), params={"colour": "red"})).status_code == 422


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("status", "status = 'lost', privacy_notice_approved = true"),
        ("planned_dates", "planned_end_on = '2026-01-01'"),
        ("year", "fiscal_year = 2025"),
        ("ended_when_completed", "actual_end_on = '2026-03-31'"),
        ("actual_dates", "actual_start_on = '2026-04-01', actual_end_on = '2026-03-01'"),
        ("notice_before_data", "status = 'data_collection'"),
        ("reason_when_cancelled", "status = 'cancelled'"),
        ("findings_when_completed", "status = 'completed', actual_end_on = '2026-03-31'"),
        (
            "consent_before_data",
            "status = 'analysis', privacy_notice_approved = true, level = 'community'",
        ),
        ("budget", "estimated_budget_amount = -1"),
        ("level", "level = 'planet'"),
        ("region_psgc", "region_psgc = '12'"),
        ("city_municipal_area", "municipality_psgc = NULL"),
        ("barangay_area", "level = 'barangay'"),
        ("regional_area", "level = 'regional'"),
        ("provincial_area", "level = 'provincial'"),
        ("barangay_lies_within", "level = 'barangay', barangay_psgc = '1106511012'"),
    ],
)
async def test_the_database_holds_the_rules_too(
    person: Callable[..., Person], database: ServiceDatabase, constraint: str, change: str
) -> None:
    await created(person("MOH"))
    engine = create_async_engine(database.admin)
    with pytest.raises(IntegrityError) as refused:
        async with engine.begin() as connection:
            await connection.execute(text(f"UPDATE mana.assessments SET {change}"))
    await engine.dispose()
    cause = refused.value.orig.__cause__
    assert isinstance(cause, asyncpg.CheckViolationError)
    assert f"ck_assessments_{constraint}" in str(cause)
