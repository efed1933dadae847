"""Chains: what anybody with the database's own powers does to a trail is found and placed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from joserfc.jwk import ECKey
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from deploy.cli import trail_verifier
from deploy.cli.trail_verifier import Broken, verify
from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.tenancy.actor import Actor
from services.identity.audit_chains import model
from services.identity.audit_chains.usecases import (
    export_trail,
    link_events,
    publish_audit_keys,
    sign_heads,
)
from services.identity.audit_events.usecases import record

MOH, MOLE = (Actor.system(org_id_of(code), code) for code in ("MOH", "MOLE"))
EVENTS = 6
Tamper = Callable[[str], Awaitable[None]]


@pytest.fixture
def own(app: FastAPI) -> Database:
    database: Database = app.state.database
    return database


@pytest.fixture
def tamper(database: ServiceDatabase) -> Tamper:
    """Do to the trail what only the database's superuser can."""

    async def do(statements: str) -> None:
        engine = create_async_engine(database.admin, poolclass=NullPool)
        async with engine.begin() as connection:
            for statement in statements.split(";"):
                await connection.execute(text(statement))
        await engine.dispose()

    return do


async def a_trail(own: Database, actor: Actor = MOH, count: int = EVENTS) -> None:
    for number in range(count):
        async with own.unit_of_work(actor) as uow:
            await record(uow, "export.made", entity="report", after={"n": number, "who": "Añina"})
    await link_events(own)


async def exported(own: Database, actor: Actor = MOH) -> list[str]:
    async with own.unit_of_work(actor) as uow:
        return [json.dumps(line) async for line in export_trail(uow, actor.org_id)]


async def keys(own: Database) -> dict[str, Any]:
    async with own.unit_of_work(MOH) as uow:
        return await publish_audit_keys(uow)


async def test_a_whole_trail_is_intact_and_says_how_far_it_is_signed(own: Database) -> None:
    await a_trail(own)
    await sign_heads(own)
    await a_trail(own, count=2)
    await a_trail(own, MOLE, count=1)
    verdict = verify(await exported(own), keys=await keys(own))
    assert (verdict.events, verdict.heads, verdict.signed_events) == (EVENTS + 2, 1, EVENTS)
    assert verify(await exported(own, MOLE)).events == 1
    assert "keys given" in verdict.sentence()


async def test_nothing_is_signed_twice_and_nothing_linked_twice(own: Database) -> None:
    await a_trail(own)
    for _ in range(2):
        await sign_heads(own)
        await link_events(own)
    verdict = verify(await exported(own))
    assert (verdict.events, verdict.heads) == (EVENTS, 1)


EVENT = "identity.audit_events"
LINK = "identity.audit_links"
THIRD = f"(SELECT event_id FROM {LINK} WHERE seq = 3)"
LAST = f"(SELECT event_id FROM {LINK} WHERE seq = {EVENTS})"


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (f"UPDATE {EVENT} SET reason = 'x' WHERE id = {THIRD}", "event 3 .* was changed"),
        (f"UPDATE {EVENT} SET after = after || '{{\"n\": 9}}' WHERE id = {THIRD}", "event 3"),
        (f"UPDATE {EVENT} SET created_at = created_at - interval '1 day' WHERE id = {THIRD}", "3"),
        (f"UPDATE {LINK} SET hash = repeat('0', 64) WHERE seq = 3", "event 3 .* was changed"),
        (f"DELETE FROM {EVENT} WHERE id = {THIRD}", "event 3 .* was deleted"),
        (f"DELETE FROM {LINK} WHERE seq = 3", "event 3 is missing"),
        (
            (
                f"DELETE FROM {EVENT} WHERE id = {THIRD}; DELETE FROM {LINK} WHERE seq = 3;"
                f"UPDATE {LINK} SET seq = seq - 1 WHERE seq > 3"
            ),
            "event 3 .* was changed",
        ),
        (
            (
                f"UPDATE {LINK} SET seq = -seq WHERE seq IN (2, 3);"
                f"UPDATE {LINK} SET seq = 5 + seq WHERE seq < 0"
            ),
            "event 2 .* was changed",
        ),
        (
            f"DELETE FROM {EVENT} WHERE id = {LAST}; DELETE FROM {LINK} WHERE seq = {EVENTS}",
            f"events after {EVENTS - 1} were cut off: .* covers {EVENTS}",
        ),
        (f"TRUNCATE {EVENT}", "event 1 .* was deleted"),
        (f"TRUNCATE {EVENT}; TRUNCATE {LINK}", f"events after 0 were cut off: .* {EVENTS}"),
        (
            (
                f"INSERT INTO {EVENT} SELECT org_id, gen_random_uuid(), actor_org_id, person_id,"
                " action, entity, entity_id, before, after, reason, trace_id, address, version,"
                f" created_at - interval '1 hour', created_by, updated_at, updated_by FROM {EVENT}"
                f" WHERE id = {THIRD}"
            ),
            "was put beside the trail",
        ),
        (
            "UPDATE identity.audit_heads SET statement = left(statement, -4) || 'AAAA'",
            "signature is not good",
        ),
    ],
)
async def test_what_was_done_to_it_is_found_and_placed(
    own: Database, tamper: Tamper, statements: str, told: str
) -> None:
    await a_trail(own)
    await sign_heads(own)
    await tamper(statements)
    with pytest.raises(Broken, match=told):
        verify(await exported(own), keys=await keys(own))


