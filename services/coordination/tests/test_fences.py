"""The fences of the shared rows, tried from inside: as the service's own role, by SQL alone.

`holes` tries everything that must be impossible and everything that must be seen, and tells what
went wrong. Every rule that it stands on is then taken away, one at a time, and must be missed.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest

from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from services.coordination.tests.factories import a_commitment, a_submitted, done, partnerships

MOH, MOLE, OOBC, MAFAR = (org_id_of(code) for code in ("MOH", "MOLE", "OOBC", "MAFAR"))
WHO = {"MOH": MOH, "MOLE": MOLE, "OOBC": OOBC, "MAFAR": MAFAR}
NEVER = uuid4()

TABLES = (
    "inter_moa_partnerships",
    "partnership_invitations",
    "partnership_answers",
    "partnership_commitments",
    "partnership_activities",
    "partnership_notes",
)


@dataclass(frozen=True)
class Story:
    """MOH leads three, with MOLE in each: `shared` also asks OOBC, `public` is active."""

    connection: asyncpg.Connection
    shared: UUID
    public: UUID
    draft: UUID
    mole_asked: UUID
    oobc_asked: UUID

    @asynccontextmanager
    async def acting(self, org_id: UUID | None) -> AsyncIterator[None]:
        """Act as coordination's application for an organization, and undo everything."""
        attempt = self.connection.transaction()
        await attempt.start()
        try:
            await self.connection.execute("SET LOCAL ROLE coordination_app")
            await self.connection.execute(
                "SELECT set_config('app.org_id', $1, true)", str(org_id or "")
            )
            yield
        finally:
            await attempt.rollback()

    async def outcome(self, org_id: UUID, statement: str) -> str:
        """Return how many rows a statement touched, or which rule refused it."""
        async with self.acting(org_id):
            try:
                return (await self.connection.execute(statement)).rpartition(" ")[2]
            except asyncpg.IntegrityConstraintViolationError as error:
                return str(error.constraint_name)
            except asyncpg.InsufficientPrivilegeError:
                return "refused"


@pytest.fixture
async def story(people: Callable[..., Person], database: ServiceDatabase) -> AsyncIterator[Story]:
    moh, boss, mole = people("MOH"), people("MOH"), people("MOLE")
    shared = await a_submitted(moh, "MOLE", "OOBC", partnership_type="joint_program")
    public = await a_submitted(moh, "MOLE", visibility="public")
    draft = await a_submitted(moh, "MOLE")
    for one in (shared, public, draft):
        await done(mole, one, "accept")
        for person in (moh, mole):
            url = f"{partnerships(person)}/{one}"
            assert (await person.post(f"{url}/commitments", json=a_commitment())).is_success
            assert (await person.post(f"{url}/notes", json={"text": "Ours"})).is_success
    await done(boss, public, "activate")
    await done(moh, draft, "return", remarks="Other ports")
    connection = await asyncpg.connect(database.admin.replace("+asyncpg", ""))
    asked = dict(
        await connection.fetch(
            "SELECT invited_org_id, id FROM coordination.partnership_invitations"
            " WHERE partnership_id = $1",
            UUID(shared),
        )
    )
    yield Story(connection, UUID(shared), UUID(public), UUID(draft), asked[MOLE], asked[OOBC])
    await connection.close()


async def unexpected_sights(story: Story) -> AsyncIterator[str]:
    """Compare, table by table, how many rows each organization sees with how many it should."""
    expected = {
        # partnerships, invitations, answers, commitments, activities, notes
        "MOH": (3, 4, 3, 6, 18, 3),
        "MOLE": (3, 3, 3, 5, 14, 3),
        "OOBC": (2, 1, 0, 0, 1, 0),
        "MAFAR": (1, 0, 0, 0, 1, 0),
    }
    for code, org_id in WHO.items():
        async with story.acting(org_id):
            for table, count in zip(TABLES, expected[code], strict=True):
                found = await story.connection.fetchval(
                    f"SELECT count(*) FROM coordination.{table}"
                )
                if found != count:
                    yield f"{code} sees {found} rows of {table}, not {count}"
    async with story.acting(None):
        for table in TABLES:
            if await story.connection.fetchval(f"SELECT count(*) FROM coordination.{table}"):
                yield f"nobody sees rows of {table}"


def writes_of_others(story: Story) -> Iterator[tuple[UUID, str]]:
    """Yield statements that change rows of another organization, all of which touch nothing."""
    for table in TABLES:
        for org_id, owner in ((MOLE, MOH), (MOH, MOLE), (MAFAR, MOH)):
            where = f"WHERE org_id = '{owner}'"
            yield org_id, f"UPDATE coordination.{table} SET updated_at = now() {where}"
            yield org_id, f"DELETE FROM coordination.{table} {where}"


def insert(table: str, org_id: UUID, **more: object) -> str:
    """Return the statement that makes a row of an organization."""
    columns = {
        "org_id": org_id,
        "id": uuid4(),
        "lead_org_id": MOH,
        "version": 1,
        "created_at": "now",
        "created_by": NEVER,
        "updated_at": "now",
        "updated_by": NEVER,
        **more,
    }
    values = ", ".join("NULL" if value is None else f"'{value}'" for value in columns.values())
    return f"INSERT INTO coordination.{table} ({', '.join(columns)}) VALUES ({values})"


def copy(table: str, row: UUID, **changes: UUID) -> str:
    """Return the statement that makes a row like another that the writer sees."""
    told = json.dumps({"id": NEVER, **changes}, default=str)
    return (
        f"INSERT INTO coordination.{table} SELECT * FROM jsonb_populate_record("
        f"(SELECT r FROM coordination.{table} r WHERE id = '{row}'), '{told}')"
    )


