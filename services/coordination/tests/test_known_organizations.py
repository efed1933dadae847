"""The remembered register: identity's events, applied to a real database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from services.coordination.tests.factories import (
    a_draft,
    act,
    an_invitation,
    done,
    hear,
    partnerships,
    register_event,
)


async def remembered(database: ServiceDatabase) -> dict[str, Any]:
    engine = create_async_engine(database.admin)
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT * FROM coordination.known_organizations"))
        found = {str(row.org_id): row for row in rows}
    await engine.dispose()
    return found


async def test_an_announced_organization_is_remembered_once(database: ServiceDatabase) -> None:
    event = register_event("MOH", name="Ministry of Health")
    await hear(database, event, event)
    found = await remembered(database)
    assert list(found) == [str(org_id_of("MOH"))]
    row = found[str(org_id_of("MOH"))]
    assert (row.code, row.name, row.is_active) == ("MOH", "Ministry of Health", True)


async def test_a_change_is_followed_and_an_older_state_that_comes_late_is_not(
    database: ServiceDatabase,
) -> None:
    moh = org_id_of("MOH")
    await hear(
        database,
        register_event("MOH"),
        register_event("MOHE", org_id=moh, version=3, name="New"),
        register_event("MOHX", org_id=moh, version=2, name="Late"),
    )
    row = (await remembered(database))[str(moh)]
    assert (row.code, row.name, row.register_version) == ("MOHE", "New", 3)


async def test_who_can_be_invited_follows_the_register(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff = person("MOH")
    draft = await a_draft(staff)
    body = an_invitation("MOLE")

    async def refused() -> bool:
        answer = await act(staff, draft, "invite", **body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] == "organization_not_invitable"
        return [one["pointer"] for one in answer.json()["errors"]] == ["/body/organization_code"]

    assert await refused()
    await hear(database, register_event("MOLE", is_active=False))
    assert await refused()
    await hear(database, register_event("MOLE", version=2))
    invited = await done(staff, draft, "invite", **body)
    assert invited["members"][1]["organization"]["code"] == "MOLE"


async def test_a_code_that_two_organizations_claim_invites_neither(
    people: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff = people("MOH")
    draft = await a_draft(staff)
    await hear(database, register_event("MOLE", org_id=org_id_of("MAFAR"), version=2))
    answer = await act(staff, draft, "invite", **an_invitation("MOLE"))
    assert answer.json()["code"] == "organization_not_invitable"


async def test_a_lead_that_the_register_has_not_told_is_shown_by_its_id(
    person: Callable[..., Person],
) -> None:
    staff = person("MOH")
    draft = await a_draft(staff)
    seen = (await staff.get(f"{partnerships(staff)}/{draft}")).json()
    assert seen["lead"] == {"org_id": str(org_id_of("MOH")), "code": None, "name": None}
