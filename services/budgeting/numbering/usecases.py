"""Giving out numbers without gaps."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from libs.outbox.uow import UnitOfWork
from services.budgeting.numbering.model import NumberSeries


async def take_number(uow: UnitOfWork, series: str, fiscal_year: int) -> int:
    """Return the next number of the series; others wait for it until this transaction ends."""
    who = {"updated_at": uow.now(), "updated_by": uow.actor.user_id}
    statement = insert(NumberSeries).values(
        org_id=uow.actor.org_id,
        id=uuid7(),
        series=series,
        fiscal_year=fiscal_year,
        last_number=1,
        version=1,
        created_at=uow.now(),
        created_by=uow.actor.user_id,
        **who,
    )
    following = statement.on_conflict_do_update(
        index_elements=["org_id", "series", "fiscal_year"],
        set_={
            "last_number": NumberSeries.last_number + 1,
            "version": NumberSeries.version + 1,
            **who,
        },
    )
    number = await uow.session.scalar(following.returning(NumberSeries.last_number))
    assert number is not None
    return int(number)