Forgery = tuple[UUID, str, str]
"""Who writes what, and the rule that must refuse it."""


def forged_answers(story: Story) -> Iterator[Forgery]:
    """Answer for another, or without being asked."""
    said = {"answer": "accepted", "reason": "", "answered_at": "now", "answered_by": NEVER}
    for org_id, owner, invitation, refusal in (
        (MOH, OOBC, story.oobc_asked, "refused"),
        (MOH, MOH, story.oobc_asked, "fk_partnership_answers_invitation"),
        (MAFAR, MAFAR, story.oobc_asked, "fk_partnership_answers_invitation"),
        (OOBC, OOBC, story.mole_asked, "fk_partnership_answers_invitation"),
        (MOLE, MOLE, story.mole_asked, "ix_partnership_answers_invitation"),
    ):
        ids = {"partnership_id": story.shared, "invitation_id": invitation}
        yield org_id, insert("partnership_answers", owner, **ids, **said), refusal
    yield MOLE, "DELETE FROM coordination.partnership_answers", "refused"


def forged_parts(story: Story) -> Iterator[Forgery]:
    """Write into a partnership without being in it, or as another."""
    promise = {"kind": "other", "description": "x", "is_delivered": "false", "cancel_reason": ""}
    for table, said in (
        ("partnership_commitments", promise),
        ("partnership_activities", {"deed": "accepted"}),
        ("partnership_notes", {"text": "x"}),
    ):
        for org_id, owner, invitation, partnership, refusal in (
            (MAFAR, MAFAR, story.oobc_asked, story.shared, f"fk_{table}_invitation"),
            (MAFAR, MAFAR, None, story.shared, f"ck_{table}_writer"),
            (MOLE, MOLE, story.mole_asked, story.public, f"fk_{table}_invitation"),
            (MOLE, MOH, None, story.shared, "refused"),
            (MOH, MOH, None, NEVER, f"fk_{table}_partnership"),
        ):
            ids = {"partnership_id": partnership, "invitation_id": invitation}
            yield org_id, insert(table, owner, **ids, **said), refusal
    yield MOLE, "UPDATE coordination.partnership_activities SET deed = 'invited'", "refused"


def forged_invitations(story: Story) -> Iterator[Forgery]:
    """Lead what another leads, invite for another, twice, oneself, or to nowhere."""
    yield MOLE, copy("inter_moa_partnerships", story.public, org_id=MOH), "refused"
    nowhere = {"invited_org_id": MAFAR, "partnership_id": NEVER}
    for org_id, changes, refusal in (
        (MOLE, {"invited_org_id": MAFAR}, "refused"),
        (MOH, {}, "ix_partnership_invitations_one_open"),
        (MOH, {"invited_org_id": MOH}, "ck_partnership_invitations_not_to_itself"),
        (MOH, nowhere, "fk_partnership_invitations_org_id_partnership_id"),
    ):
        yield org_id, copy("partnership_invitations", story.mole_asked, **changes), refusal


async def holes(story: Story) -> list[str]:
    """Return what somebody sees or writes that must not be, and what is missed."""
    found = [told async for told in unexpected_sights(story)]
    for org_id, statement in writes_of_others(story):
        told = await story.outcome(org_id, statement)
        if told not in ("0", "refused"):
            found.append(f"{org_id} writes rows of others: {statement}: {told}")
    for org_id, statement, refusal in (
        *forged_answers(story),
        *forged_parts(story),
        *forged_invitations(story),
    ):
        told = await story.outcome(org_id, statement)
        if told != refusal:
            found.append(f"{told}, not {refusal}: {statement}")
    return found


async def test_nobody_sees_or_writes_more_than_its_part(story: Story) -> None:
    assert await holes(story) == []


SHARES = """
SELECT format('DROP POLICY %I ON %I.%I', policyname, schemaname, tablename) FROM pg_policies
WHERE schemaname = 'coordination' AND tablename = ANY($1::text[]) ORDER BY 1
"""
KEYS = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', conrelid::regclass, conname)
FROM pg_constraint WHERE connamespace = 'coordination'::regnamespace
  AND conrelid::regclass::text = ANY($1::text[])
  AND (contype = 'f' OR conname LIKE '%\\_writer' OR conname LIKE '%\\_not\\_to\\_itself'
       OR conname LIKE '%\\_addressee')
ORDER BY 1
"""
WIDER = (
    *(f"ALTER POLICY tenant_isolation ON coordination.{table} USING (true)" for table in TABLES),
    *(f"ALTER TABLE coordination.{table} DISABLE ROW LEVEL SECURITY" for table in TABLES),
    *(f"ALTER POLICY tenant_isolation ON coordination.{name} WITH CHECK (true)" for name in TABLES),
    "DROP INDEX coordination.ix_partnership_invitations_one_open",
    "DROP INDEX coordination.ix_partnership_answers_invitation",
    "GRANT DELETE ON coordination.partnership_answers TO coordination_app",
    "GRANT UPDATE ON coordination.partnership_activities TO coordination_app",
)  # fmt: skip


async def test_every_rule_is_missed_when_it_is_taken_away(story: Story) -> None:
    qualified = [f"coordination.{table}" for table in TABLES]
    shares = [row[0] for row in await story.connection.fetch(SHARES, list(TABLES))]
    keys = [row[0] for row in await story.connection.fetch(KEYS, qualified)]
    assert (len(shares), len(keys)) == (16, 13)
    unnoticed = []
    for mutation in (*shares, *keys, *WIDER):
        attempt = story.connection.transaction()
        await attempt.start()
        await story.connection.execute(mutation)
        if not await holes(story):
            unnoticed.append(mutation)
        await attempt.rollback()
    assert unnoticed == []
    assert await holes(story) == []
