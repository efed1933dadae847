"""What a new installation starts with, and that seeding it again changes nothing."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from libs.chassis.testing import SEALING_KEY, ServiceDatabase
from services.identity.demo_accounts.schemas import FUNCTIONS
from services.identity.seed import CORRECTIONS, REGISTER_FILE, main
from services.identity.seed import seed as run
from services.identity.settings import Settings
from services.identity.tests.browser import ISSUER, Browser
from services.identity.tests.conftest import Start
from services.identity.tests.factories import events_of, may


def told(database: ServiceDatabase, home: Path | None = None, **changes: Any) -> Settings:
    values = database.settings(issuer=ISSUER, mode="bmms", home=str(home or ""), **changes)
    return Settings(**values)


def accounts(home: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((home / "demo-accounts.json").read_text())
    return found


async def test_it_makes_the_demo_accounts_and_never_prints_a_password(
    database: ServiceDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "state"
    await run(told(database, home), REGISTER_FILE, dry_run=False)
    made = accounts(home)
    assert (home / "demo-accounts.json").stat().st_mode & 0o777 == 0o600
    places = Counter(account["organization"] for account in made)
    assert places == {"MOH": 8, "MOLE": 4, "MAFAR": 4, "OOBC": 5, "OCM": 1, "MFBM": 2}
    assert {account["role"] for account in made} == {
        "mfbm_analyst",
        "mfbm_approver",
        *FUNCTIONS,
    } | set(
        "admin manager staff viewer analyst platform_administrator".split()  # noqa: SIM905
    )
    assert all(len(account["password"]) >= 20 for account in made)
    assert len({account["password"] for account in made}) == len(made) == 24
    printed = capsys.readouterr()
    output = printed.out + printed.err
    assert "demo accounts: 24" in output
    assert not [account for account in made if account["password"] in output]


async def test_running_it_again_changes_nothing(database: ServiceDatabase, tmp_path: Path) -> None:
    await run(told(database, tmp_path), REGISTER_FILE, dry_run=False)
    before, announced = accounts(tmp_path), len(await events_of(database))
    await run(told(database, tmp_path), REGISTER_FILE, dry_run=False)
    assert accounts(tmp_path) == before
    organizations, memberships, system_grants = 45, 27, 4
    assert announced == organizations + memberships + system_grants
    assert len(await events_of(database)) == announced


async def test_a_lost_file_gets_new_passwords_that_open(start: Start, tmp_path: Path) -> None:
    await start(home=str(tmp_path))
    before = accounts(tmp_path)
    (tmp_path / "demo-accounts.json").unlink()
    app = await start(home=str(tmp_path))
    after = accounts(tmp_path)
    assert not {row["password"] for row in before} & {row["password"] for row in after}
    async with Browser(app) as browser:
        await browser.tokens(after[0]["email"], after[0]["password"])


async def test_a_file_older_than_the_accounts_is_not_believed(start: Start, tmp_path: Path) -> None:
    await start(home=str(tmp_path))
    path = tmp_path / "demo-accounts.json"
    stale = [
        {**row, "password": f"{row['password']}-of-another-time"} for row in accounts(tmp_path)
    ]
    path.write_text(json.dumps(stale))
    os.utime(path, (0, 0))
    app = await start(home=str(tmp_path))
    async with Browser(app) as browser:
        await browser.tokens(stale[0]["email"], stale[0]["password"])
    assert accounts(tmp_path) == stale


async def test_everyone_gets_the_organization_and_the_rights_of_the_table(
    start: Start, tmp_path: Path
) -> None:
    app = await start(home=str(tmp_path))
    by_role: dict[str, Any] = {}
    for account in accounts(tmp_path):
        async with Browser(app) as browser:
            browser.totp_secret = account.get("totp_secret", "")
            await browser.tokens(account["email"], account["password"])
            me = (await browser.get("/api/v1/identity/me")).json()
        assert me["organization"]["code"] == account["organization"]
        by_role[account["role"]] = me
    assert may(by_role["manager"]["permissions"], "planning.strategic_plan.approve")
    assert may(by_role["manager"]["permissions"], "budgeting.proposal.approve")
    assert not may(by_role["admin"]["permissions"], "planning.strategic_plan.approve")
    assert may(by_role["viewer"]["permissions"], "planning.strategic_plan.read")
    assert not may(by_role["viewer"]["permissions"], "identity.audit_event.read")
    assert "oversight.*.read" in by_role["analyst"]["permissions"]
    assert by_role["platform_administrator"]["permissions"] == ["identity.*.*"]
    assert by_role["platform_administrator"]["memberships"] == []


async def test_a_dry_run_writes_nothing(
    database: ServiceDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await run(told(database, tmp_path), REGISTER_FILE, dry_run=True)
    assert "would be registered 45" in capsys.readouterr().out
    assert not (tmp_path / "demo-accounts.json").exists()
    assert await events_of(database) == []


async def test_a_code_that_the_register_does_not_have_ends_with_78(
    database: ServiceDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = told(database, default_organization_code="NOSUCH")
    with pytest.raises(SystemExit) as end:
        await run(settings, REGISTER_FILE, dry_run=False)
    assert end.value.code == 78
    assert "DEFAULT_ORGANIZATION_CODE=NOSUCH and the register" in capsys.readouterr().err


def test_a_bad_register_file_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "IDENTITY_DATABASE_URL": "postgresql+asyncpg://nobody@127.0.0.1:1/nothing",
        "IDENTITY_ISSUER": ISSUER,
        "IDENTITY_JWKS_URL": f"{ISSUER}/oauth2/jwks",
        "IDENTITY_SEALING_KEY": SEALING_KEY,
    }.items():
        monkeypatch.setenv(name, value)
    broken = tmp_path / "organizations.csv"
    broken.write_text("key,code\nmoh,moh\n")
    with pytest.raises(SystemExit) as end:
        main(["--register", str(broken), "--dry-run"])
    assert end.value.code == 1
    assert "The register file cannot be loaded." in capsys.readouterr().err


async def test_the_operator_s_corrections_lie_over_the_shipped_register(
    database: ServiceDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = REGISTER_FILE.with_name("organizations.corrections.example.csv")
    (tmp_path / CORRECTIONS).write_bytes(example.read_bytes())
    await run(told(database, tmp_path), REGISTER_FILE, dry_run=True)
    printed = capsys.readouterr().out.splitlines()
    assert {"+ MPW", "+ MTIT", "+ MOTC", "+ MOST"} <= set(printed)
    assert "+ MPWH" not in printed
    assert "46 organizations in the file" in printed[-1]
