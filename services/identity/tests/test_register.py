"""The register in the hands of its administrators: states, corrections, codes of old."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, text

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from services.identity.organizations.model import Organization, OrganizationRetired
from services.identity.organizations.model import organization_id as id_of
from services.identity.register_files.schemas import RegisterDifference
from services.identity.register_files.usecases import (
    RegisterFileInvalid,
    load_register,
    read_register,
)
from services.identity.revocations.model import Revocation
from services.identity.seed import REGISTER_FILE
from services.identity.tests.factories import OPERATOR, a_ministry, a_user, events_of

API = "/api/v1/identity/organizations"
EXAMPLE = REGISTER_FILE.with_name("organizations.corrections.example.csv")
WHY = {"reason": "The council decided so."}
EMERGENCY = {"reason": "Its accounts are being misused.", "is_emergency": True}


@pytest.fixture
async def platform(people: Database, person: Callable[..., Person]) -> Person:
    del people
    return person("OOBC", permissions=["identity.*.*"])


def at(code: str) -> str:
    return f"{API}/{org_id_of(code)}"


async def change(platform: Person, code: str, /, **changes: Any) -> httpx.Response:
    now = (await platform.get(at(code))).json()
    match = {"If-Match": f'"{now["version"]}"'}
    return await platform.patch(at(code), json=changes | WHY, headers=match)


async def subjects(database: ServiceDatabase) -> list[str]:
    return [event.subject.split(".")[2] for event in await events_of(database)]


async def load(database: Database, corrections: str = "", **how: Any) -> list[RegisterDifference]:
    with REGISTER_FILE.open(encoding="utf-8") as file:
        entries = read_register(file, io.StringIO(corrections) if corrections else None)
    async with database.unit_of_work(OPERATOR) as uow:
        return await load_register(uow, entries, **how)


async def codes(database: Database) -> dict[str, str]:
    async with database.unit_of_work(OPERATOR) as uow:
        return {row.key: row.code for row in await uow.session.scalars(select(Organization))}


def test_the_states_lead_from_registered_to_retired_and_never_back() -> None:
    organization = Organization(status="registered", is_active=True)
    organization.suspend("A breach")
    assert (organization.status, organization.is_active) == ("suspended", False)
    organization.resume()
    assert (organization.status, organization.is_active) == ("registered", True)
    with pytest.raises(Exception, match="It is registered"):
        organization.resume()
    organization.status = "retired"
    for step in (organization.resume, lambda: organization.suspend("again")):
        with pytest.raises(OrganizationRetired):
            step()


async def test_an_organization_goes_live_with_an_administrator(
    platform: Person, people: Database, database: ServiceDatabase
) -> None:
    early = await platform.post(f"{at('MOH')}/go-live", json=WHY)
    assert (early.status_code, early.json()["code"]) == (409, "organization_status_wrong")
    assert (await platform.post(f"{at('MOH')}/onboard", json=WHY)).json()["status"] == "onboarding"
    alone = await platform.post(f"{at('MOH')}/go-live", json=WHY)
    assert (alone.status_code, alone.json()["code"]) == (409, "administrator_missing")
    await a_user(people, "admin@moh.example", MOH="admin")
    live = (await platform.post(f"{at('MOH')}/go-live", json=WHY)).json()
    assert live["status"] == "live"
    assert live["go_live_on"] >= live["onboarding_on"]
    assert {"onboarded", "went_live", "changed"} <= set(await subjects(database))


async def test_a_suspension_takes_the_organization_from_everyone_at_once(
    platform: Person, people: Database, database: ServiceDatabase
) -> None:
    done = await platform.post(f"{at('MOH')}/suspend", json=EMERGENCY)
    assert (done.status_code, done.json()["is_active"]) == (200, False)
    async with people.unit_of_work(OPERATOR) as uow:
        revocation = (await uow.session.scalars(select(Revocation))).one()
    assert (revocation.organization_id, revocation.user_id) == (org_id_of("MOH"), None)
    told = [e for e in await events_of(database) if e.subject.startswith("identity.organization.")]
    assert [event.subject.split(".")[2] for event in told] == ["changed", "suspended"]
    assert {event.org_id for event in told} == {org_id_of("MOH")}
    assert not told[0].data["is_active"]
    back = await platform.post(f"{at('MOH')}/resume", json=WHY)
    assert (back.json()["status"], back.json()["is_active"]) == ("registered", True)


async def approved(platform: Person, second: Person, code: str) -> str:
    """Ask for the end of an organization, and have a second person agree."""
    approvals = "/api/v1/moa/OOBC/identity/approvals"
    asked = {"kind": "organization_retirement", "organization_id": str(org_id_of(code))} | WHY
    request = (await platform.post(approvals, json=asked)).json()
    match = {"If-Match": f'"{request["version"]}"'}
    done = await second.post(f"{approvals}/{request['id']}/approve", headers=match)
    assert (done.status_code, done.json()["status"]) == (200, "approved"), done.text
    return str(request["id"])


async def test_an_organization_ends_with_a_second_persons_consent_and_stays_ended(
    platform: Person, person: Callable[..., Person], people: Database
) -> None:
    async with people.unit_of_work(OPERATOR) as uow:
        uow.session.add(a_ministry("OOBC"))
    alone = await platform.post(f"{at('MOH')}/retire", json=WHY)
    assert (alone.status_code, alone.json()["code"]) == (409, "approval_not_approved")
    second = person("OOBC", permissions=["identity.*.*"])
    other = {"approval_id": await approved(platform, second, "MOLE")} | WHY
    wrong = await platform.post(f"{at('MOH')}/retire", json=other)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "approval_not_approved")
    agreed = {"approval_id": await approved(platform, second, "MOH")} | WHY
    gone = (await platform.post(f"{at('MOH')}/retire", json=agreed)).json()
    assert (gone["status"], gone["is_active"], bool(gone["valid_to"])) == ("retired", False, True)
    for step in ("resume", "suspend", "onboard", "retire"):
        answer = await platform.post(f"{at('MOH')}/{step}", json=WHY)
        assert (answer.status_code, answer.json()["code"]) == (409, "organization_retired")
    assert (await change(platform, "MOH", name="Another")).status_code == 409


async def test_the_installation_keeps_its_own_office_and_its_oversight(
    platform: Person, people: Database
) -> None:
    async with people.unit_of_work(OPERATOR) as uow:
        await uow.session.execute(
            text("UPDATE identity.organizations SET code = 'OCM' WHERE code = 'MOLE'")
        )
    for step in ("suspend", "retire"):
        answer = await platform.post(f"{at('MOLE')}/{step}", json=WHY)
        assert (answer.status_code, answer.json()["code"]) == (409, "organization_protected")


async def test_a_former_code_leads_to_the_organization_until_another_has_it(
    platform: Person, person: Callable[..., Person], database: ServiceDatabase
) -> None:
    assert (await change(platform, "MOH", code="MOHB")).status_code == 200
    moved = await person("MOLE").get(f"{API}/by-code/MOH")
    assert moved.status_code == 301
    assert moved.headers["location"] == f"{API}/by-code/MOHB"
    renamed = [e for e in await events_of(database) if e.subject.endswith("renamed.v1")]
    assert [(e.data["old_code"], e.data["code"]) for e in renamed] == [("MOH", "MOHB")]
    taken = await change(platform, "MOLE", code="MOH")
    assert (taken.status_code, taken.json()["code"]) == (409, "organization_code_taken")
    back = await change(platform, "MOH", code="MOH")
    assert back.status_code == 200
    found = await platform.get(f"{API}/by-code/MOH")
    assert (found.status_code, found.json()["notice"]) == (200, "")
    assert (await platform.get(f"{API}/by-code/XYZ")).status_code == 404


async def test_every_correction_is_kept_with_its_reason(platform: Person) -> None:
    await change(platform, "MOH", name="Ministry of Good Health", details={"phone": "0917"})
    (kept,) = (await platform.get(f"{at('MOH')}/corrections")).json()["items"]
    assert kept["changes"]["name"] == ["MOH", "Ministry of Good Health"]
    assert (kept["reason"], kept["by"]) == (WHY["reason"], str(platform.user_id))
    same = await change(platform, "MOH", name="Ministry of Good Health")
    assert same.status_code == 200
    assert len((await platform.get(f"{at('MOH')}/corrections")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"pilot_from": "2026-05-01", "pilot_until": "2026-04-30"}, 422, "dates_contradict"),
        ({"onboarding_on": "2026-05-01", "go_live_on": "2026-04-30"}, 422, "dates_contradict"),
        ({"parent_id": str(org_id_of("MOH"))}, 422, "parent_circle"),
        ({"parent_id": str(UUID(int=7))}, 404, "organization_not_found"),
        ({"code": "MOLE"}, 409, "organization_code_taken"),
        ({"code": "lower"}, 422, "invalid_request"),
        ({"focal_user_id": str(UUID(int=7))}, 422, "focal_not_member"),
        ({"details": {"website": "javascript:alert(1)"}}, 422, "invalid_request"),
    ],
)
async def test_what_contradicts_the_register_is_refused(
    platform: Person, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = await change(platform, "MOH", **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_no_circle_of_parents_is_made_in_two_steps(platform: Person) -> None:
    assert (await change(platform, "MOH", parent_id=str(org_id_of("MOLE")))).status_code == 200
    circle = await change(platform, "MOLE", parent_id=str(org_id_of("MOH")))
    assert (circle.status_code, circle.json()["code"]) == (422, "parent_circle")


async def test_only_administrators_of_the_register_change_it(
    platform: Person, admin: Person
) -> None:
    del platform
    for step in ("onboard", "go-live", "suspend", "resume", "retire"):
        assert (await admin.post(f"{at('MOH')}/{step}", json=WHY)).status_code == 403
    assert (await admin.patch(at("MOH"), json=WHY | {"name": "Mine"})).status_code == 403
    assert (await admin.get(f"{at('MOH')}/corrections")).status_code == 403


async def test_an_organization_enters_the_register_once(
    platform: Person, database: ServiceDatabase
) -> None:
    asked = {"key": "most", "code": "MOST", "name": "Science", "org_type": "ministry"}
    body = asked | {"is_moa": True} | WHY
    made = await platform.post(API, json=body)
    assert (made.status_code, made.json()["id"]) == (201, str(id_of("most")))
    assert (made.json()["status"], made.json()["is_unverified"]) == ("registered", True)
    assert "registered" in await subjects(database)
    for wrong, code in ((body, "key_taken"), (body | {"key": "mos"}, "organization_code_taken")):
        again = await platform.post(API, json=wrong)
        assert (again.status_code, again.json()["code"]) == (409, code)


async def test_the_register_is_taken_along_as_a_file_without_formulas(platform: Person) -> None:
    await change(platform, "MOH", name="=HYPERLINK(1)")
    answer = await platform.get(f"{API}/export")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    assert set(rows) == {"MOH", "MOLE"}
    assert rows["MOH"]["name"] == "'=HYPERLINK(1)"
    kept = (await platform.get("/api/v1/moa/OOBC/identity/audit-events")).json()["items"][0]
    assert (kept["action"], kept["after"]) == ("register.exported", {"rows": 2})


async def test_the_worked_example_corrects_the_codes_and_swaps_one(people: Database) -> None:
    await load(people)
    await load(people, EXAMPLE.read_text(encoding="utf-8"), dry_run=True)
    assert (await codes(people))["mti"] == "MTI"
    differences = await load(people, EXAMPLE.read_text(encoding="utf-8"))
    changed = {d.key for d in differences if d.action == "change"}
    expected = {"mpwh", "mti", "mtit", "biaf", "bchrc", "bwcrc", "bydc", "oobc"}
    assert changed == expected
    assert [d.key for d in differences if d.action == "register"] == ["most"]
    now = await codes(people)
    assert {now[key] for key in expected | {"most"}} == {
        *("MPW", "MTIT", "MOTC", "BIA", "BHRC", "BWC", "BYC", "OOBC", "MOST")
    }
    again = await load(people, EXAMPLE.read_text(encoding="utf-8"))
    assert {d.action for d in again if d.key not in ("moh", "mole")} <= {"same", "not_in_file"}


async def test_a_code_that_another_has_now_leads_there_with_a_notice(
    platform: Person, people: Database
) -> None:
    await load(people)
    await load(people, EXAMPLE.read_text(encoding="utf-8"))
    swapped = await platform.get(f"{API}/by-code/MTIT")
    assert (swapped.status_code, swapped.json()["id"]) == (200, str(id_of("mti")))
    assert "MOTC" in swapped.json()["notice"]
    old = await platform.get(f"{API}/by-code/MTI")
    assert (old.status_code, old.headers["location"]) == (301, f"{API}/by-code/MTIT")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("mti,MOH,,,", "The code MOH stands there twice"),
        ("mti,,,ocm,AAA;AAA", "The alias AAA stands there twice"),
        ("mti,,,nosuch,", "nosuch, above mti, is not there"),
        ("mti,,,mti,", "mti would be above itself"),
        ("new,NEW,,,", "Line 2, name"),
    ],
)
async def test_a_bad_correction_refuses_the_whole_load(
    people: Database, row: str, reason: str
) -> None:
    await load(people)
    before = await codes(people)
    with pytest.raises(RegisterFileInvalid, match=reason):
        await load(people, f"key,code,name,parent_key,aliases\n{row}\n")
    assert await codes(people) == before


async def test_what_was_corrected_by_hand_no_file_changes_back(people: Database) -> None:
    await load(people)
    async with people.unit_of_work(OPERATOR) as uow:
        row = await uow.session.get(Organization, id_of("mti"))
        assert row is not None
        row.name, row.edited = "Trade", ["name"]
    differences = await load(people)
    assert "change" not in {d.action for d in differences}
