"""Posting: the only way in which a balance moves."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from prometheus_client import Gauge
from sqlalchemy import CTE, ColumnElement, bindparam, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.dml import ReturningInsert
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.outbox.uow import UnitOfWork
from libs.refusals import Refusal
from libs.tenancy.actor import OVERSIGHT, SYSTEM_USER_ID, Actor
from libs.tenancy.rows import TenantOwned
from libs.tenancy.saving import begin_update
from services.budgeting.numbering.model import NextNumber
from services.budgeting.numbering.usecases import NUMBERED, following
from services.budgeting.postings import model
from services.budgeting.postings.model import Difference, Posting, PostingKind
from services.budgeting.postings.queries import list_differences, list_ledgers

PROVER = Actor(SYSTEM_USER_ID, UUID(int=0), "", permissions=(OVERSIGHT,))
"""Who asks which organizations have a ledger; of no organization, so that it writes nothing."""

DIFFERENCES = Gauge("bmms_ledger_differences", "Balances that are not what the ledger says.")
PROVEN = Gauge("bmms_ledger_proven_seconds", "When the ledger was last proven, in Unix time.")

log = logging.getLogger("bmms.ledger")

REFUSALS: dict[str, type[Refusal]] = {
    "BM001": model.BalanceExceeded,
    "BM002": model.PeriodClosed,
    "BM003": model.NotWithinValidity,
    "BM004": model.LevelClosed,
    "BM005": model.AmountOutOfBounds,
}
"""What the database says when it refuses a posting, by SQLSTATE of our own class."""

RESERVING = (PostingKind.reserved, PostingKind.reservation_released)

LEVELS = {
    "appropriation_items": "item_id",
    "allocations": "allocation_id",
    "allotments": "allotment_id",
    "obligations": "obligation_id",
}


OBLIGATION_BALANCES = next(kept for table, _, kept in model.BALANCES if table == "obligations")

_postings = Posting.metadata.tables["budgeting.postings"]


async def post(  # noqa: PLR0913 (a line of the ledger)
    uow: UnitOfWork,
    *,
    kind: PostingKind | str,
    amount: Decimal,
    posted_on: date,
    reference: str | NextNumber,
    pointer: str = "/body/amount",
    saves: TenantOwned | None = None,
    **told: UUID | str | None,
) -> UUID:
    """Move money by one line of the ledger, or refuse with what is left.

    `told` names the lowest level (`item_id`, `allocation_id`, `allotment_id`, `obligation_id` or
    `disbursement_id`), and may give `reason` and `reverses_id`. The database locks the levels from
    the item down, checks and moves every balance and fills in the levels above; rows of these
    levels in this session then show their new balances. An obligation among them must be locked.
    `reference` may be the next number of a series: that, and the changes of the one row that the
    posting `saves`, are written by its own statement, for others wait from there to the commit.
    """
    line: dict[str, Any] = {
        "org_id": uow.actor.org_id,
        "id": uuid7(),
        "kind": str(kind),
        "amount": amount,
        "posted_on": posted_on,
        "reason": "",
        "version": 1,
        "created_at": uow.now(),
        "created_by": uow.actor.user_id,
        "updated_at": uow.now(),
        "updated_by": uow.actor.user_id,
        **told,
    }
    try:
        entered = await _enter(uow, line, reference, saves)
    except DBAPIError as error:
        raise refusal_of(error, REFUSALS, pointer) from error
    await _refresh(uow, {**line, **entered})
    return UUID(str(line["id"]))


async def prove(database: Database, only: Collection[UUID] = ()) -> dict[UUID, list[Difference]]:
    """Recompute every balance of every organization from its postings; differences are named."""
    async with database.unit_of_work(PROVER) as uow:
        ledgers = await list_ledgers(uow.session)
    found = {}
    for org_id in ledgers:
        if not only or org_id in only:
            async with database.unit_of_work(Actor.system(org_id)) as uow:
                found[org_id] = await list_differences(uow.session, org_id)
    DIFFERENCES.set(sum(len(differences) for differences in found.values()))
    PROVEN.set_to_current_time()
    return found


async def prove_nightly(database: Database) -> None:
    """Prove every ledger and tell an operator about any difference."""
    for org_id, differences in (await prove(database)).items():
        for difference in differences:
            log.error("ledger differs", extra={"org": str(org_id), "what": str(difference)})


async def _enter(
    uow: UnitOfWork, line: dict[str, Any], reference: str | NextNumber, saves: TenantOwned | None
) -> dict[str, Any]:
    """Write the line by one statement, with its number and with the row that is saved with it."""
    named = {f"line_{name}": value for name, value in line.items()}
    computed: dict[str, ColumnElement[str]] = {}
    if isinstance(reference, NextNumber):
        named |= following(uow, reference)
        computed = {reference.kept_as: NUMBERED} if reference.kept_as else {}
    else:
        named["line_reference"] = reference
    saving = begin_update(uow.session, saves, computed) if saves is not None else None
    if saving is None:
        await uow.session.flush()
    else:
        named |= saving.values
    statement = _entry(frozenset(named), saving.part if saving else None)
    connection = await uow.session.connection()  # the session itself would flush first
    entered = (await connection.execute(statement, named)).mappings().one_or_none()
    if entered is None:
        raise StaleDataError("what a posting saves is of another version by now")
    if saving is not None:
        saving.note(uow.session, dict.fromkeys(computed, entered["reference"]))
    return dict(entered)


@cache
def _entry(named: frozenset[str], saved: CTE | None) -> ReturningInsert[Any]:
    """Return the statement with these parameters; without a row that was saved it writes none."""
    values: dict[str, ColumnElement[Any]] = {
        column.name: bindparam(f"line_{column.name}", type_=column.type)
        for column in _postings.c
        if f"line_{column.name}" in named
    }
    values.setdefault("reference", NUMBERED)
    line = select(*values.values())
    if saved is not None:
        line = line.select_from(saved)
    kept = (_postings.c[name] for name in ("reference", *LEVELS.values()))
    return insert(_postings).from_select(list(values), line).returning(*kept)


async def _refresh(uow: UnitOfWork, line: Mapping[str, Any]) -> None:
    """Bring loaded rows of the levels in line with what the database made of the posting."""
    rows: list[Any] = list(uow.session.identity_map.values())
    for row in rows:
        table = getattr(type(row), "__tablename__", "")
        if line["kind"] in RESERVING and table != "allotments":
            continue  # no other level knows of reservations
        column = LEVELS.get(table)
        if column is None or line[column] != row.id:
            continue
        if table == "obligations":
            _follow(row, line)
        else:
            balances = [name for name in _columns(row) if name.endswith("_amount")]
            await uow.session.refresh(row, [*balances, "version", "updated_at", "updated_by"])


def _follow(obligation: Any, line: Mapping[str, Any]) -> None:
    """Let a locked obligation show what the posting made of it, without asking again.

    The levels above are locked by now, and others wait for them.
    """
    told = {"version": obligation.version + 1}
    told |= {name: line[name] for name in ("updated_at", "updated_by")}
    for balance, kinds in OBLIGATION_BALANCES:
        moved = dict(kinds).get(line["kind"], 0) * line["amount"]
        told[balance] = getattr(obligation, balance) + moved
    for name, value in told.items():
        set_committed_value(obligation, name, value)


def _columns(row: Any) -> list[str]:
    return [attribute.key for attribute in type(row).__mapper__.column_attrs]


def refusal_of(
    error: DBAPIError, refusals: Mapping[str, type[Refusal]], pointer: str | None = None
) -> Exception:
    """Return in our words what the database refused by a SQLSTATE of our own, or the error."""
    refused = refusals.get(str(getattr(error.orig, "sqlstate", "")))
    if refused is None:
        return error
    cause: Any = getattr(error.orig, "__cause__", None)
    told = str(getattr(cause, "message", "") or error.orig)
    return refused(told, pointer=pointer)
