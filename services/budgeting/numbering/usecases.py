"""Giving out numbers without gaps."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from libs.outbox.uow import UnitOfWork
from services.budgeting.numbering.model import NextNumber, NumberSeries

# Put together once: others wait while a number is taken.
_series = NumberSeries.metadata.tables["budgeting.number_series"]
_first = insert(_series).values(
    {column: bindparam(f"series_{column.name}") for column in _series.c}
)
FOLLOWING = _first.on_conflict_do_update(
    index_elements=["org_id", "series", "fiscal_year"],
    set_={
        "last_number": _series.c.last_number + 1,
        "version": _series.c.version + 1,
        "updated_at": _first.excluded.updated_at,
        "updated_by": _first.excluded.updated_by,
    },
).returning(_series.c.last_number)

_digits = cast(select(FOLLOWING.cte("taken").c.last_number).scalar_subquery(), Text)
NUMBERED: ColumnElement[str] = bindparam("series_prefix", type_=Text) + func.lpad(
    _digits, func.greatest(5, func.length(_digits)), "0"
)
"""The next number of a series behind its prefix, taken by the statement that this is a part of.

However often it stands there it is one number; the statement needs the parameters of `following`.
"""


async def take_number(uow: UnitOfWork, series: str, fiscal_year: int) -> int:
    """Return the next number of the series; others wait for it until this transaction ends."""
    number = await uow.session.scalar(FOLLOWING, following(uow, NextNumber(series, fiscal_year)))
    assert number is not None
    return int(number)


def following(uow: UnitOfWork, wanted: NextNumber) -> dict[str, Any]:
    """Return the parameters of a statement that takes a number."""
    who, when = uow.actor.user_id, uow.now()
    return {
        "series_org_id": uow.actor.org_id,
        "series_id": uuid7(),
        "series_series": wanted.series,
        "series_fiscal_year": wanted.fiscal_year,
        "series_last_number": 1,
        "series_version": 1,
        "series_created_at": when,
        "series_created_by": who,
        "series_updated_at": when,
        "series_updated_by": who,
        "series_prefix": wanted.prefix,
    }
