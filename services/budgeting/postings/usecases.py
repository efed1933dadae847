"""Posting: the only way in which a balance moves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError
from uuid_utils.compat import uuid7

from libs.outbox.uow import UnitOfWork
from libs.refusals import Refusal
from services.budgeting.postings import model
from services.budgeting.postings.model import Posting, PostingKind

REFUSALS: dict[str, type[Refusal]] = {
    "BM001": model.BalanceExceeded,
    "BM002": model.PeriodClosed,
    "BM003": model.NotWithinValidity,
    "BM004": model.LevelClosed,
    "BM005": model.AmountOutOfBounds,
}
"""What the database says when it refuses a posting, by SQLSTATE of our own class."""

LEVELS = {
    "appropriation_items": "item_id",
    "allocations": "allocation_id",
    "allotments": "allotment_id",
    "obligations": "obligation_id",
}


async def post(  # noqa: PLR0913 (a line of the ledger has this many columns)
    uow: UnitOfWork,
    *,
    kind: PostingKind | str,
    amount: Decimal,
    posted_on: date,
    reference: str,
    item_id: UUID | None = None,
    allocation_id: UUID | None = None,
    allotment_id: UUID | None = None,
    obligation_id: UUID | None = None,
    disbursement_id: UUID | None = None,
    reason: str = "",
    reverses_id: UUID | None = None,
    pointer: str = "/body/amount",
) -> Posting:
    """Move money by one line of the ledger, or refuse with what is left; the lowest level is named.

    The database locks the levels from the item down, checks and moves every balance, and fills in
    the levels above. Rows of these levels in this session then show their new balances.
    """
    await uow.session.flush()
    told: dict[str, Any] = {
        "org_id": uow.actor.org_id,
        "id": uuid7(),
        "kind": str(kind),
        "amount": amount,
        "posted_on": posted_on,
        "reference": reference,
        "reason": reason,
        "item_id": item_id,
        "allocation_id": allocation_id,
        "allotment_id": allotment_id,
        "obligation_id": obligation_id,
        "disbursement_id": disbursement_id,
        "reverses_id": reverses_id,
        "version": 1,
        "created_at": uow.now(),
        "created_by": uow.actor.user_id,
        "updated_at": uow.now(),
        "updated_by": uow.actor.user_id,
    }
    statement = insert(Posting).values(told).returning(Posting)
    try:
        posting = (await uow.session.scalars(statement)).one()
    except DBAPIError as error:
        raise _refusal(error, pointer) from error
    await _refresh(uow, posting)
    return posting


async def _refresh(uow: UnitOfWork, posting: Posting) -> None:
    """Bring loaded rows of the levels in line with what the database made of the posting."""
    rows: list[Any] = list(uow.session.identity_map.values())
    for row in rows:
        column = LEVELS.get(getattr(type(row), "__tablename__", ""))
        if column is not None and getattr(posting, column) == row.id:
            balances = [name for name in _columns(row) if name.endswith("_amount")]
            await uow.session.refresh(row, [*balances, "version", "updated_at", "updated_by"])


def _columns(row: Any) -> list[str]:
    return [attribute.key for attribute in type(row).__mapper__.column_attrs]


def _refusal(error: DBAPIError, pointer: str) -> Exception:
    refused = REFUSALS.get(str(getattr(error.orig, "sqlstate", "")))
    if refused is None:
        return error
    cause: Any = getattr(error.orig, "__cause__", None)
    told = str(getattr(cause, "message", "") or error.orig)
    return refused(told, pointer=pointer)
