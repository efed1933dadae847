"""Giving out numbers without gaps."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from libs.outbox.uow import UnitOfWork
from services.budgeting.numbering.model import NumberSeries

# Put together once: others wait while a number is taken.
_series = NumberSeries.metadata.tables["budgeting.number_series"]
_first = insert(_series)
FOLLOWING = _first.on_conflict_do_update(
    index_elements=["org_id", "series", "fiscal_year"],
    set_={
        "last_number": _series.c.last_number + 1,
        "version": _series.c.version + 1,
        "updated_at": _first.excluded.updated_at,
        "updated_by": _first.excluded.updated_by,
    },
).returning(_series.c.last_number)


async def take_number(uow: UnitOfWork, series: str, fiscal_year: int) -> int:
    """Return the next number of the series; others wait for it until this transaction ends."""
    number = await uow.session.scalar(
        FOLLOWING,
        {
            "org_id": uow.actor.org_id,
            "id": uuid7(),
            "series": series,
            "fiscal_year": fiscal_year,
            "last_number": 1,
            "version": 1,
            "created_at": uow.now(),
            "created_by": uow.actor.user_id,
            "updated_at": uow.now(),
            "updated_by": uow.actor.user_id,
        },
    )
    assert number is not None
    return int(number)
