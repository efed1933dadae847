"""The command: what an operator types, sees and can interrupt."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from libs.chassis.testing import ROOT, ServiceDatabase
from services.planning.import_ppas import main

Register = Callable[..., Awaitable[None]]
Command = Callable[..., Awaitable[int]]

MOH = """\
moa: Ministry of Health
acronym: MOH
ppas:
  - title: Nutrition
    approved_budget: 100.10
    output_indicators: [{indicator: Children weighed, target: "1,000"}]
"""
MTIT = """\
moa: Ministry of Trade, Investments and Tourism
acronym: MTIT
ppas:
  - title: Ecozone Development
"""


def environment(database: ServiceDatabase) -> dict[str, str]:
    return {f"PLANNING_{name.upper()}": value for name, value in database.settings().items()}


@pytest.fixture
async def command(
    database: ServiceDatabase, register: Register, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Command:
    """Give a function that runs the command in a folder with two files."""
    await register(
        MOH="Ministry of Health",
        MTI="Ministry of Trade, Investments and Tourism",
        MTIT="Ministry of Transportation and Information Technology",
    )
    (tmp_path / "moh.yaml").write_text(MOH)
    (tmp_path / "mtit.yaml").write_text(MTIT)
    monkeypatch.chdir(tmp_path)
    for name, value in environment(database).items():
        monkeypatch.setenv(name, value)

    async def run(*arguments: str) -> int:
        return await asyncio.to_thread(main, arguments)

    return run


async def ppas(database: ServiceDatabase) -> list[tuple[str, int]]:
    engine = create_async_engine(database.admin)
    async with engine.connect() as connection:
        found = await connection.execute(
            text("SELECT title, fiscal_year FROM planning.ppas ORDER BY title")
        )
        rows = [tuple(row) for row in found]
    await engine.dispose()
    return rows


async def test_all_there_is_0_and_the_table_says_so(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await command("moh.yaml", "./moh.yaml") == 0
    first = capsys.readouterr()
    assert first.err.splitlines() == ["[1/1] moh.yaml …", "[1/1] moh.yaml: 2 imported"]
    assert "moh.yaml  MOH                   2         2        0          0         0" in first.out
    assert await command("moh.yaml") == 0
    assert "2 unchanged" in capsys.readouterr().err


async def test_something_reported_is_1_with_file_place_and_reason(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await command("absent.yaml", "mtit.yaml", "moh.yaml") == 1
    told = capsys.readouterr().out.splitlines()
    assert (
        "absent.yaml: nothing is imported: the file cannot be opened: No such file or directory"
        in told
    )
    assert any(
        line.startswith("mtit.yaml: nothing is imported: in the register MTIT is") for line in told
    )
    assert "mtit.yaml:4: ppas[0]: nothing of this file is imported" in told
    assert told[-2].split() == ["Total", "3", "2", "0", "0", "1"]


async def test_an_operator_chooses_the_organization_and_the_year(
    command: Command, database: ServiceDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        await command("--as", "mtit=mti", "--as", "X=Y", "--fiscal-year", "2026", "mtit.yaml") == 0
    )
    assert "--as X=Y: no file has this acronym." in capsys.readouterr().err
    assert await ppas(database) == [("Ecozone Development", 2026)]


async def test_a_dry_run_keeps_nothing(
    command: Command, database: ServiceDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await command("--dry-run", "moh.yaml") == 0
    assert "Dry run: nothing kept." in capsys.readouterr().out
    assert await ppas(database) == []


async def test_the_report_as_json_has_every_row(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await command("--json", "mtit.yaml", "moh.yaml") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["total"] == {
        "read": 3,
        "imported": 2,
        "updated": 0,
        "unchanged": 0,
        "reported": 1,
    }
    mtit, moh = report["files"]
    assert mtit["reported"][0]["path"] == "ppas[0]"
    assert moh["tallies"]["indicator"]["imported"] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--fiscal-year", "1999", "a.yaml"],
        ["--fiscal-year", "soon", "a.yaml"],
        ["--as", "MTIT", "a.yaml"],
        ["--as", "=MTI", "a.yaml"],
        ["--colour", "a.yaml"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_missing_environment_is_told_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DATABASE_URL", "ISSUER", "JWKS_URL"):
        monkeypatch.delenv(f"PLANNING_{name}", raising=False)
    assert main(["a.yaml"]) == 2
    assert "PLANNING_DATABASE_URL" in capsys.readouterr().err


async def test_a_database_out_of_reach_is_reported(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = "postgresql+asyncpg://planning_app@127.0.0.1:1/nothing"
    monkeypatch.setenv("PLANNING_DATABASE_URL", nowhere)
    assert await command("moh.yaml") == 1
    assert "the database did not answer" in capsys.readouterr().out


async def waits_for_a_lock(connection: AsyncConnection) -> bool:
    return bool(
        await connection.scalar(
            text(
                "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
                " WHERE NOT granted AND datname = current_database()"
            )
        )
    )


async def test_an_interruption_rolls_the_file_at_work_back_and_keeps_those_before(
    command: Command, database: ServiceDatabase, tmp_path: Path
) -> None:
    engine = create_async_engine(database.admin)
    (tmp_path / "more.yaml").write_text(MOH.replace("Nutrition", "Immunization"))
    assert await command("moh.yaml") == 0
    async with engine.begin() as holding:
        # However long the command takes to begin, the lock stays.
        await holding.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        # The import has written its PPAs by the time it comes to the special provisions.
        await holding.execute(text("LOCK planning.special_provisions IN ACCESS EXCLUSIVE MODE"))
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.planning.import_ppas", str(tmp_path / "more.yaml")),
            cwd=ROOT,
            env={**os.environ, **environment(database)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with engine.connect() as looking:
            # Another process waits there, not a task of ours: no event can tell.
            while running.returncode is None and not await waits_for_a_lock(looking):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        running.send_signal(signal.SIGINT)
        told = await running.communicate()
    await engine.dispose()
    assert running.returncode == 130, told
    assert b"Interrupted: the file at work was rolled back" in told[1]
    assert b"Traceback" not in told[1]
    assert await ppas(database) == [("Nutrition", 2025)]


def test_the_help_states_the_assumed_year(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told: Any = " ".join(capsys.readouterr().out.split())
    assert "the published files name no year; assumed 2025" in told
