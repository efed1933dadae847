"""The pilot's commands: they do what the founding documents ask, and never show a password."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from services.identity.deliveries.usecases import deliver_mails, post_of
from services.identity.invitations.usecases import accept_invitation, find_open_invitation
from services.identity.onboard import _parser, main, run
from services.identity.settings import Settings
from services.identity.tests.browser import Browser
from services.identity.tests.conftest import FEW, Start
from services.identity.tests.factories import PASSWORD, a_user, letters_of
from services.identity.users.model import ANYONE

CODE = re.compile(r"[A-Z2-7]{5}(?:-[A-Z2-7]{5}){4}")
HEADER = "email,first_name,last_name,organization,role\n"


class Shell:
    """Runs commands as an operator does, and keeps what they print."""

    def __init__(self, app: FastAPI, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings: Settings = app.state.settings
        self.database: Database = app.state.database
        self._capsys = capsys
        self.printed = ""

    async def do(self, *words: str) -> tuple[int, str]:
        self._capsys.readouterr()
        code = await run(self.settings, _parser().parse_args(words))
        out = self._capsys.readouterr()
        self.printed += out.out + out.err
        return code, out.out


@pytest.fixture
async def shell(start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    app = await start()
    shell = Shell(app, capsys)
    shell.settings = shell.settings.model_copy(update={"home": str(tmp_path)})
    return shell


async def everything(database: ServiceDatabase) -> str:
    """Return all that identity's database holds, as its administrator sees it."""
    engine = create_async_engine(database.admin, poolclass=NullPool)
    async with engine.connect() as connection:
        names = await connection.scalars(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema='identity'")
        )
        dumps = [
            await connection.scalar(text(f"SELECT string_agg(t::text, ' ') FROM identity.{n} t"))
            for n in names.all()
        ]
    await engine.dispose()
    return " ".join(dump for dump in dumps if dump)


async def accept(database: Database, secret: str) -> Any:
    async with database.unit_of_work(ANYONE) as uow:
        return await accept_invitation(uow, secret, password=PASSWORD)


async def test_the_first_person_of_an_organization_administers_it(shell: Shell) -> None:
    first = await shell.do("create_pilot_user", "--moa", "MOH", "--email", "one@moh.example")
    second = await shell.do("create_pilot_user", "--moa", "moh", "--email", "two@moh.example")
    again = await shell.do("create_pilot_user", "--moa", "MOH", "--email", "ONE@moh.example")
    assert [code for code, _ in (first, second, again)] == [0, 0, 0]
    assert "as admin" in first[1]
    assert "as staff" in second[1]
    assert "already" in again[1]
    assert [to for to, _ in await letters_of(shell.database)] == [
        "one@moh.example",
        "two@moh.example",
    ]


async def test_the_long_form_takes_all_that_the_founding_documents_name(shell: Shell) -> None:
    words = "--username amina --email amina@moh.example --organization MOH --role planner"
    more = "--first-name Amina --last-name Person --phone +639171234567 --position Nurse"
    code, _ = await shell.do("create_pilot_user", *words.split(), *more.split())
    assert code == 0
    ((_, words_of_letter),) = await letters_of(shell.database)
    assert words_of_letter["full_name"] == "Amina Person"


async def test_a_printed_code_opens_the_account_once_and_no_letter_leaves(shell: Shell) -> None:
    words = ["create_pilot_user", "--moa", "MOH", "--email", "one@moh.example", "--no-email"]
    _, printed = await shell.do(*words)
    (code, *_) = CODE.findall(printed)
    assert await letters_of(shell.database) == []
    user = await accept(shell.database, code)
    assert user.may_sign_in
    async with shell.database.unit_of_work(ANYONE) as uow:
        assert await find_open_invitation(uow, code) is None


async def test_a_file_is_checked_then_taken(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text(HEADER + "a@moh.example,A,B,MOH,planner\nbad,A,B,MOH,planner\n")
    code, printed = await shell.do("import_pilot_users", str(file), "--dry-run")
    assert (code, "row 3, email:" in printed, "(dry run)" in printed) == (1, True, True)
    code, printed = await shell.do("import_pilot_users", str(file))
    assert (code, "nothing was kept" in printed) == (1, True)
    code, printed = await shell.do("import_pilot_users", str(file), "--partial", "--send-emails")
    assert (code, "1 invited" in printed) == (1, True)
    assert [to for to, _ in await letters_of(shell.database)] == ["a@moh.example"]


async def test_the_pilots_begin_and_get_people(shell: Shell) -> None:
    for _ in range(2):
        code, printed = await shell.do("load_pilot_moas")
        assert code == 0
        assert printed.split()[0::3][0] == "MAFAR"
        assert printed.count("onboarding") == 3
    assert (await shell.do("generate_pilot_data"))[1].startswith("15 people are new")
    assert (await shell.do("generate_pilot_data"))[1].startswith("0 people are new")
    assert "2 people" in (await shell.do("generate_pilot_data", "--moa", "moh", "--users", "7"))[1]
    assert await letters_of(shell.database) == []


async def test_a_role_is_assigned_to_a_member_and_what_is_lost_is_lost_at_once(
    shell: Shell, start: Start
) -> None:
    app = await start()
    await a_user(shell.database, "amina@moh.example", MOH="viewer")
    words = ("assign_role", "--user", "amina@moh.example", "--organization", "MOH", "--role")
    assert "staff of MOH" in (await shell.do(*words, "staff"))[1]
    async with Browser(app) as browser:
        before = await browser.tokens("amina@moh.example")
        assert "viewer of MOH" in (await shell.do(*words, "viewer"))[1]
        assert (await browser.refresh(before["refresh_token"])).status_code == 400
        assert (await browser.get("/api/v1/identity/me")).status_code == 401
    assert "viewer of MOH" in (await shell.do(*words, "budget_officer"))[1]
    for wrong in (("boss",), ("staff", "--organization", "MOLE")):
        with pytest.raises(Exception, match=r"called boss|no such member"):
            await shell.do(*words, *wrong)


async def test_the_register_is_checked_against_its_file(shell: Shell) -> None:
    assert await shell.do("ensure_default_organization") == (0, "OOBC is there\n")
    code, printed = await shell.do("verify_organization_data")
    assert (code, printed.count("is not in the register")) == (1, 45 - len(FEW))


def test_what_is_refused_is_one_line_and_a_password_is_no_option(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["create_pilot_user", "--moa", "MOH", "--email", "a@b.example", "--password", "secret"]
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert "no password is taken here" in told
    assert "secret" not in told


async def test_no_password_and_no_secret_is_kept_printed_or_logged(
    shell: Shell,
    database: ServiceDatabase,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level("DEBUG"):
        await shell.do("create_pilot_user", "--moa", "MOH", "--email", "one@moh.example")
        _, printed = await shell.do(
            *["create_pilot_user", "--moa", "MOH", "--email", "two@moh.example", "--no-email"]
        )
        code = CODE.findall(printed)[0]
        ((_, words),) = await letters_of(shell.database)
        secret = words["link"].split("secret=")[1]
        post = post_of(shell.settings)
        assert post is not None
        await deliver_mails(shell.database, post, shell.settings)
        for each in (secret, code):
            await accept(shell.database, each)
    (letter,) = (tmp_path / "mail").glob("*.eml")
    kept = await everything(database)
    told = letter.read_text() + shell.printed + caplog.text + kept
    assert PASSWORD not in told
    for each in (secret, code):
        assert each not in kept + caplog.text
    assert secret not in shell.printed
