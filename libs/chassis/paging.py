"""Paging: an opaque cursor over a keyset, filters and sort orders that a list declares."""

from __future__ import annotations

import base64
import functools
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
)
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.shapes import ReadShape
from libs.refusals import Invalid
from libs.tenancy.rows import TenantOwned

DEFAULT_LIMIT = 20
MAX_LIMIT = 200

RowT = TypeVar("RowT", bound=TenantOwned)
ItemT = TypeVar("ItemT", bound=BaseModel)


class CursorNotOurs(Invalid):
    """A cursor that this list did not give, or that belongs to another order."""

    title = "The cursor does not belong to this list."


def _coerce(value: Any) -> Any:
    try:
        number = int(str(value))
    except ValueError:
        return value
    return min(number, MAX_LIMIT) if number >= 1 else value


class ListParams(BaseModel):
    """The query of every list. A slice adds its filters as fields and `sort` as a Literal."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    limit: Annotated[
        int,
        Field(ge=1, description="Records a page, 1 to 200; a larger number counts as 200."),
        BeforeValidator(_coerce),
    ] = DEFAULT_LIMIT
    cursor: Annotated[
        str | None, Field(max_length=1000, description="The `next` of the page before.")
    ] = None
    count: Annotated[
        Literal["exact"] | None, Field(description="`exact` adds the total to the answer.")
    ] = None
    sort: str = "-created_at"


class Page(ReadShape, Generic[ItemT]):
    """One page of a list; `next` is the cursor of the following page, null on the last."""

    items: list[ItemT]
    next: str | None
    total: Annotated[int | None, Field(description="Only with `count=exact`.")]


class Rows(Generic[RowT]):
    """What `page` found; a Page shape is read from its attributes."""

    def __init__(self, items: Sequence[RowT], next_cursor: str | None, total: int | None) -> None:
        """Take the rows, the cursor of the next page and the total if it was asked for."""
        self.items = list(items)
        self.next = next_cursor
        self.total = total


async def page(
    session: AsyncSession,
    statement: Select[RowT],
    model: type[RowT],
    params: ListParams,
    equal: Sequence[str] = (),
) -> Rows[RowT]:
    """Run a list: one statement a page, one more with `count=exact`.

    `equal` names columns that must be what `params` says of them, where it says anything;
    `params.sort` names a column of `model`, with `-` in front for descending; ties are broken
    by id. Raises CursorNotOurs for a cursor of another list or order.
    """
    for each in equal:
        if (wanted := getattr(params, each)) is not None:
            statement = statement.where(getattr(model, each) == wanted)
    name = params.sort.removeprefix("-")
    column: Any = getattr(model, name)
    falls = params.sort.startswith("-")
    total = None
    if params.count is not None:
        total = await session.scalar(
            select(func.count()).select_from(statement.order_by(None).subquery())
        )
    if params.cursor is not None:
        statement = statement.where(_after(params, column, model, falls=falls))
    order = (column.desc(), model.id.desc()) if falls else (column, model.id)
    few = await session.scalars(statement.order_by(*order).limit(params.limit + 1))
    found = few.unique().all()
    rows = found[: params.limit]
    more = len(found) > params.limit
    return Rows(rows, _cursor(params.sort, column, rows[-1]) if more else None, total)


@functools.cache
def _shape(kind: type[Any]) -> TypeAdapter[tuple[str, Any, UUID]]:
    """Return how a cursor is written: the order, the last value of its column, the last id."""
    value: Any = AwareDatetime if kind is datetime else kind
    return TypeAdapter(tuple[str, value | None, UUID])


def _cursor(sort: str, column: Any, row: TenantOwned) -> str:
    last = (sort, getattr(row, column.key), row.id)
    told = _shape(column.type.python_type).dump_json(last)
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _read(params: ListParams, column: Any) -> tuple[Any, UUID]:
    try:
        padded = f"{params.cursor}{'=' * (-len(params.cursor or '') % 4)}"
        told = base64.b64decode(padded, altchars=b"-_", validate=True)
        sort, value, row_id = _shape(column.type.python_type).validate_json(told, strict=True)
    except ValueError as error:
        raise CursorNotOurs("Begin again without the cursor.", pointer="/query/cursor") from error
    if sort != params.sort or (value is None and not column.nullable):
        raise CursorNotOurs("Begin again without the cursor.", pointer="/query/cursor")
    return value, row_id


def _after(
    params: ListParams, column: Any, model: type[RowT], *, falls: bool
) -> ColumnElement[bool]:
    """Return what comes after the cursor; nulls stand last, and first when the order falls."""
    value, row_id = _read(params, column)
    here = tuple_(column, model.id)
    if value is not None:
        return here < (value, row_id) if falls else or_(here > (value, row_id), column.is_(None))
    rest = and_(column.is_(None), model.id < row_id if falls else model.id > row_id)
    return or_(rest, column.is_not(None)) if falls else rest
