"""What can be done with imports: queue one, stop one, and run the one whose turn it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from uuid import UUID

from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.outbox.uow import UnitOfWork
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.identity.audit_events.usecases import record
from services.identity.imports import queries
from services.identity.imports.events import ImportFinished
from services.identity.imports.model import Import, ImportFileUnreadable, ImportStatus
from services.identity.imports.schemas import ImportCreate, ImportRow, Report, kept, read_rows
from services.identity.invitations.usecases import invite_unless_known
from services.identity.organizations.model import Organization
from services.identity.organizations.queries import get_organization
from services.identity.users.usecases import become

BEAT = 50
"""After so many rows the import says how far it is, and hears whether it is to stop."""

_NOWHERE = Actor.system(UUID(int=0))

Beat = Callable[[int], Awaitable[bool]]


class _Undone(Exception):
    """Rolls the transaction back: a dry run, a fault, or a stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a file is to be taken; `only` is the organization that all rows must name."""

    dry_run: bool = False
    partial: bool = False
    send_emails: bool = False
    base_url: str = ""
    only: str | None = None


async def create_import(uow: UnitOfWork, asked: ImportCreate) -> Import:
    """Queue a file; the worker takes it with the rights that the caller has now."""
    content = asked.file.encode()
    for _ in read_rows(content, Report()):
        break
    queued = Import(
        status=ImportStatus.queued.value,
        dry_run=asked.dry_run,
        partial=asked.partial,
        send_emails=asked.send_emails,
        permissions=list(uow.actor.permissions),
        faults=[],
        id=uuid7(),
    )
    queued.sealed = uow.session.info["sealer"].seal(content, place=queued.place)
    uow.session.add(queued)
    await uow.session.flush()
    await record(uow, "import.created", entity="import", entity_id=queued.id)
    return queued


async def cancel_import(uow: UnitOfWork, import_id: UUID) -> Import:
    """Stop an import; nothing of it is kept."""
    found = await queries.get_import(uow.session, import_id, lock=True)
    uow.expect(found)
    found.cancel(uow.now())
    await record(uow, "import.cancelled", entity="import", entity_id=found.id)
    return found


async def take_rows(
    database: Database, actor: Actor, content: bytes, wish: Wish, beat: Beat
) -> Report:
    """Invite the people of a file, in one transaction: all of them, or the good rows if partial."""
    report = Report()
    try:
        async with database.unit_of_work(actor) as uow:
            await _take_rows(uow, content, wish, report, beat)
            await uow.flush()
            if wish.dry_run or report.is_stopped or (report.faults and not wish.partial):
                raise _Undone  # noqa: TRY301 (leaving the block by an exception rolls back)
            report.is_applied = True
    except _Undone:
        pass
    except ImportFileUnreadable as unreadable:
        report.blame(1, "", str(unreadable))
    return report


async def run_waiting_import(database: Database, base_url: str) -> bool:
    """Run the import whose turn it is; tells whether there was one."""
    async with database.unit_of_work(_NOWHERE) as uow:
        waiting = await queries.find_waiting_import(uow.session, uow.now())
    if waiting is None:
        return False
    org_id, import_id = waiting
    worker = Actor.system(org_id)
    async with database.unit_of_work(worker) as uow:
        taken = await queries.get_import(uow.session, import_id, lock=True)
        if taken.is_over or (taken.beat_at and uow.now() - taken.beat_at < queries.SILENCE):
            return True
        taken.status, taken.beat_at = ImportStatus.running.value, uow.now()
        organization = await get_organization(uow.session, org_id)
        content = uow.session.info["sealer"].unseal(taken.sealed, place=taken.place)
    wish = Wish(
        dry_run=taken.dry_run,
        partial=taken.partial,
        send_emails=taken.send_emails,
        base_url=base_url,
        only=organization.code,
    )
    actor = taken.requester(organization.code)
    report = await take_rows(database, actor, content, wish, _beat_of(database, worker, import_id))
    async with database.unit_of_work(worker) as uow:
        await _settle(uow, import_id, report)
    return True


def _beat_of(database: Database, worker: Actor, import_id: UUID) -> Beat:
    async def beat(done: int) -> bool:
        async with database.unit_of_work(worker) as uow:
            running = await queries.get_import(uow.session, import_id, lock=True)
            running.rows_done, running.beat_at = done, uow.now()
            return not running.is_stopping

    return beat


async def _settle(uow: UnitOfWork, import_id: UUID, report: Report) -> None:
    done = await queries.get_import(uow.session, import_id, lock=True)
    done.settle(ImportStatus.cancelled if report.is_stopped else ImportStatus.finished, uow.now())
    done.rows_total = done.rows_done = report.rows_total
    for name in ("invited", "known", "failed", "is_applied"):
        setattr(done, name, getattr(report, name))
    done.faults = kept(report.faults)
    await uow.session.flush()
    uow.publish(ImportFinished.model_validate(done), of=done)
    told = {name: getattr(done, name) for name in ("invited", "known", "failed", "is_applied")}
    await record(uow, "import.finished", entity="import", entity_id=done.id, after=told)


async def _take_rows(
    uow: UnitOfWork, content: bytes, wish: Wish, report: Report, beat: Beat
) -> None:
    organizations = await queries.list_organizations_by_code(uow.session)
    for number, row in read_rows(content, report):
        organization = organizations.get(row.organization.upper())
        if organization is None or (wish.only or organization.code) != organization.code:
            report.blame(number, "organization", "The organization is unknown or not yours.")
        else:
            await _take_row(uow, (number, row, organization), wish, report)
        if report.rows_total % BEAT == 0 and not await beat(report.rows_total):
            report.is_stopped = True
            return


async def _take_row(
    uow: UnitOfWork, found: tuple[int, ImportRow, Organization], wish: Wish, report: Report
) -> None:
    number, row, organization = found
    if uow.actor.org_id != organization.id:
        there = replace(uow.actor, org_id=organization.id, org_code=organization.code)
        await become(uow, there)
    try:
        is_new = await invite_unless_known(
            uow,
            row.invitation(row.username, send_email=wish.send_emails),
            base_url=wish.base_url,
        )
    except Refusal as refusal:
        report.blame(number, _COLUMN_OF.get(refusal.code(), ""), str(refusal))
        return
    if is_new:
        report.invited += 1
    else:
        report.known += 1


_COLUMN_OF = {
    "username_taken": "username",
    "beyond_own_rights": "role",
    "administrators_only": "role",
    "organization_retired": "organization",
}
