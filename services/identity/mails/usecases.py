"""What can be done with mails: queue one, and take back one that has not left."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from uuid_utils.compat import uuid7

from libs.outbox.uow import UnitOfWork
from services.identity.mails import queries
from services.identity.mails.model import Mail, MailStatus
from services.identity.mails.schemas import MailContent, address_of, compose, tamed

if TYPE_CHECKING:
    from libs.chassis.sealing import Sealer


async def send(
    uow: UnitOfWork, template: str, *, to: str, language: str = "en", **values: str
) -> UUID:
    """Queue a letter with this transaction: it leaves once the reason for it is committed.

    The words are sealed at once; a password must never be among them.
    """
    content = MailContent(
        template=template,
        language=language,
        values={name: tamed(name, value) for name, value in values.items()},
    )
    compose(content)
    mail = Mail(
        id=uuid7(),
        template=template,
        language=language,
        to_address=address_of(to),
        next_attempt_at=uow.now(),
    )
    sealer: Sealer = uow.session.info["sealer"]
    mail.sealed = sealer.seal(content.model_dump_json().encode(), place=mail.place)
    uow.session.add(mail)
    return mail.id


async def cancel_mail(uow: UnitOfWork, mail_id: UUID) -> None:
    """Take a letter back when it has not left yet; what it would have said is wiped."""
    mail = await queries.find_mail(uow.session, mail_id, lock=True)
    if mail is not None and mail.status == MailStatus.queued:
        mail.settle(MailStatus.cancelled, uow.now())
