"""Waves: one organization in one wave, never too many, in order, and live in the end."""

from __future__ import annotations

import asyncio
import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from services.identity.readiness.schemas import Readiness
from services.identity.tests.factories import OPERATOR, a_ministry, a_user, events_of
from services.identity.wave_boards.schemas import calendar
from services.identity.wave_boards.usecases import grouped
from services.identity.waves.model import AssignmentStatus, StepSkipped, Wave, WaveAssignment

API = "/api/v1/identity/waves"
BOARD = "/api/v1/identity/wave-board"
WHY = {"reason": "The committee decided so."}
STEPS = [status.value for status in AssignmentStatus][1:]


@pytest.fixture
async def lead(people: Database, person: Callable[..., Person]) -> Person:
    async with people.unit_of_work(OPERATOR) as uow:
        uow.session.add(a_ministry("MAFAR"))
    return person("OOBC", permissions=["identity.wave.*"])


async def a_wave(lead: httpx.AsyncClient, number: int = 1, **more: Any) -> str:
    asked = {"number": number, "name": f"Wave {number}", **more}
    answer = await lead.post(API, json=asked)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def join(lead: httpx.AsyncClient, wave: str, code: str) -> httpx.Response:
    body = {"organization_id": str(org_id_of(code))}
    return await lead.post(f"{API}/{wave}/assignments", json=body)


async def step(lead: httpx.AsyncClient, wave: str, verb: str) -> tuple[int, str]:
    answer = await lead.post(f"{API}/{wave}/{verb}", json=WHY)
    told = answer.json()
    return answer.status_code, told.get("code") or told["status"]


async def advance(lead: httpx.AsyncClient, assignment: dict[str, Any], **change: Any) -> Any:
    path = f"{API}/{assignment['wave_id']}/assignments/{assignment['id']}/advance"
    return await lead.post(path, json=change)


@given(st.sampled_from(AssignmentStatus), st.sampled_from(AssignmentStatus))
def test_no_step_is_left_out_and_none_is_taken_back(
    now: AssignmentStatus, then: AssignmentStatus
) -> None:
    steps = list(AssignmentStatus)
    assignment = WaveAssignment(status=now.value)
    if steps.index(then) == steps.index(now) + 1:
        assignment.advance(then)
        assert assignment.status == then
    else:
        with pytest.raises(StepSkipped):
            assignment.advance(then)


async def test_a_wave_follows_the_last_one_by_a_week_and_takes_two(lead: Person) -> None:
    await a_wave(lead, 1, planned_from="2027-01-04")
    second = (await lead.get(f"{API}/{await a_wave(lead, 2)}")).json()
    assert (second["planned_from"], second["planned_until"]) == ("2027-01-25", "2027-02-07")
    again = await lead.post(API, json={"number": 2, "name": "Again"})
    assert (again.status_code, again.json()["code"]) == (409, "taken_already")
    early = {"planned_from": "2027-05-02", "planned_until": "2027-05-01"}
    wrong = await lead.post(API, json={"number": 3, "name": "Wrong", **early})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "dates_contradict")


async def test_of_two_waves_that_take_one_organization_at_once_one_gets_it(lead: Person) -> None:
    waves = [await a_wave(lead, number) for number in (1, 2)]
    answers = await asyncio.gather(*(join(lead, wave, "MOH") for wave in waves))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_two_who_take_the_last_place_at_once_do_not_both_get_it(lead: Person) -> None:
    wave = await a_wave(lead, max_organizations=1)
    answers = await asyncio.gather(*(join(lead, wave, code) for code in ("MOH", "MOLE", "MAFAR")))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "wave_full"


async def test_who_leaves_a_wave_or_whose_wave_is_cancelled_is_free_for_another(
    lead: Person,
) -> None:
    first, second, third = [await a_wave(lead, number) for number in (1, 2, 3)]
    joined = (await join(lead, first, "MOH")).json()
    left = await lead.post(f"{API}/{first}/assignments/{joined['id']}/remove")
    assert (left.status_code, left.json()["is_standing"]) == (200, False)
    assert (await join(lead, second, "MOH")).status_code == 201
    assert (await join(lead, third, "MOH")).status_code == 409
    assert await step(lead, second, "cancel") == (200, "cancelled")
    assert (await join(lead, third, "MOH")).status_code == 201
    assert (await join(lead, second, "MOLE")).json()["code"] == "wave_status_wrong"


