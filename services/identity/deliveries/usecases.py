"""How mails leave: one transaction for each letter, one connection for many."""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP as ON_THE_WIRE
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from libs.chassis.database import Database
from libs.chassis.sealing import CannotUnseal, Sealer
from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.identity.mails.model import Mail, MailStatus
from services.identity.mails.queries import find_due_mail
from services.identity.mails.schemas import MailContent, compose
from services.identity.settings import LOOPBACK, Settings

MOST_AT_ONCE = 50
PERMANENT = range(500, 600)
POSTMAN = Actor.system(UUID(int=0))


class LetterRefused(Exception):
    """The other side will never take this letter."""


class LetterDelayed(Exception):
    """The other side does not take it now; it may later."""


class OpenPost(Protocol):
    """A connection over which letters leave."""

    async def send(self, message: EmailMessage) -> None:
        """Hand over one letter, or raise LetterRefused or LetterDelayed."""


class Post(Protocol):
    """A way for letters to leave."""

    def open(self) -> AbstractAsyncContextManager[OpenPost]:
        """Open a connection for some letters."""


class SmtpPost:
    """A mail server: `smtps://` speaks TLS at once, `smtp://` must turn to it (STARTTLS).

    Only a server on this machine may go without: a letter carries a link that opens an account.
    """

    def __init__(self, url: str, *, tls: ssl.SSLContext | None = None) -> None:
        """Take `smtp[s]://user:password@host:port`; `tls` is for authorities of one's own."""
        where = urlsplit(url)
        if where.scheme not in ("smtp", "smtps") or not where.hostname:
            raise ValueError("IDENTITY_SMTP_URL is smtp://host:port or smtps://host:port")
        self._host, self._port, self._tls = where.hostname, where.port, tls
        self._at_once = where.scheme == "smtps"
        self._user = unquote(where.username) if where.username else None
        self._password = unquote(where.password) if where.password else None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[OpenPost]:
        """Connect only when there is something to send, and say goodbye afterwards."""
        must_turn = False if self._at_once else None if self._host in LOOPBACK else True
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._at_once,
            start_tls=must_turn,
            tls_context=self._tls,
            timeout=30,
        )
        try:
            yield _SmtpConnection(client)
        finally:
            client.close()


class _SmtpConnection:
    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client

    async def send(self, message: EmailMessage) -> None:
        try:
            if not self._client.is_connected:
                await self._client.connect()
            await self._client.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            code = error.recipients[0].code
            raise (LetterRefused if code in PERMANENT else LetterDelayed)(
                f"{code} recipient"
            ) from None
        except aiosmtplib.SMTPDataError as error:
            raise (LetterRefused if error.code in PERMANENT else LetterDelayed)(
                f"{error.code} letter"
            ) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            # What the server says may quote the address; its kind and code are enough.
            said = f" {error.code}" if isinstance(error, aiosmtplib.SMTPResponseException) else ""
            raise LetterDelayed(f"{type(error).__name__}{said}") from None


class FolderPost:
    """A folder instead of a mail server: each letter is a file that a mail program can open."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made, for its owner alone, with the first letter."""
        self._folder = folder

    @asynccontextmanager
    async def open(self) -> AsyncIterator[OpenPost]:
        """There is nothing to connect to."""
        yield self

    async def send(self, message: EmailMessage) -> None:
        """Write the letter in one step, readable by its owner alone."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = message["Message-ID"].strip("<>").split("@")[0]
        fresh = self._folder / f".{name}.new"
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(message.as_bytes())
        fresh.replace(self._folder / f"{name}.eml")


def post_of(settings: Settings) -> Post | None:
    """Return the way that the settings name: a server, or a folder of the state folder, or none."""
    if settings.smtp_url:
        return SmtpPost(settings.smtp_url.get_secret_value())
    return FolderPost(Path(settings.home) / "mail") if settings.home else None


async def deliver_mails(database: Database, post: Post, settings: Settings) -> bool:
    """Send what is due; tells whether more may be waiting. A faulty letter never stops others."""
    async with post.open() as opened:
        for _ in range(MOST_AT_ONCE):
            async with database.unit_of_work(POSTMAN) as uow:
                mail = await find_due_mail(uow.session, uow.now())
                if mail is None:
                    return False
                await _deliver(uow, mail, opened, settings)
    return True


async def _deliver(uow: UnitOfWork, mail: Mail, post: OpenPost, settings: Settings) -> None:
    sealer: Sealer = uow.session.info["sealer"]
    try:
        words = sealer.unseal(mail.sealed or b"", place=mail.place)
        await post.send(_message(mail, MailContent.model_validate_json(words), settings))
    except LetterRefused as refused:
        mail.settle(MailStatus.refused, uow.now(), fault=str(refused))
    except LetterDelayed as delayed:
        mail.put_off(uow.now(), fault=str(delayed))
    except CannotUnseal:
        mail.settle(MailStatus.given_up, uow.now(), fault="sealed with a key that is gone")
    else:
        mail.settle(MailStatus.sent, uow.now())


def _message(mail: Mail, content: MailContent, settings: Settings) -> EmailMessage:
    """Return the letter; EmailMessage refuses a header that would become two."""
    letter = compose(content, support_address=settings.support_address)
    message = EmailMessage(policy=ON_THE_WIRE)
    message["From"] = settings.mail_from
    message["To"] = mail.to_address
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{mail.id}@{settings.mail_domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = content.language
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message
