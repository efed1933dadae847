"""The register: loading it, reading it, and switching modules."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.chassis.database import Database
from libs.chassis.paging import ListParams
from libs.chassis.testing import ServiceDatabase
from libs.tenancy.actor import Actor
from services.identity.demo_accounts.schemas import read_accounts
from services.identity.organizations.model import (
    Module,
    ModuleAlreadyDisabled,
    ModuleAlreadyEnabled,
    Organization,
    organization_id,
)
from services.identity.organizations.queries import list_module_activations
from services.identity.register_files.schemas import RegisterDifference, RegisterEntry
from services.identity.register_files.usecases import (
    RegisterFileInvalid,
    load_register,
    read_register,
)
from services.identity.seed import REGISTER_FILE
from services.identity.tests.browser import Browser
from services.identity.tests.conftest import Start
from services.identity.tests.factories import OPERATOR, a_user, events_of

HEADER = "key,code,name,org_type,is_moa,is_pilot,legacy_id,verified,source_note"
API = "/api/v1/identity/organizations"


def a_register(*rows: str) -> io.StringIO:
    return io.StringIO("\n".join([HEADER, *rows]) + "\n")


def a_row(key: str, code: str, **changes: str) -> str:
    values = {
        "name": f"Ministry {key}",
        "org_type": "ministry",
        "is_moa": "true",
        "is_pilot": "false",
        "legacy_id": "",
        "verified": "yes",
        "source_note": "",
        **changes,
    }
    return ",".join([key, code, *values.values()])


@pytest.fixture
async def empty(database: ServiceDatabase) -> Any:
    opened = Database(database.app)
    yield opened
    await opened.close()


async def load(
    database: Database, entries: list[RegisterEntry], *, dry_run: bool = False
) -> Counter[str]:
    async with database.unit_of_work(OPERATOR) as uow:
        differences: list[RegisterDifference] = await load_register(uow, entries, dry_run=dry_run)
    return Counter(difference.action for difference in differences)


def test_the_shipped_register_is_that_of_the_founding_documents() -> None:
    with REGISTER_FILE.open(encoding="utf-8") as file:
        entries = read_register(file)
    assert len(entries) == 45
    kinds = Counter(entry.org_type.value for entry in entries)
    assert kinds == {"ministry": 16, "office": 11, "agency": 8, "special": 7, "commission": 3}
    assert [entry.code for entry in entries if not entry.is_moa] == ["OOBC"]
    assert {entry.code for entry in entries if entry.is_pilot} == {"MAFAR", "MOH", "MOLE"}
    assert next(entry for entry in entries if entry.key == "oobc").legacy_id == 1


def test_an_id_follows_from_the_key_for_ever() -> None:
    assert organization_id("moh") == UUID("da775a6b-4303-56db-946e-cd24172d5cd3")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([a_row("a1", "AA"), a_row("b1", "AA")], "The code AA stands there twice."),
        ([a_row("a1", "AA"), a_row("a1", "BB")], "The key a1 stands there twice."),
        ([a_row("a1", "aa")], "Line 2, code"),
        ([a_row("A1", "AA")], "Line 2, key"),
        ([a_row("a1", "AA", org_type="bank")], "Line 2, org_type"),
        ([a_row("a1", "AA", is_moa="perhaps")], "Line 2, is_moa"),
        ([a_row("a1", "AA", name="")], "Line 2, name"),
        (["a1,AA"], "Line 2, name"),
        ([a_row("a1", "AA") + ",more"], "Line 2"),
    ],
)
def test_a_bad_file_is_refused_whole_with_line_and_column(rows: list[str], reason: str) -> None:
    with pytest.raises(RegisterFileInvalid, match=reason):
        read_register(a_register(*rows))


async def test_loading_twice_changes_nothing_and_announces_once(
    empty: Database, database: ServiceDatabase
) -> None:
    with REGISTER_FILE.open(encoding="utf-8") as file:
        entries = read_register(file)
    assert await load(empty, entries, dry_run=True) == {"register": 45}
    assert await count(empty) == 0
    assert await load(empty, entries) == {"register": 45}
    assert await load(empty, entries) == {"same": 45}
    announced = await events_of(database)
    assert len(announced) == await count(empty) == 45
    moh = next(event for event in announced if event.data["code"] == "MOH")
    assert moh.subject == "identity.organization.registered.v1"
    assert moh.org_id == moh.aggregate_id == organization_id("moh")
    assert moh.aggregate_version == 1
    assert moh.data["modules"] == [module.value for module in Module]
    public = "id key code name org_type is_moa is_pilot is_active modules legacy_id status"
    public += " acronym parent_id"
    assert sorted(moh.data) == sorted(public.split())


async def test_only_real_changes_are_announced_and_codes_may_be_exchanged(
    empty: Database, database: ServiceDatabase
) -> None:
    await load(empty, read_register(a_register(a_row("mti", "MTI"), a_row("motc", "MTIT"))))
    swapped = a_register(a_row("mti", "MTIT"), a_row("motc", "MOTC"))
    assert await load(empty, read_register(swapped)) == {"change": 2}
    announced = await events_of(database)
    changed = [event for event in announced if event.subject.endswith("changed.v1")]
    assert [(event.data["key"], event.data["code"]) for event in changed] == [
        ("mti", "MTIT"),
        ("motc", "MOTC"),
    ]
    assert {event.aggregate_version for event in changed} == {2}


async def test_what_the_file_does_not_name_is_reported_and_stays(empty: Database) -> None:
    await load(empty, read_register(a_register(a_row("a1", "AA"), a_row("b1", "BB"))))
    fewer = read_register(a_register(a_row("a1", "AA")))
    assert await load(empty, fewer) == {"same": 1, "not_in_file": 1}
    assert await count(empty) == 2
    taker = read_register(a_register(a_row("c1", "BB")))
    with pytest.raises(RegisterFileInvalid, match="BB of c1 belongs to b1"):
        await load(empty, taker)


def test_a_switch_is_refused_when_it_would_say_nothing() -> None:
    organization = Organization(modules=["mana"])
    organization.enable_module(Module.budgeting)
    assert organization.modules == ["mana", "budgeting"]
    with pytest.raises(ModuleAlreadyEnabled):
        organization.enable_module(Module.mana)
    organization.disable_module(Module.mana)
    with pytest.raises(ModuleAlreadyDisabled):
        organization.disable_module(Module.mana)


async def test_anyone_with_a_token_reads_the_register_and_nobody_without(
    transactions: Database, browser: Browser
) -> None:
    assert (await browser.get(API)).status_code == 401
    await a_user(transactions, "amina@moh.example", MOH="viewer")
    await browser.tokens("amina@moh.example")
    page = (await browser.get(API, params={"limit": 3, "count": "exact"})).json()
    assert ([item["code"] for item in page["items"]], page["total"]) == (
        ["MAFAR", "MFBM", "MOH"],
        6,
    )
    rest = (await browser.get(API, params={"limit": 3, "cursor": page["next"]})).json()
    assert [item["code"] for item in rest["items"]] == ["MOLE", "OCM", "OOBC"]
    offices = (await browser.get(API, params={"org_type": "office", "is_moa": True})).json()
    assert [item["code"] for item in offices["items"]] == ["OCM"]
    one = await browser.get(f"{API}/{organization_id('moh')}")
    assert one.json()["name"] == "Ministry of Health"
    assert (await browser.get(f"{API}/{UUID(int=7)}")).status_code == 404


async def test_the_platform_administrator_switches_a_module_and_the_next_token_knows(
    start: Start, database: ServiceDatabase, tmp_path: Path
) -> None:
    app = await start(home=str(tmp_path))
    passwords, secrets = read_accounts(tmp_path).by_email, read_accounts(tmp_path).totp_by_email
    moh = f"{API}/{organization_id('moh')}/modules/planning"
    async with Browser(app) as platform, Browser(app) as member:
        platform.totp_secret = secrets["platform@bmms.example"]
        await platform.tokens("platform@bmms.example", passwords["platform@bmms.example"])
        before = await member.tokens("admin@moh.example", passwords["admin@moh.example"])
        denied = await member.post(f"{moh}/disable", json={"reason": "I would like to"})
        assert denied.status_code == 403
        done = await platform.post(f"{moh}/disable", json={"reason": "Rollout is paused"})
        assert done.status_code == 200, done.text
        assert "planning" not in done.json()["modules"]
        assert [each[:33] for each in done.json()["warnings"]] == [
            "Budgeting is on without planning:"
        ]
        assert (await member.get("/api/v1/identity/me")).status_code == 401
        again = await platform.post(f"{moh}/disable", json={"reason": "Rollout is paused"})
        assert (again.status_code, again.json()["code"]) == (409, "module_already_disabled")
        after = (await member.refresh(before["refresh_token"])).json()
        member.headers["Authorization"] = f"Bearer {after['access_token']}"
        me = (await member.get("/api/v1/identity/me")).json()
        assert "planning" not in me["modules"]
        on = await platform.post(f"{moh}/enable", json={"reason": "Rollout goes on"})
        assert "planning" in on.json()["modules"]
        assert on.json()["warnings"] == []
    switched = [e for e in await events_of(database) if "module_changed" in e.subject]
    assert [(e.org_id, e.data["module"], e.data["enabled"]) for e in switched] == [
        (organization_id("moh"), "planning", False),
        (organization_id("moh"), "planning", True),
    ]
    own = Actor.system(organization_id("moh"))
    async with app.state.database.unit_of_work(own) as uow:
        history = (await list_module_activations(uow.session, ListParams())).items
    assert [row.reason for row in history] == ["Rollout goes on", "Rollout is paused"]


async def test_the_history_of_switches_cannot_be_rewritten(transactions: Database) -> None:
    with pytest.raises(Exception, match="permission denied"):
        async with transactions.unit_of_work(OPERATOR) as uow:
            await uow.session.execute(text("UPDATE identity.module_activations SET reason = ''"))


async def test_an_unknown_module_or_an_empty_reason_is_422(start: Start, tmp_path: Path) -> None:
    async with Browser(await start(home=str(tmp_path))) as platform:
        email, kept = "platform@bmms.example", read_accounts(tmp_path)
        platform.totp_secret = kept.totp_by_email[email]
        await platform.tokens(email, kept.by_email[email])
        modules = f"{API}/{organization_id('moh')}/modules"
        unknown = await platform.post(f"{modules}/payroll/disable", json={"reason": "Why not"})
        silent = await platform.post(f"{modules}/planning/disable", json={"reason": " "})
    assert unknown.status_code == silent.status_code == 422


async def count(database: Database) -> int:
    async with database.unit_of_work(OPERATOR) as uow:
        found: int = await uow.session.scalar(text("SELECT count(*) FROM identity.organizations"))
    return found
