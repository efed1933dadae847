"""How organizations come into a partnership, what they bring, and how they leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from libs.chassis.testing import Person, ServiceDatabase
from services.coordination.tests.factories import (
    a_draft,
    a_submitted,
    act,
    administer,
    an_invitation,
    announced,
    done,
    invitation_of,
    partnerships,
)

EXPIRE = "UPDATE coordination.partnership_invitations SET expires_at = now() - interval '1 second'"


def inbox(person: Person) -> str:
    return f"/api/v1/moa/{person.org}/coordination/invitations"


async def received(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await person.get(inbox(person))).json()["items"]
    return found


async def statuses(person: Person, partnership_id: str) -> dict[str, str]:
    told = (await person.get(f"{partnerships(person)}/{partnership_id}")).json()
    return {member["organization"]["code"]: member["status"] for member in told["members"]}


async def test_an_invitation_arrives_when_it_is_submitted(people: Callable[..., Person]) -> None:
    moh, mole = people("MOH"), people("MOLE")
    made = await a_draft(moh, "MOLE")
    assert await received(mole) == []
    await done(moh, made, "submit")
    (invitation,) = await received(mole)
    assert invitation["partnership_title"] == "Occupational health in the fishing ports"
    assert invitation["lead"]["code"] == "MOH"
    assert invitation["message"] == "Please join us"
    assert invitation["allowed_actions"] == ["accept", "decline"]
    days = invitation["expires_at"][:10], invitation["sent_at"][:10]
    assert days[0] > days[1]


async def test_who_declined_can_be_asked_again(people: Callable[..., Person]) -> None:
    moh, mole = people("MOH"), people("MOLE")
    made = await a_submitted(moh, "MOLE")
    declined = await done(mole, made, "decline", reason="No inspectors")
    assert (declined["status"], declined["reason"]) == ("declined", "No inspectors")
    assert await statuses(moh, made) == {"MOH": "accepted", "MOLE": "declined"}
    assert (await invitation_of(moh, made))["reason"] == "No inspectors"
    again = await act(mole, made, "accept")
    assert (again.status_code, again.json()["code"]) == (409, "invitation_not_pending")
    await done(moh, made, "invite", **an_invitation("MOLE"))
    await done(mole, made, "accept")
    assert await statuses(moh, made) == {"MOH": "accepted", "MOLE": "accepted"}
    assert [one["status"] for one in await received(mole)] == ["accepted", "declined"]


async def test_declining_takes_no_reason(people: Callable[..., Person]) -> None:
    moh, mole = people("MOH"), people("MOLE")
    made = await a_submitted(moh, "MOLE")
    assert (await done(mole, made, "decline"))["reason"] == ""


async def test_an_expired_invitation_is_not_answered(
    people: Callable[..., Person], database: ServiceDatabase
) -> None:
    moh, boss, mole = people("MOH"), people("MOH"), people("MOLE")
    made = await a_submitted(moh, "MOLE", "OOBC", partnership_type="joint_program")
    await done(people("OOBC"), made, "accept")
    await administer(database, EXPIRE)
    refused = await act(mole, made, "accept")
    assert (refused.status_code, refused.json()["detail"]) == (409, "It is expired.")
    assert [one["status"] for one in await received(mole)] == ["expired"]
    await done(boss, made, "activate")
    assert await statuses(moh, made) == {"MOH": "accepted", "OOBC": "accepted"}
    assert [one["status"] for one in await received(mole)] == ["revoked"]


async def test_a_revoked_invitation_is_not_answered(people: Callable[..., Person]) -> None:
    moh, mole = people("MOH"), people("MOLE")
    made = await a_submitted(moh, "MOLE")
    one = await invitation_of(moh, made)
    assert one["allowed_actions"] == ["revoke"]
    told = await done(moh, made, f"invitations/{one['id']}/revoke")
    assert [member["status"] for member in told["members"]] == ["accepted"]
    refused = await act(mole, made, "accept")
    assert (refused.status_code, refused.json()["detail"]) == (409, "It is revoked.")
    assert [(i["status"], i["allowed_actions"]) for i in await received(mole)] == [("revoked", [])]
    again = await act(moh, made, f"invitations/{one['id']}/revoke")
    assert again.json()["code"] == "invitation_not_pending"


async def test_who_accepted_is_not_revoked_but_removed_with_a_reason(
    people: Callable[..., Person], database: ServiceDatabase
) -> None:
    moh, boss, mole = people("MOH"), people("MOH"), people("MOLE")
    made = await a_submitted(moh, "MOLE")
    await done(mole, made, "accept")
    await done(boss, made, "activate")
    one = await invitation_of(moh, made)
    revoked = await act(moh, made, f"invitations/{one['id']}/revoke")
    assert revoked.json()["code"] == "invitation_not_pending"
    assert (await act(moh, made, f"invitations/{one['id']}/remove")).status_code == 422
    told = await done(moh, made, f"invitations/{one['id']}/remove", reason="Left the ports")
    assert told["status"] == "on_hold"
    assert "takes 1; 0 accepted" in told["status_reason"]
    assert (await act(moh, made, "resume")).json()["code"] == "participants_missing"
    assert (await mole.get(f"{partnerships(mole)}/{made}")).status_code == 404
    (own,) = await received(mole)
    assert (own["status"], own["reason"]) == ("removed", "Left the ports")
    assert (await announced(database))[-1].data["status"] == "on_hold"
    await done(moh, made, "invite", **an_invitation("OOBC"))
    await done(people("OOBC"), made, "accept")
    assert (await done(moh, made, "resume"))["status"] == "active"


async def test_who_withdraws_sees_only_that_it_was_there(
    people: Callable[..., Person], database: ServiceDatabase
) -> None:
    moh, boss, mole = people("MOH"), people("MOH"), people("MOLE")
    made = await a_submitted(moh, "MOLE")
    await done(mole, made, "accept")
    await done(boss, made, "activate")
    assert (await act(mole, made, "withdraw")).status_code == 422
    left = await done(mole, made, "withdraw", reason="No inspectors left")
    assert (left["status"], left["reason"]) == ("withdrawn", "No inspectors left")
    assert left["withdrawn_at"] is not None
    assert (await mole.get(f"{partnerships(mole)}/{made}")).status_code == 404
    assert (await act(mole, made, "withdraw", reason="x")).status_code == 404
    assert await statuses(moh, made) == {"MOH": "accepted", "MOLE": "withdrawn"}
    lead = (await moh.get(f"{partnerships(moh)}/{made}")).json()
    assert lead["warnings"] == ["A bilateral partnership takes 1; 0 accepted."]
    last = (await announced(database))[-1]
    assert last.subject == "coordination.inter_moa_partnership.withdrawn.v1"
    assert last.data["answer"] == "withdrawn"
    assert last.aggregate_version == 2


async def test_nobody_answers_for_another(people: Callable[..., Person]) -> None:
    moh, mole, mafar = people("MOH"), people("MOLE"), people("MAFAR")
    made = await a_submitted(moh, "MOLE")
    for verb, body in (("accept", {}), ("decline", {}), ("withdraw", {"reason": "x"})):
        lead = await act(moh, made, verb, **body)
        assert (lead.status_code, lead.json()["code"]) == (403, "not_invited"), verb
        stranger = await act(mafar, made, verb, **body)
        assert (stranger.status_code, stranger.json()["code"]) == (404, "partnership_not_found")
    assert (await received(mole))[0]["status"] == "pending"


async def test_a_member_does_none_of_the_leads_verbs(people: Callable[..., Person]) -> None:
    moh, mole = people("MOH"), people("MOLE")
    made = await a_submitted(moh, "MOLE")
    one = await invitation_of(mole, made)
    for _ in range(2):
        for verb, body in (
            ("change", {"title": "Ours"}),
            ("submit", {}),
            ("return", {"remarks": "x"}),
            ("activate", {}),
            ("terminate", {"reason": "x"}),
            ("invite", an_invitation("OOBC")),
            (f"invitations/{one['id']}/revoke", {}),
            (f"invitations/{one['id']}/remove", {"reason": "x"}),
        ):
            refused = await act(mole, made, verb, **body)
            assert (refused.status_code, refused.json()["code"]) == (403, "not_the_lead"), verb
        await act(mole, made, "accept")
    assert (await mole.get(f"{partnerships(mole)}/{made}")).json()["role"] == "participant"


async def test_terms_that_changed_since_they_were_read_are_not_accepted(
    people: Callable[..., Person],
) -> None:
    moh, mole = people("MOH"), people("MOLE")
    made = await a_submitted(moh, "MOLE")
    url = f"{partnerships(mole)}/{made}"
    seen = (await mole.get(url)).headers["ETag"]
    await done(moh, made, "return", remarks="Other ports")
    await act(moh, made, "change", objectives="Something else")
    await done(moh, made, "submit")
    stale = await mole.post(f"{url}/accept", headers={"If-Match": seen})
    assert stale.status_code == 412
    assert (await mole.post(f"{url}/accept")).status_code == 428
    assert (await done(mole, made, "accept"))["objectives"] == "Something else"


async def test_an_acceptance_waits_for_a_revocation_that_came_first(
    people: Callable[..., Person], database: ServiceDatabase
) -> None:
    moh, mole = people("MOH"), people("MOLE")
    made = await a_submitted(moh, "MOLE")
    url = f"{partnerships(mole)}/{made}"
    match = {"If-Match": (await mole.get(url)).headers["ETag"]}
    lead = await asyncpg.connect(database.admin.replace("+asyncpg", ""))
    async with lead.transaction():
        await lead.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", made)
        accepting = asyncio.create_task(mole.post(f"{url}/accept", headers=match))
        # Only the database knows that the acceptance waits; there is no event to await.
        waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while not (accepting.done() or await lead.fetchval(waits)):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await lead.execute("UPDATE coordination.partnership_invitations SET revoked_at = now()")
    await lead.close()
    assert (await accepting).status_code == 404
    assert await statuses(moh, made) == {"MOH": "accepted", "MOLE": "invited"}
    assert [one["status"] for one in await received(mole)] == ["revoked"]


async def test_an_organization_is_asked_once_at_a_time(people: Callable[..., Person]) -> None:
    moh = people("MOH")
    made = await a_draft(moh, "MOLE", partnership_type="multilateral")
    twice = await act(moh, made, "invite", **an_invitation("MOLE"))
    assert (twice.status_code, twice.json()["code"]) == (409, "organization_invited_already")
    itself = await act(moh, made, "invite", **an_invitation("MOH"))
    assert (itself.status_code, itself.json()["code"]) == (422, "lead_not_invitable")
    pair = await a_draft(moh, "MOLE")
    third = await act(moh, pair, "invite", **an_invitation("OOBC"))
    assert (third.status_code, third.json()["code"]) == (409, "bilateral_taken")


async def test_each_verb_has_its_own_permission(people: Callable[..., Person]) -> None:
    moh, mole = people("MOH"), people("MOLE")
    made = await a_submitted(moh, "MOLE")
    read = "coordination.inter_moa_partnership.read"
    reader = people("MOLE", permissions=[read])
    seen = (await reader.get(f"{partnerships(reader)}/{made}")).json()
    assert seen["allowed_actions"] == []
    for verb in ("accept", "decline"):
        assert (await act(reader, made, verb)).json()["code"] == "not_permitted"
    declining = people("MOLE", permissions=[read, "coordination.inter_moa_partnership.decline"])
    seen = (await declining.get(f"{partnerships(declining)}/{made}")).json()
    assert seen["allowed_actions"] == ["decline"]
    assert (await act(declining, made, "accept")).status_code == 403
    assert (await received(mole))[0]["status"] == "pending"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"organization_code": "NOSUCH"}, "/body/organization_code"),
        ({"organization_code": "mole"}, "/body/organization_code"),
        ({"valid_days": 0}, "/body/valid_days"),
        ({"valid_days": "14"}, "/body/valid_days"),
        ({"colour": "red"}, "/body/colour"),
    ],
)
async def test_a_bad_invitation_names_the_field(
    people: Callable[..., Person], changes: dict[str, Any], pointer: str
) -> None:
    moh = people("MOH")
    made = await a_draft(moh)
    answer = await act(moh, made, "invite", **{**an_invitation(), **changes})
    assert answer.status_code == 422, answer.text
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert (await moh.get(f"{partnerships(moh)}/{made}/invitations")).json()["items"] == []
