"""The rules and probes see every single change that opens the fence: no mutant survives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from libs.chassis.testing import ServiceDatabase
from tests.contexts import PRESENT, tenant_tables
from tests.contract.catalogue import read_catalogue
from tests.contract.mutants import Mutant, mutants
from tests.contract.probes import Fence, leaks, plant
from tests.contract.rules import EXPIRY, broken_rules

ROWS_MUST_SEE = (
    "security off",
    "not forced",
    "no policy",
    "anything may be written",
    "everything may be read",
    "everything may be read and written",
    "no context, all rows",
    "everything is shared",
    "inserts are shared",
)
"""Changes of a tenant table that show in behaviour, not in the catalogue alone."""


async def killed_by(fence: Fence, mutant: Mutant) -> set[str]:
    """Apply a mutant in a transaction, tell which half of the suite sees it, and undo it.

    The rows are asked where they must see it, or nobody else does.
    """
    attempt = fence.connection.transaction()
    await attempt.start()
    try:
        for statement in mutant.statements:
            await fence.connection.execute(statement)
        seen = {"catalogue"} if await broken_rules(fence.connection, fence.service) else set()
        is_asked = not seen or must_show(fence.service, mutant.name)
        if is_asked and mutant.table in tenant_tables(fence.service):
            seen |= {"rows"} if await leaks(fence, [mutant.table]) else set()
        return seen
    finally:
        await attempt.rollback()


@pytest.mark.parametrize("service", PRESENT)
async def test_every_mutant_is_killed(
    service: str,
    service_database: Callable[[str], Awaitable[ServiceDatabase]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = await service_database(service)
    connection = await asyncpg.connect(made.admin.replace("+asyncpg", ""))
    try:
        fence = await plant(connection, service)
        assert await broken_rules(connection, service) == []
        assert await leaks(fence) == []
        found = list(mutants(await read_catalogue(connection, service)))
        verdicts = {mutant.name: await killed_by(fence, mutant) for mutant in found}
        assert await broken_rules(connection, service) == []
    finally:
        await connection.close()
    assert len(verdicts) == len(found)
    by_rows = [name for name, seen in verdicts.items() if "rows" in seen]
    with capsys.disabled():
        print(f"\n{service}: {len(found)} mutants, {len(by_rows)} seen by rows too")  # noqa: T201
    assert [name for name, seen in verdicts.items() if not seen] == []
    unseen = [name for name in verdicts if name not in by_rows and must_show(service, name)]
    assert unseen == []


def must_show(service: str, name: str) -> bool:
    """Tell whether the row probes must see a mutant by themselves."""
    table, _, what = name.partition(": ")
    if (table, what.removesuffix(" for everyone")) == EXPIRY:
        return False  # it shows rows to the relay alone, whatever their age
    told = what in ROWS_MUST_SEE or what.endswith(" for everyone")
    return table in tenant_tables(service) and told
