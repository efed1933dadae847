"""Mails: queued with their reason, sealed, delivered to a real server, and wiped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import select, text

from libs.chassis.database import Database
from libs.chassis.sealing import Sealer
from libs.chassis.testing import ServiceDatabase
from services.identity.deliveries.usecases import FolderPost, SmtpPost, deliver_mails, post_of
from services.identity.mails.model import AddressInvalid, Mail, MailStatus
from services.identity.mails.schemas import FOLDER, MailContent, address_of, compose, tamed
from services.identity.mails.usecases import cancel_mail, send
from services.identity.settings import Settings
from services.identity.tests.factories import OPERATOR

KEY = Sealer.new_key()
FORMS = (".txt", ".html", ".fil.txt", ".fil.html")
LINK = "https://bmms.example/accept?secret=very-secret-words"
INVITATION = {
    "full_name": "Amina Person",
    "invited_by": "Bai Admin",
    "organization_name": "Ministry of Health",
    "organization_code": "MOH",
    "valid_until": "24 November 2026, 09:00",
    "email": "amina@moh.example",
    "link": LINK,
}


class Postbox:
    """A real mail server's memory; `answers` are given to recipients before it takes letters."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answers: list[str] = []

    async def handle_RCPT(  # noqa: N802 (the name that aiosmtpd calls)
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


@pytest.fixture
async def postbox() -> AsyncIterator[tuple[Postbox, SmtpPost]]:
    box = Postbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="test"), "127.0.0.1", 0)
    yield box, SmtpPost(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    server.close()


@pytest.fixture
async def sealed(database: ServiceDatabase) -> AsyncIterator[Database]:
    opened = Database(database.app)
    opened.sessions.configure(info={"sealer": Sealer(KEY)})
    yield opened
    await opened.close()


@pytest.fixture
def settings(database: ServiceDatabase) -> Settings:
    return Settings(**database.settings(support_address="help@bmms.example"))  # type: ignore[arg-type]


async def queue(database: Database, **changes: str) -> Any:
    async with database.unit_of_work(OPERATOR) as uow:
        return await send(uow, "invitation", to="amina@moh.example", **(INVITATION | changes))


async def queue_and_fail(database: Database) -> None:
    async with database.unit_of_work(OPERATOR) as uow:
        await send(uow, "invitation", to="amina@moh.example", **INVITATION)
        await send(uow, "invitation", to="nobody", **INVITATION)


async def only_mail(database: Database) -> Mail:
    async with database.unit_of_work(OPERATOR) as uow:
        return (await uow.session.scalars(select(Mail))).one()


async def make_due(database: Database) -> None:
    async with database.unit_of_work(OPERATOR) as uow:
        await uow.session.execute(text("UPDATE identity.mails SET next_attempt_at = now()"))


def test_a_letter_is_told_in_both_languages_as_text_and_as_html() -> None:
    for language, word in (("en", "invites you"), ("fil", "Inaanyayahan")):
        content = MailContent(template="invitation", language=language, values=INVITATION)
        letter = compose(content, support_address="help@bmms.example")
        for told in (letter.text, letter.html):
            assert word in told
            assert LINK in told
            assert "help@bmms.example" in told


def test_no_letter_lacks_a_language_or_a_form() -> None:
    files = {path.name.removesuffix(".j2") for path in FOLDER.glob("*.j2")}
    letters = {name.split(".")[0] for name in files} - {"layout", "button"}
    forms = {f"{letter}{form}" for letter in letters for form in FORMS}
    assert forms - files == set()


def test_what_a_person_typed_is_never_markup_nor_a_link_nor_a_second_line() -> None:
    wild = "<b>Amina</b>\r\nBcc: all@moh.example\u2028see http://evil.example"
    typed = INVITATION | {"full_name": wild}
    values = {name: tamed(name, value) for name, value in typed.items()}
    letter = compose(MailContent(template="invitation", language="en", values=values))
    assert "<b>" not in letter.html
    assert "http://evil" not in letter.html + letter.text
    assert "\nBcc" not in letter.text


@pytest.mark.parametrize(
    "address",
    [
        "a@moh.example\r\nBcc: b@moh.example",
        "a@moh.example, b@moh.example",
        "Amina <a@moh.example>",
        "a@moh",
        "a b@moh.example",
        "@moh.example",
        f"{'a' * 250}@moh.example",
        "",
    ],
)
def test_an_address_names_one_reader_and_nothing_else(address: str) -> None:
    with pytest.raises(AddressInvalid):
        address_of(address)


async def test_a_letter_arrives_at_a_real_server_and_is_wiped(
    sealed: Database, settings: Settings, postbox: tuple[Postbox, SmtpPost]
) -> None:
    box, post = postbox
    mail_id = await queue(sealed)
    waiting = await only_mail(sealed)
    assert waiting.sealed
    assert b"very-secret-words" not in waiting.sealed
    assert await deliver_mails(sealed, post, settings) is False
    (letter,) = box.letters
    assert letter["To"] == "amina@moh.example"
    assert letter["Subject"] == "You are invited to BMMS for MOH"
    assert letter["Message-ID"] == f"<{mail_id}@bmms.example>"
    for kind in ("plain", "html"):
        part = letter.get_body((kind,))
        assert part is not None
        assert LINK in part.get_content().replace("&amp;", "&")
    mail = await only_mail(sealed)
    assert (mail.status, mail.sealed) == (MailStatus.sent, None)
    await deliver_mails(sealed, post, settings)
    assert len(box.letters) == 1


async def test_a_passing_failure_is_tried_again_later(
    sealed: Database, settings: Settings, postbox: tuple[Postbox, SmtpPost]
) -> None:
    box, post = postbox
    box.answers = ["451 4.7.1 Greylisted amina@moh.example"]
    await queue(sealed)
    await deliver_mails(sealed, post, settings)
    mail = await only_mail(sealed)
    assert (mail.status, mail.attempts, mail.last_fault) == ("queued", 1, "451 recipient")
    await deliver_mails(sealed, post, settings)
    assert box.letters == []
    await make_due(sealed)
    await deliver_mails(sealed, post, settings)
    assert len(box.letters) == 1


async def test_a_refused_reader_is_a_bounce_and_holds_up_nobody(
    sealed: Database, settings: Settings, postbox: tuple[Postbox, SmtpPost]
) -> None:
    box, post = postbox
    box.answers = ["550 5.1.1 No such user"]
    await queue(sealed)
    async with sealed.unit_of_work(OPERATOR) as uow:
        await send(uow, "invitation", to="next@moh.example", **INVITATION)
    await deliver_mails(sealed, post, settings)
    async with sealed.unit_of_work(OPERATOR) as uow:
        mails = list(await uow.session.scalars(select(Mail).order_by(Mail.id)))
    assert [(mail.status, mail.sealed) for mail in mails] == [("refused", None), ("sent", None)]


async def test_a_server_out_of_reach_is_given_up_in_the_end(
    sealed: Database, settings: Settings
) -> None:
    await queue(sealed)
    nowhere = SmtpPost("smtp://127.0.0.1:1")
    for _ in range(10):
        await make_due(sealed)
        await deliver_mails(sealed, nowhere, settings)
    mail = await only_mail(sealed)
    assert (mail.status, mail.attempts, mail.sealed) == ("given_up", 9, None)
    assert mail.last_fault.startswith("SMTPConnectError")


async def test_two_workers_never_send_one_letter_twice(
    sealed: Database, settings: Settings, postbox: tuple[Postbox, SmtpPost]
) -> None:
    box, post = postbox
    for _ in range(6):
        await queue(sealed)
    await asyncio.gather(*(deliver_mails(sealed, post, settings) for _ in range(3)))
    assert len({letter["Message-ID"] for letter in box.letters}) == len(box.letters) == 6


async def test_what_is_rolled_back_is_never_sent(
    sealed: Database, settings: Settings, postbox: tuple[Postbox, SmtpPost]
) -> None:
    box, post = postbox
    with pytest.raises(AddressInvalid):
        await queue_and_fail(sealed)
    await deliver_mails(sealed, post, settings)
    assert box.letters == []


async def test_a_letter_taken_back_never_leaves(
    sealed: Database, settings: Settings, postbox: tuple[Postbox, SmtpPost]
) -> None:
    box, post = postbox
    mail_id = await queue(sealed)
    async with sealed.unit_of_work(OPERATOR) as uow:
        await cancel_mail(uow, mail_id)
    await deliver_mails(sealed, post, settings)
    assert box.letters == []
    assert (await only_mail(sealed)).status == MailStatus.cancelled


async def test_without_a_server_letters_are_files_for_their_owner_alone(
    sealed: Database, database: ServiceDatabase, tmp_path: Path
) -> None:
    settings = Settings(**database.settings(home=str(tmp_path)))  # type: ignore[arg-type]
    post = post_of(settings)
    assert isinstance(post, FolderPost)
    mail_id = await queue(sealed)
    await deliver_mails(sealed, post, settings)
    (file,) = (tmp_path / "mail").iterdir()
    assert file.name == f"{mail_id}.eml"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert letter["To"] == "amina@moh.example"


async def test_a_server_elsewhere_must_speak_tls(
    sealed: Database, settings: Settings, postbox: tuple[Postbox, SmtpPost], monkeypatch: Any
) -> None:
    """The server of this test cannot turn to TLS: nothing is sent in the clear."""
    box, post = postbox
    monkeypatch.setattr("services.identity.deliveries.usecases.LOOPBACK", ())
    await queue(sealed)
    await deliver_mails(sealed, post, settings)
    assert box.letters == []
    assert (await only_mail(sealed)).status == MailStatus.queued
