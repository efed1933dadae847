"""Who sees how much of a partnership (coordination sheet, section 5.3), row by row over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from libs.chassis.testing import Person, ServiceDatabase
from services.coordination.tests.factories import (
    a_commitment,
    a_submitted,
    act,
    administer,
    an_invitation,
    done,
    invitation_of,
    partnerships,
)

SUMMARY = {
    "id", "version", "title", "partnership_type", "status", "lead", "allowed_actions",
    "view", "role", "objectives", "own_invitation",
}  # fmt: skip
PUBLIC = {
    "id", "version", "title", "partnership_type", "status", "lead", "allowed_actions",
    "view", "role", "members",
}  # fmt: skip
SECRETS = ("Clinics at the ports", "Every port has", "Twelve clinic days", "2027-06-30", "12345.67")
PARTS = ("activities", "commitments", "invitations", "notes")


async def seen(person: Person, partnership_id: str) -> dict[str, Any] | None:
    """Return what the detail shows, and check that the list shows the same."""
    answer = await person.get(f"{partnerships(person)}/{partnership_id}")
    listed = (await person.get(partnerships(person))).json()["items"]
    found = [one for one in listed if one["id"] == partnership_id]
    if answer.status_code == 404:
        assert found == []
        return None
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert found == [told]
    return told


async def parts(person: Person, partnership_id: str) -> dict[str, Any]:
    """Return the status, and the number of records, of each list beside the partnership."""
    found: dict[str, Any] = {}
    for part in PARTS:
        answer = await person.get(f"{partnerships(person)}/{partnership_id}/{part}")
        is_ok = answer.status_code == 200
        found[part] = len(answer.json()["items"]) if is_ok else answer.status_code
    return found


async def a_rich_one(people: Callable[..., Person], **changes: Any) -> str:
    """Make a submitted partnership of MOH: MOLE accepted, OOBC is asked, MAFAR knows nothing."""
    moh, mole = people("MOH"), people("MOLE")
    made = await a_submitted(moh, "MOLE", "OOBC", partnership_type="joint_program", **changes)
    url = f"{partnerships(moh)}/{made}"
    await moh.post(f"{url}/commitments", json=a_commitment(committed_amount="12345.67"))
    await moh.post(f"{url}/notes", json={"text": "MOLE is slow"})
    await done(mole, made, "accept")
    await mole.post(f"{partnerships(mole)}/{made}/notes", json={"text": "MOH is loud"})
    return made


async def test_the_lead_sees_everything_but_others_notes(people: Callable[..., Person]) -> None:
    made = await a_rich_one(people)
    moh = people("MOH")
    told = await seen(moh, made)
    assert told is not None
    assert (told["view"], told["role"]) == ("full", "lead")
    assert await parts(moh, made) == {
        "activities": 5, "commitments": 1, "invitations": 2, "notes": 1
    }  # fmt: skip
    notes = (await moh.get(f"{partnerships(moh)}/{made}/notes")).json()["items"]
    assert [note["text"] for note in notes] == ["MOLE is slow"]


async def test_a_participant_sees_all_but_notes_and_what_others_were_asked(
    people: Callable[..., Person],
) -> None:
    made = await a_rich_one(people)
    mole = people("MOLE")
    told = await seen(mole, made)
    assert told is not None
    assert (told["view"], told["role"]) == ("full", "participant")
    assert told["allowed_actions"] == ["withdraw"]
    assert told["total_budget_amount"] == "12345.67"
    assert [member["organization"]["code"] for member in told["members"]] == [
        "MOH", "OOBC", "MOLE",
    ]  # fmt: skip
    assert await parts(mole, made) == {
        "activities": 5, "commitments": 1, "invitations": 1, "notes": 1
    }  # fmt: skip
    notes = (await mole.get(f"{partnerships(mole)}/{made}/notes")).json()["items"]
    assert [note["text"] for note in notes] == ["MOH is loud"]


async def test_the_invited_see_a_summary_and_no_field_more(people: Callable[..., Person]) -> None:
    made = await a_rich_one(people)
    oobc = people("OOBC")
    told = await seen(oobc, made)
    assert told is not None
    assert set(told) == SUMMARY
    assert told["role"] == "invited"
    assert told["own_invitation"]["asked_commitment"] == "Two inspectors"
    assert await parts(oobc, made) == {
        "activities": 403, "commitments": 403, "invitations": 1, "notes": 0
    }  # fmt: skip
    for path in ("", f"/{made}", f"/{made}/invitations"):
        text = (await oobc.get(partnerships(oobc) + path)).text
        assert [secret for secret in SECRETS if secret in text] == [], path
        assert str(people("MOLE").claims["org"]) not in text


async def test_who_is_not_invited_sees_nothing(people: Callable[..., Person]) -> None:
    made = await a_rich_one(people)
    mafar, moh = people("MAFAR"), people("MOH")
    assert await seen(mafar, made) is None
    assert await parts(mafar, made) == dict.fromkeys(PARTS, 404)
    assert (await mafar.get("/api/v1/moa/MAFAR/coordination/invitations")).json()["items"] == []
    one = await invitation_of(moh, made)
    unknown = "00000000-0000-7000-8000-000000000000"
    for verb, body in (
        ("change", {"title": "Ours"}),
        ("accept", {}),
        ("invite", an_invitation("OOBC")),
        (f"invitations/{one['id']}/revoke", {}),
        ("commitments", a_commitment()),
        ("notes", {"text": "We know"}),
    ):
        foreign, never = (
            await act(mafar, made, verb, **body),
            await act(mafar, unknown, verb, **body),
        )
        assert foreign.status_code == never.status_code == 404, verb
        assert {**foreign.json(), "trace_id": ""} == {**never.json(), "trace_id": ""}
    assert (await mafar.get(f"{partnerships(moh)}/{made}")).status_code == 403


async def test_a_draft_is_a_summary_to_participants_and_nothing_to_the_invited(
    people: Callable[..., Person],
) -> None:
    made = await a_rich_one(people)
    await done(people("MOH"), made, "return", remarks="Other ports")
    told = await seen(people("MOLE"), made)
    assert told is not None
    assert (set(told), told["role"], told["status"]) == (SUMMARY, "participant", "draft")
    assert (await parts(people("MOLE"), made))["commitments"] == 403
    assert await seen(people("OOBC"), made) is None
    assert await seen(people("MAFAR"), made) is None


@pytest.mark.parametrize("end", ["declined", "revoked", "expired", "withdrawn", "removed"])
async def test_who_is_out_sees_its_own_invitation_and_nothing_else(
    people: Callable[..., Person], database: ServiceDatabase, end: str
) -> None:
    made = await a_rich_one(people)
    moh, one = people("MOH"), people("MOLE" if end in ("withdrawn", "removed") else "OOBC")
    own = (await invitation_of(one, made))["id"]
    if end == "declined":
        await done(one, made, "decline")
    elif end == "withdrawn":
        await done(one, made, "withdraw", reason="x")
    elif end == "expired":
        await administer(
            database,
            "UPDATE coordination.partnership_invitations SET expires_at = now()"
            f" WHERE id = '{own}'",
        )
    else:
        verb = "revoke" if end == "revoked" else "remove"
        body = {"reason": "x"} if end == "removed" else {}
        await done(moh, made, f"invitations/{own}/{verb}", **body)
    assert await seen(one, made) is None
    assert await parts(one, made) == dict.fromkeys(PARTS, 404)
    inbox = await one.get(f"/api/v1/moa/{one.org}/coordination/invitations")
    assert [(i["id"], i["status"]) for i in inbox.json()["items"]] == [(own, end)]
    assert [secret for secret in SECRETS if secret in inbox.text] == []


async def test_a_public_one_is_shown_to_others_once_it_is_active(
    people: Callable[..., Person],
) -> None:
    made = await a_rich_one(people, visibility="public")
    mafar, boss = people("MAFAR"), people("MOH")
    assert await seen(mafar, made) is None
    await done(people("OOBC"), made, "decline")
    await done(boss, made, "activate")
    told = await seen(mafar, made)
    assert told is not None
    assert set(told) == PUBLIC
    assert (told["role"], told["status"], told["allowed_actions"]) == ("observer", "active", [])
    assert [member["organization"]["code"] for member in told["members"]] == ["MOH", "MOLE"]
    assert set(told["members"][0]) == {"organization", "role"}
    assert await parts(mafar, made) == {
        "activities": 403, "commitments": 403, "invitations": 0, "notes": 0
    }  # fmt: skip
    noted = await mafar.post(f"{partnerships(mafar)}/{made}/notes", json={"text": "Interesting"})
    assert (noted.status_code, noted.json()["code"]) == (403, "not_invited")
    answered = await act(mafar, made, "accept")
    assert (answered.status_code, answered.json()["code"]) == (403, "not_invited")
    text = (await mafar.get(partnerships(mafar))).text
    assert [secret for secret in SECRETS if secret in text] == []
    assert "Fewer accidents" not in text
    one = next(
        i
        for i in (await boss.get(f"{partnerships(boss)}/{made}/invitations")).json()["items"]
        if i["status"] == "accepted"
    )
    await done(boss, made, f"invitations/{one['id']}/remove", reason="x")
    after = await seen(mafar, made)
    assert after is not None
    assert [member["organization"]["code"] for member in after["members"]] == ["MOH"]


async def test_a_note_is_thrown_away_by_its_writer_alone(people: Callable[..., Person]) -> None:
    made = await a_rich_one(people)
    moh, mole = people("MOH"), people("MOLE")
    (note,) = (await mole.get(f"{partnerships(mole)}/{made}/notes")).json()["items"]
    assert note["allowed_actions"] == ["delete"]
    match = {"If-Match": '"1"'}
    theirs = await moh.delete(f"{partnerships(moh)}/{made}/notes/{note['id']}", headers=match)
    assert theirs.status_code == 404
    ours = f"{partnerships(mole)}/{made}/notes/{note['id']}"
    assert (await mole.delete(ours)).status_code == 428
    assert (await mole.delete(ours, headers=match)).status_code == 204
    assert (await parts(mole, made))["notes"] == 0