async def test_a_wave_waits_for_those_that_come_first(lead: Person) -> None:
    first = await a_wave(lead, 1)
    second = await a_wave(lead, 2, prerequisites=[first])
    assert await step(lead, second, "start") == (409, "wave_too_early")
    for verb, status in (("start", "in_progress"), ("complete", "completed")):
        assert await step(lead, first, verb) == (200, status)
    assert await step(lead, second, "start") == (200, "in_progress")
    assert await step(lead, second, "start") == (409, "wave_status_wrong")


async def test_no_wave_waits_for_itself(lead: Person) -> None:
    first = await a_wave(lead, 1)
    second = await a_wave(lead, 2, prerequisites=[first])
    circle = await lead.patch(
        f"{API}/{first}", json={"prerequisites": [second]}, headers={"If-Match": '"1"'}
    )
    assert (circle.status_code, circle.json()["code"]) == (422, "wave_circle")


async def test_an_organization_goes_live_through_its_wave(
    lead: Person, people: Database, database: ServiceDatabase
) -> None:
    wave = await a_wave(lead)
    moh = (await join(lead, wave, "MOH")).json()
    assert (await advance(lead, moh, status=STEPS[0])).json()["code"] == "wave_status_wrong"
    assert await step(lead, wave, "start") == (200, "in_progress")
    skipped = await advance(lead, moh, status=STEPS[1])
    assert (skipped.status_code, skipped.json()["code"]) == (409, "step_skipped")
    for status in STEPS[:-1]:
        assert (await advance(lead, moh, status=status)).status_code == 200
    alone = await advance(lead, moh, status=STEPS[-1])
    assert (alone.status_code, alone.json()["code"]) == (409, "administrator_missing")
    await a_user(people, "admin@moh.example", MOH="admin")
    assert await step(lead, wave, "complete") == (409, "wave_unfinished")
    assert await step(lead, wave, "pause") == (200, "in_progress")
    assert (await advance(lead, moh, status=STEPS[-1])).status_code == 409
    assert await step(lead, wave, "resume") == (200, "in_progress")
    assert (await advance(lead, moh, status=STEPS[-1])).status_code == 200
    assert await step(lead, wave, "complete") == (200, "completed")
    told_of = await events_of(database)
    subjects = [event.subject for event in told_of]
    assert told_of[subjects.index("identity.organization.went_live.v1")].data["wave"] == 1
    for told in ("wave.started", "wave.paused", "wave.completed", "organization.went_live"):
        assert f"identity.{told}.v1" in subjects
    log = (await lead.get(f"{API}/{wave}")).json()["actions"]
    assert [each["action"] for each in log] == [
        *("created", "assigned", "started", "paused", "resumed", "completed")
    ]


