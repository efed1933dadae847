"""Whether lines agree with the catalogue of object codes, and what it holds for a year."""

from __future__ import annotations

from collections.abc import Sequence

from libs.outbox.uow import UnitOfWork
from libs.refusals import Refusal
from libs.tenancy.rows import MANILA
from services.budgeting.object_codes.model import Classified, LinesOutdated
from services.budgeting.object_codes.queries import (
    find_threshold,
    get_catalogue,
    list_object_codes,
)
from services.budgeting.object_codes.schemas import (
    CatalogueRead,
    ObjectCodeFilter,
    ObjectCodeRead,
)

MOST_NAMED = 20
"""How many lines at fault one answer names."""


async def check_lines(
    uow: UnitOfWork, lines: Sequence[tuple[Classified, str]], fiscal_year: int
) -> None:
    """Refuse the first line, with where it was said, that the catalogue does not allow."""
    if not lines:
        return
    codes = {line.object_code for line, _ in lines}
    with uow.session.no_autoflush:
        catalogue = await get_catalogue(uow.session, fiscal_year, codes)
    for line, pointer in lines:
        catalogue.check(line, pointer)


async def check_stored_lines(
    uow: UnitOfWork, lines: Sequence[tuple[Classified, str]], fiscal_year: int
) -> None:
    """Refuse stored lines, each under its own name, that the catalogue does not allow any more."""
    codes = {line.object_code for line, _ in lines}
    catalogue = await get_catalogue(uow.session, fiscal_year, codes)
    faults = []
    for line, name in lines:
        try:
            catalogue.check(line, name)
        except Refusal as refusal:
            faults.append(f"{name}: {refusal.detail}")
    if faults:
        more = f" And {len(faults) - MOST_NAMED} more." if len(faults) > MOST_NAMED else ""
        raise LinesOutdated(" ".join(faults[:MOST_NAMED]) + more)


async def get_object_codes(uow: UnitOfWork, params: ObjectCodeFilter) -> CatalogueRead:
    """Tell which codes lines of a fiscal year may have."""
    year = params.fiscal_year or uow.now().astimezone(MANILA).year
    rows = await list_object_codes(uow.session, year, params)
    return CatalogueRead(
        fiscal_year=year,
        capital_threshold_amount=await find_threshold(uow.session, year),
        object_codes=[ObjectCodeRead.model_validate(row) for row in rows],
    )