async def test_a_history_written_anew_does_not_fit_what_was_signed(own: Database) -> None:
    await a_trail(own)
    await sign_heads(own)
    trail_id, rewritten = str(MOH.org_id), []
    last = trail_verifier.first_hash(trail_id)
    for line in map(json.loads, await exported(own)):
        if line["kind"] == "event":
            form = {name: each for name, each in line.items() if name not in ("kind", "hash")}
            form["reason"] = "nothing happened"
            last = trail_verifier.chained(last, form)
            line = {"kind": "event", "hash": last, **form}  # noqa: PLW2901
        rewritten.append(json.dumps(line))
    with pytest.raises(Broken, match=f"events up to {EVENTS} are not those that the head of"):
        verify(rewritten)


async def test_whoever_kept_a_head_sees_a_trail_that_was_cut_with_its_heads(
    own: Database, tamper: Tamper
) -> None:
    await a_trail(own)
    await sign_heads(own)
    trusted = await keys(own)
    kept = next(
        each["statement"] for each in map(json.loads, await exported(own)) if each["kind"] == "head"
    )
    await tamper(
        f"TRUNCATE {EVENT}; TRUNCATE {LINK}; TRUNCATE identity.audit_heads;"
        "TRUNCATE identity.audit_chains"
    )
    await a_trail(own, count=2)
    shortened = await exported(own)
    assert verify(shortened, keys=trusted).events == 2
    with pytest.raises(Broken, match=f"cut off: .* covers {EVENTS}"):
        verify(shortened, keys=trusted, heads=[kept])


async def test_a_head_of_another_key_or_trail_is_worth_nothing(own: Database) -> None:
    await a_trail(own)
    await a_trail(own, MOLE)
    await sign_heads(own)
    lines = await exported(own)
    foreign = [each for each in await exported(own, MOLE) if '"head"' in each]
    with pytest.raises(Broken, match="belongs to another trail"):
        verify([*lines, *foreign])
    with pytest.raises(Broken, match="signature is not good"):
        verify(lines, keys={"keys": [a_foreign_key()]})


def a_foreign_key() -> dict[str, Any]:
    return dict(ECKey.generate_key("P-256", {"kid": "other"}).as_dict(private=False))


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["{"],
        ["[]"],
        ['{"kind": "event"}'],
        ['{"kind": "trail"}'],
        ['{"kind": "trail", "org_id": "x", "exported_at": "2026-01-01T00:00:00Z"}', "{}"],
        ['{"kind": "trail", "org_id": "x", "exported_at": "2026-01-01T00:00:00Z"}', '{"kind":"y"}'],
    ],
)
def test_what_is_no_trail_is_told_in_one_line(lines: list[str]) -> None:
    with pytest.raises(Broken, match="line "):
        verify(lines)


def test_both_sides_spell_and_chain_alike() -> None:
    form = {"b": [1, {"ä": None, "a": "é\n"}], "a": True, "\ufb33": 1, "\U0001f600": 2}
    assert model.canonical(form) == trail_verifier.canonical(form)
    assert model.chained("00" * 32, form) == trail_verifier.chained("00" * 32, form)
    assert model.first_hash(MOH.org_id) == trail_verifier.first_hash(str(MOH.org_id))
    # RFC 8785, 3.2.3: names in the order of their UTF-16 code units.
    assert model.canonical(form).endswith('"\U0001f600":2,"\ufb33":1}'.encode())


async def test_an_organization_proves_its_trail_alone(
    own: Database, person: Callable[..., Person]
) -> None:
    await a_trail(own)
    await sign_heads(own)
    admin = person("MOH")
    trail = (await admin.get("/api/v1/moa/MOH/identity/audit-trail")).text.splitlines()
    trusted = (await admin.get("/api/v1/identity/audit-keys")).json()
    heads = (await admin.get("/api/v1/moa/MOH/identity/audit-heads")).json()["items"]
    verdict = verify(trail, keys=trusted, heads=[head["statement"] for head in heads])
    assert (verdict.events, len(heads), heads[0]["seq"]) == (EVENTS, 1, EVENTS)


async def test_the_command_says_one_line(
    own: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await a_trail(own)
    await sign_heads(own)
    file, trusted = tmp_path / "moh.jsonl", tmp_path / "keys.json"
    file.write_text("\n".join(await exported(own)))
    trusted.write_text(json.dumps(await keys(own)))
    assert trail_verifier.main([str(file), "--jwks", str(trusted)]) == 0
    assert capsys.readouterr().out.startswith(f"intact: {EVENTS} events")
    lines = [line for line in file.read_text().splitlines() if '"seq": 2' not in line]
    file.write_text("\n".join(lines))
    assert trail_verifier.main([str(file)]) == 1
    assert "broken: event " in capsys.readouterr().out
    assert trail_verifier.main([str(tmp_path / "nothing")]) == 2


@pytest.mark.parametrize("table", ["audit_links", "audit_heads"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET hash = ''", "DELETE FROM {}", "TRUNCATE {}"])
async def test_nobody_who_serves_requests_can_rewrite_a_chain(
    own: Database, table: str, statement: str
) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with own.unit_of_work(MOH) as uow:
            await uow.session.execute(text(statement.format(f"identity.{table}")))