@given(
    st.lists(st.tuples(st.sampled_from(["ministry", "office", "agency"]), st.integers(0, 5))),
    st.integers(1, 9),
)
def test_the_readiest_come_first_and_no_wave_is_of_one_kind_while_there_are_others(
    found: list[tuple[str, int]], places: int
) -> None:
    ready = [a_readiness(nth, *each) for nth, each in enumerate(found)]
    groups = grouped(ready, places)
    assert sorted(each.code for group in groups for each in group) == sorted(
        each.code for each in ready
    )
    most = max(1, places * 3 // 5)
    for group in groups:
        assert 0 < len(group) <= places
        assert max(Counter(each.org_type for each in group).values()) <= most
    if groups:
        assert groups[0][0].percent == max(each.percent for each in ready)


def a_readiness(nth: int, org_type: str, done: int) -> Readiness:
    checks = ("focal_named", "admin_there", "staff_imported", "training_done", "data_loaded")
    return Readiness(
        organization_id=org_id_of(str(nth)),
        code=str(nth),
        name=str(nth),
        org_type=org_type,
        status="registered",
        **{name: at < done for at, name in enumerate(checks)},
    )


async def test_waves_are_proposed_by_readiness_and_planned_as_proposed(
    lead: Person, people: Database
) -> None:
    await join(lead, await a_wave(lead, 1, planned_from="2027-01-04"), "MAFAR")
    await a_user(people, "admin@mole.example", MOLE="admin")
    (wave,) = (await lead.get(f"{BOARD}/proposal", params={"places": 5})).json()["waves"]
    assert [each["code"] for each in wave["organizations"]] == ["MOLE", "MOH"]
    assert (wave["number"], wave["planned_from"]) == (2, "2027-01-25")
    ids = [each["organization_id"] for each in wave["organizations"]]
    planned = {"planned_from": wave["planned_from"], "planned_until": wave["planned_until"]}
    made = await a_wave(lead, wave["number"], organization_ids=ids, **planned)
    detail = (await lead.get(f"{API}/{made}")).json()
    assert [each["organization_id"] for each in detail["assignments"]] == ids
    assert (await lead.get(f"{BOARD}/proposal")).json()["waves"] == []
    twice = {"number": 3, "name": "Three", "organization_ids": ids}
    assert (await lead.post(API, json=twice)).json()["code"] == "taken_already"


async def test_a_critical_blocker_keeps_a_wave_open(lead: Person) -> None:
    wave = await a_wave(lead)
    await step(lead, wave, "start")
    blocker = {"title": "No network", "severity": "critical"}
    made = (await lead.post(f"{API}/{wave}/blockers", json=blocker)).json()
    assert await step(lead, wave, "complete") == (409, "wave_unfinished")
    path = f"{API}/{wave}/blockers/{made['id']}"
    resolved = {"status": "resolved", "resolution": "Cable laid"}
    assert (await lead.patch(path, json=resolved)).status_code == 428
    stale = await lead.patch(path, json=resolved, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    seen = {"If-Match": f'"{made["version"]}"'}
    solved = await lead.patch(path, json=resolved, headers=seen)
    assert solved.json()["status"] == "resolved"
    assert await step(lead, wave, "complete") == (200, "completed")
    other = await a_wave(lead, 2)
    elsewhere = path.replace(wave, other)
    assert (await lead.patch(elsewhere, json=resolved, headers=seen)).status_code == 404


async def test_the_board_shows_readiness_from_the_data_and_can_be_taken_along(
    lead: Person, people: Database
) -> None:
    wave = await a_wave(lead, planned_from="2027-01-04")
    moh = (await join(lead, wave, "MOH")).json()
    await a_user(people, "admin@moh.example", MOH="admin")
    await a_user(people, "staff@moh.example", MOH="staff")
    await step(lead, wave, "start")
    await advance(lead, moh, data_loaded_on="2027-01-10")
    milestone = {"title": "Training held", "due_on": "2027-01-08"}
    await lead.post(f"{API}/{wave}/milestones", json=milestone)
    board = (await lead.get(BOARD)).json()
    (only,) = board["waves"]
    (ready,) = only["organizations"]
    assert (ready["code"], ready["percent"], only["readiness"]) == ("MOH", 60, 60)
    assert [ready[name] for name in ("focal_named", "admin_there", "training_done")] == [
        *(False, True, False)
    ]
    assert [each["code"] for each in board["unassigned"]] == ["MAFAR", "MOLE"]
    assert only["milestones"][0]["title"] == "Training held"
    table = list(csv.DictReader(io.StringIO((await lead.get(f"{BOARD}/export")).text)))
    assert [(row["code"], row["wave"], row["readiness"]) for row in table] == [
        ("MOH", "1", "60"),
        ("MAFAR", "", "0"),
        ("MOLE", "", "0"),
    ]
    ics = await lead.get(f"{BOARD}/calendar")
    assert ics.headers["content-type"].startswith("text/calendar")
    assert "DTSTART;VALUE=DATE:20270104\r\nDTEND;VALUE=DATE:20270118" in ics.text


def test_a_name_cannot_add_to_a_calendar() -> None:
    wave = Wave(
        number=1,
        name="A;B,C\r\nBEGIN:VALARM " + "long " * 30,
        status="planned",
        planned_from=date(2027, 1, 4),
        planned_until=date(2027, 1, 17),
        version=1,
    )
    told = calendar([wave], host="bmms.example", now=datetime(2026, 1, 1, tzinfo=UTC))
    assert "\r\nBEGIN:VALARM" not in told
    assert "A\\;B\\,C" in told
    assert max(len(line.encode()) for line in told.split("\r\n")) <= 75


async def test_only_those_who_lead_the_rollout_see_it(lead: Person, admin: Person) -> None:
    wave = await a_wave(lead)
    for path in (API, f"{API}/{wave}", BOARD, f"{BOARD}/export", f"{BOARD}/calendar"):
        assert (await admin.get(path)).status_code == 403
    assert (await admin.post(API, json={"number": 9, "name": "Mine"})).status_code == 403
