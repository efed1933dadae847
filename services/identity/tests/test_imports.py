"""Imports: every fault of a file is told, all or nothing happens, and twice is as once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.tenancy.actor import Actor
from services.identity.imports.model import ImportFileUnreadable
from services.identity.imports.schemas import Report, read_rows
from services.identity.imports.usecases import Wish, run_waiting_import, take_rows
from services.identity.role_catalogue.model import ROLES
from services.identity.tests.factories import OPERATOR, a_user, events_of, letters_of

API = "/api/v1/moa/MOH/identity/imports"
HEADER = "email,first_name,last_name,organization,role"
BASE = "http://localhost:8080"


def a_file(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def person_row(name: str, organization: str = "MOH", role: str = "planner") -> str:
    return f"{name}@{organization.lower()}.example,{name.title()},Person,{organization},{role}"


async def go_on(_done: int) -> bool:
    return True


async def take(database: Database, content: bytes, actor: Actor = OPERATOR, **wish: Any) -> Report:
    return await take_rows(database, actor, content, Wish(base_url=BASE, **wish), go_on)


async def count(database: Database, table: str) -> int:
    async with database.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        found: int = await uow.session.scalar(text(f"SELECT count(*) FROM identity.{table}"))
    return found


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Columns are missing: email"),
        (a_file(header="email,first_name"), "Columns are missing: last_name"),
        (a_file(header=HEADER + ",salary"), "unknown"),
        (a_file(header=HEADER + ",email"), "twice"),
        ("email,größe".encode("latin-1"), "UTF-8"),
        (a_file("a\x00b,A,B,MOH,viewer"), "no text"),
        (a_file('"a@moh.example,A,B,MOH,viewer'), "broken"),
    ],
)
def test_what_is_no_table_with_our_columns_is_refused_whole(content: bytes, reason: str) -> None:
    with pytest.raises(ImportFileUnreadable, match=reason):
        list(read_rows(content, Report()))


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("nobody,A,B,MOH,viewer", "email"),
        ("a@moh.example,,B,MOH,viewer", "first_name"),
        ("a@moh.example,A,,MOH,viewer", "last_name"),
        ("a@moh.example,A,B,,viewer", "organization"),
        ("a@moh.example,A,B,MOH,boss", "role"),
        ("a@moh.example,A,B,MOH,admin", "role"),
        ("a@moh.example,A,B,MOH", ""),
        ("a@moh.example,A,B,MOH,viewer,more", ""),
    ],
)
def test_a_fault_names_row_and_column_and_never_what_stood_there(row: str, column: str) -> None:
    report = Report()
    good = list(read_rows(a_file(person_row("amina"), row), report))
    assert [number for number, _ in good] == [2]
    assert [(fault.row, fault.column) for fault in report.faults] == [(3, column)]
    assert "boss" not in report.faults[0].reason


def test_every_fault_of_a_row_is_told_at_once() -> None:
    report = Report()
    assert list(read_rows(a_file("nobody,,B,MOH,boss"), report)) == []
    assert [fault.column for fault in report.faults] == ["email", "first_name", "role"]
    assert report.failed == 1


def test_a_byte_order_mark_and_a_philippine_number_are_understood() -> None:
    header = "\ufeff" + HEADER + ",phone,position,can_approve_plans"
    numbers = ["0917 123 4567", "639171234567", "+63-917-123-4567", ""]
    rows = [
        f"a{n}@moh.example,A,B,MOH,planner,{phone},Nurse,yes" for n, phone in enumerate(numbers)
    ]
    report = Report()
    read = [row for _, row in read_rows(a_file(*rows, header=header), report)]
    assert report.faults == []
    assert [row.phone for row in read] == ["+639171234567"] * 3 + [""]
    asked = read[0].invitation("a", send_email=False)
    assert (asked.role, asked.functional_roles) == ("staff", ["planning_officer"])
    assert asked.flags == ["can_approve_plans"]


async def test_a_dry_run_finds_what_the_real_run_would_and_keeps_nothing(people: Database) -> None:
    content = a_file(person_row("amina"), person_row("bai", "MOLE", "pilot_admin"))
    report = await take(people, content, dry_run=True, send_emails=True)
    assert (report.invited, report.failed, report.is_applied) == (2, 0, False)
    assert await count(people, "users") == await count(people, "mails") == 0
    report = await take(people, content, send_emails=True)
    assert (report.invited, report.is_applied) == (2, True)
    assert {to for to, _ in await letters_of(people)} == {"amina@moh.example", "bai@mole.example"}


async def test_one_fault_stops_all_unless_it_may_be_partial(people: Database) -> None:
    content = a_file(person_row("amina"), person_row("bai", "XYZ"), person_row("amina"))
    report = await take(people, content)
    assert [(fault.row, fault.column) for fault in report.faults] == [
        (3, "organization"),
        (4, "email"),
    ]
    assert not report.is_applied
    assert await count(people, "users") == 0
    report = await take(people, content, partial=True)
    assert (report.invited, report.failed, report.is_applied) == (1, 2, True)
    assert await count(people, "invitations") == 1


async def test_the_same_file_again_changes_nothing(people: Database) -> None:
    await a_user(people, "member@moh.example", MOH="viewer")
    content = a_file(person_row("amina"), person_row("Member"), person_row("bai"))
    assert (await take(people, content)).invited == 2
    again = await take(people, content)
    assert (again.invited, again.known, again.is_applied) == (0, 3, True)
    assert await count(people, "invitations") == 2
    assert await letters_of(people) == []
    await take(people, content, send_emails=True)
    await take(people, content, send_emails=True)
    assert len(await letters_of(people)) == 2


async def test_two_organizations_may_both_have_a_planner(people: Database) -> None:
    content = a_file(person_row("planner"), person_row("planner", "MOLE"))
    assert (await take(people, content)).invited == 2
    async with people.unit_of_work(OPERATOR) as uow:
        names = await uow.session.scalars(text("SELECT username FROM identity.users ORDER BY 1"))
        assert list(names) == ["planner", "planner-mole"]


async def test_a_taken_user_name_is_a_fault(people: Database) -> None:
    rows = [f"{name}@moh.example,A,B,MOH,viewer,one" for name in ("amina", "bai")]
    report = await take(people, a_file(*rows, header=HEADER + ",username"))
    assert [(fault.row, fault.column) for fault in report.faults] == [(3, "username")]


async def test_a_file_gives_no_more_than_its_sender_has_and_only_at_home(people: Database) -> None:
    delegate = Actor(
        OPERATOR.user_id,
        org_id_of("MOH"),
        "MOH",
        permissions=(*ROLES["staff"], "identity.import.*"),
    )
    content = a_file(person_row("amina", "MOH", "pilot_admin"), person_row("bai", "MOLE"))
    report = await take(people, content, delegate, only="MOH")
    assert [(fault.row, fault.column) for fault in report.faults] == [
        (2, "role"),
        (3, "organization"),
    ]


async def test_a_handed_in_file_is_taken_by_the_worker_with_the_sender_s_rights(
    admin: Person, people: Database, database: ServiceDatabase
) -> None:
    body = {"file": a_file(person_row("amina"), person_row("bai")).decode(), "send_emails": True}
    queued = await admin.post(API, json=body)
    assert (queued.status_code, queued.json()["status"]) == (202, "queued")
    assert await run_waiting_import(people, BASE) is True
    assert await run_waiting_import(people, BASE) is False
    done = (await admin.get(f"{API}/{queued.json()['id']}")).json()
    assert (done["status"], done["invited"], done["rows_done"]) == ("finished", 2, 2)
    assert done["allowed_actions"] == []
    assert len(await letters_of(people)) == 2
    (event,) = [e for e in await events_of(database) if e.subject == "identity.import.finished.v1"]
    assert (event.org_id, event.data["invited"]) == (org_id_of("MOH"), 2)
    async with people.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        kept = await uow.session.scalar(text("SELECT i::text FROM identity.imports AS i"))
    assert "amina" not in kept


async def test_an_import_can_be_checked_first_and_stopped_before_it_runs(
    admin: Person, people: Database
) -> None:
    body = {"file": a_file("nobody,A,B,MOH,viewer", person_row("bai")).decode(), "dry_run": True}
    checked = (await admin.post(API, json=body)).json()
    await run_waiting_import(people, BASE)
    told = (await admin.get(f"{API}/{checked['id']}")).json()
    assert [(fault["row"], fault["column"]) for fault in told["faults"]] == [(2, "email")]
    assert (told["is_applied"], await count(people, "invitations")) == (False, 0)
    queued = (await admin.post(API, json={"file": a_file(person_row("bai")).decode()})).json()
    stopped = await admin.post(f"{API}/{queued['id']}/cancel")
    assert stopped.json()["status"] == "cancelled"
    assert await run_waiting_import(people, BASE) is False
    again = await admin.post(f"{API}/{queued['id']}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "import_not_running")
    bad = await admin.post(API, json={"file": "email\n"})
    assert (bad.status_code, bad.json()["code"]) == (422, "import_file_unreadable")


async def test_an_import_stopped_while_it_runs_keeps_nothing(people: Database) -> None:
    async def stop(done: int) -> bool:
        return done < 100

    content = a_file(*(person_row(f"p{n}") for n in range(120)))
    report = await take_rows(people, OPERATOR, content, Wish(base_url=BASE), stop)
    assert (report.is_stopped, report.is_applied, report.rows_total) == (True, False, 100)
    assert await count(people, "users") == 0


async def test_another_organization_sees_no_import(
    admin: Person, person: Callable[..., Person]
) -> None:
    made = (await admin.post(API, json={"file": a_file(person_row("bai")).decode()})).json()
    stranger = person("MOLE")
    elsewhere = API.replace("/MOH/", "/MOLE/")
    assert (await stranger.get(elsewhere)).json()["items"] == []
    assert (await stranger.get(f"{elsewhere}/{made['id']}")).status_code == 404


async def test_many_people_of_many_organizations_are_invited_in_one_go(people: Database) -> None:
    roles = ("planner", "budget_officer", "me_officer", "viewer")
    rows = [person_row(f"person{n}", ("MOH", "MOLE")[n % 2], roles[n % 4]) for n in range(110)]
    report = await take(people, a_file(*rows), send_emails=True)
    assert (report.invited, report.failed, report.is_applied) == (110, 0, True)
    assert len(await letters_of(people)) == 110
